package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Labels;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Guard.Candidate;
import dev.fairlead.plan.Guard.Excluded;
import dev.fairlead.plan.Guard.Kept;
import dev.fairlead.plan.Guard.Own;
import dev.fairlead.plan.Guard.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardTest {
  private static final MaxPrune HALF = MaxPrune.parse("50%");
  private static final Own OWN =
      new Own(
          Optional.of("fairlead-system"),
          Set.of(new ObjectKey("apps", "Deployment", "fairlead-system", "fairlead")));

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          half of the objects is allowed                     | 10 | 5  | 50%  | true
          more than half is not                              | 10 | 6  | 50%  | false
          half of an odd number is rounded down              | 5  | 3  | 50%  | false
          the only object is more than half                  | 1  | 1  | 50%  | false
          nothing is always allowed                          | 10 | 0  | 50%  | true
          nothing of nothing is allowed                      | 0  | 0  | 0    | true
          a count allows that many                           | 10 | 3  | 3    | true
          a count allows no more                             | 10 | 4  | 3    | false
          zero allows none                                   | 10 | 1  | 0    | false
          zero percent allows none                           | 10 | 1  | 0%   | false
          a hundred percent allows all                       | 10 | 10 | 100% | true
          """)
  void asksBeforeALargePrune(
      String sentence, int total, int removed, String maxPrune, boolean allowed) {
    Verdict verdict = decide(total, configMaps(removed), MaxPrune.parse(maxPrune));

    assertThat(verdict instanceof Verdict.Allowed).isEqualTo(allowed);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a Namespace is asked for                           | Namespace | portfolio | false | false
          a claim is asked for                               | PersistentVolumeClaim | data | false | false
          a definition with instances is asked for           | CustomResourceDefinition.apiextensions.k8s.io | things.example.org | true | false
          a definition without instances is not              | CustomResourceDefinition.apiextensions.k8s.io | things.example.org | false | true
          a volume is not                                    | PersistentVolume | data | false | true
          nor is one that a claim holds, which it outlives   | PersistentVolume | data | true | true
          a Deployment is not                                | Deployment.apps | web | false | true
          another group's kind of that name is not           | Namespace.example.org | portfolio | false | true
          """)
  void asksBeforeItDeletesWhatCannotBeHadBack(
      String sentence, String kind, String name, boolean hasInstances, boolean allowed) {
    Candidate candidate = new Candidate(key(kind, name), "uid", Map.of(), 1, hasInstances);

    Verdict verdict = decide(100, List.of(candidate), MaxPrune.parse("100%"));

    assertThat(verdict instanceof Verdict.Allowed).isEqualTo(allowed);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a Namespace stays                        | Namespace                                     | false | true
          a claim stays                            | PersistentVolumeClaim                         | false | true
          a definition with instances stays        | CustomResourceDefinition.apiextensions.k8s.io | true  | true
          a definition without instances goes      | CustomResourceDefinition.apiextensions.k8s.io | false | false
          a volume that a claim holds stays        | PersistentVolume                              | true  | true
          a volume that nobody holds goes          | PersistentVolume                              | false | false
          a ConfigMap goes                         | ConfigMap                                     | false | false
          """)
  void leavesBehindWhatADeletedSyncCannotTakeAlong(
      String sentence, String kind, boolean inUse, boolean stays) {
    Candidate candidate = new Candidate(key(kind, "it"), "uid", Map.of(), 1, inUse);

    Verdict.Allowed verdict =
        Guard.whenDeleted(List.of(candidate), new Guard.Own(Optional.empty(), Set.of()));

    assertThat(verdict.excluded().isEmpty()).isEqualTo(!stays);
    assertThat(verdict.prune().isEmpty()).isEqualTo(stays);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          prune disabled stays                       | fairlead.dev/prune | disabled | PRUNE_DISABLED
          reconcile disabled stays                   | fairlead.dev/reconcile | disabled | RECONCILE_DISABLED
          Helm's keep stays                          | helm.sh/resource-policy | keep | HELM_POLICY
          Helm's keep may be written in other ways   | helm.sh/resource-policy | ' Keep' | HELM_POLICY
          prune with another value goes              | fairlead.dev/prune | enabled |
          create-only goes                           | fairlead.dev/reconcile | create-only |
          """)
  void leavesWhatSaysThatItIsToStay(String sentence, String annotation, String value, Kept kept) {
    Candidate candidate =
        new Candidate(key("ConfigMap", "a"), "uid", Map.of(annotation, value), 1, false);

    Verdict verdict = decide(10, List.of(candidate), HALF);

    assertThat(verdict)
        .isEqualTo(
            kept == null
                ? new Verdict.Allowed(List.of(candidate.key()), List.of())
                : new Verdict.Allowed(List.of(), List.of(new Excluded(candidate.key(), kept))));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the Namespace default stays                | Namespace | default | true
          the Namespace kube-system stays            | Namespace | kube-system | true
          any Namespace kube-* stays                 | Namespace | kube-anything | true
          Fairlead's Namespace stays                 | Namespace | fairlead-system | true
          Fairlead's definition stays                | CustomResourceDefinition.apiextensions.k8s.io | gitsyncs.fairlead.dev | true
          a Namespace that only begins alike goes    | Namespace | kubernetes | false
          a ConfigMap called default goes            | ConfigMap | default | false
          another definition goes                    | CustomResourceDefinition.apiextensions.k8s.io | gitsyncs.example.org | false
          """)
  void neverDeletesWhatClusterAndFairleadNeed(
      String sentence, String kind, String name, boolean stays) {
    List<Candidate> candidates = List.of(new Candidate(key(kind, name), "uid", Map.of(), 1, false));
    String digest = digest(candidates);

    Verdict verdict = Guard.decide(10, candidates, HALF, Optional.of(digest), Set.of(), OWN);

    assertThat(verdict.excluded().isEmpty()).isNotEqualTo(stays);
  }

  @Test
  void fairleadsOwnObjectsStay() {
    ObjectKey own = OWN.objects().iterator().next();

    Verdict verdict = decide(10, List.of(new Candidate(own, "uid", Map.of(), 1, false)), HALF);

    assertThat(verdict)
        .isEqualTo(new Verdict.Allowed(List.of(), List.of(new Excluded(own, Kept.PROTECTED))));
  }

  @Test
  void objectsInTheNamespaceDefaultGo() {
    ObjectKey key = new ObjectKey("", "ConfigMap", "default", "a");

    assertThat(decide(10, List.of(new Candidate(key, "uid", Map.of(), 1, false)), HALF))
        .isEqualTo(new Verdict.Allowed(List.of(key), List.of()));
  }

  @Test
  void whatStaysDoesNotCount() {
    List<Candidate> candidates = new ArrayList<>(configMaps(5));
    candidates.add(
        new Candidate(key("ConfigMap", "kept"), "uid", Map.of(Labels.PRUNE, "disabled"), 1, false));

    assertThat(decide(10, candidates, HALF)).isInstanceOf(Verdict.Allowed.class);
  }

  @Test
  void aGitSyncCountsAsAllThatItWouldPrune() {
    List<Candidate> candidates =
        List.of(new Candidate(key("GitSync.fairlead.dev", "apps"), "uid", Map.of(), 41, false));

    Verdict verdict = decide(10, candidates, HALF);

    assertThat(verdict).isInstanceOf(Verdict.Blocked.class);
    assertThat(((Verdict.Blocked) verdict).pendingPrune().objects()).isEqualTo(41);
  }

  @Test
  void theApprovalOfExactlyThisPruneAllowsIt() {
    List<Candidate> candidates = configMaps(9);
    String digest = digest(candidates);

    assertThat(Guard.decide(10, candidates, HALF, Optional.of(digest), Set.of(), OWN))
        .isInstanceOf(Verdict.Allowed.class);
    assertThat(Guard.decide(11, configMaps(10), HALF, Optional.of(digest), Set.of(), OWN))
        .isInstanceOf(Verdict.Blocked.class);
    assertThat(Guard.decide(10, configMaps(8), HALF, Optional.of(digest), Set.of(), OWN))
        .isInstanceOf(Verdict.Blocked.class);
    assertThat(Guard.decide(10, candidates, HALF, Optional.of(""), Set.of(), OWN))
        .isInstanceOf(Verdict.Blocked.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the very objects that were shown are approved          | 1 | 9  | true
          of the same names, but made anew since, they are not   | 2 | 9  | false
          nor a GitSync that has got more objects since          | 1 | 10 | false
          nor one that has lost some                             | 1 | 8  | false
          """)
  void anApprovalIsForWhatWasShown(String sentence, String uid, int counts, boolean allowed) {
    ObjectKey key = key("GitSync.fairlead.dev", "apps");
    String shown = digest(List.of(new Candidate(key, "1", Map.of(), 9, false)));

    Verdict verdict =
        Guard.decide(
            10,
            List.of(new Candidate(key, uid, Map.of(), counts, false)),
            HALF,
            Optional.of(shown),
            Set.of(),
            OWN);

    assertThat(verdict instanceof Verdict.Allowed).isEqualTo(allowed);
  }

  @Test
  void theMessageSaysThatAGitSyncTakesItsObjectsAlong() {
    Candidate apps = new Candidate(key("GitSync.fairlead.dev", "apps"), "uid", Map.of(), 41, false);

    Verdict.Blocked blocked = (Verdict.Blocked) decide(10, List.of(apps), HALF);

    assertThat(blocked.message())
        .contains(
            "it would delete 41 objects, those of its GitSyncs among them; it has 10 of its own,"
                + " where maxPrune allows 50%.");
  }

  @Test
  void whatFairleadRunsWithStays() {
    Own own = Own.in("fairlead-system");
    List<Candidate> candidates =
        List.of(
            candidate("apps", "Deployment", "fairlead-system", "fairlead"),
            candidate("", "ServiceAccount", "fairlead-system", "fairlead"),
            candidate("rbac.authorization.k8s.io", "ClusterRole", "", "fairlead"),
            candidate("rbac.authorization.k8s.io", "ClusterRoleBinding", "", "fairlead"),
            candidate("rbac.authorization.k8s.io", "ClusterRoleBinding", "", "fairlead-apply"),
            candidate("apps", "Deployment", "elsewhere", "fairlead"),
            candidate("apps", "Deployment", "fairlead-system", "portfolio"));

    Verdict.Allowed verdict = Guard.whenDeleted(candidates, own);

    assertThat(verdict.prune())
        .extracting(ObjectKey::toString)
        .containsExactly("Deployment elsewhere/fairlead", "Deployment fairlead-system/portfolio");
  }

  private static Candidate candidate(String group, String kind, String namespace, String name) {
    return new Candidate(new ObjectKey(group, kind, namespace, name), "uid", Map.of(), 1, false);
  }

  @Test
  void whatIsLeftOfAnApprovedPruneNeedsNoOtherApproval() {
    List<Candidate> candidates = configMaps(9);
    Set<ObjectKey> allowed =
        Set.copyOf(
            Guard.decide(10, candidates, HALF, Optional.of(digest(candidates)), Set.of(), OWN)
                    instanceof Verdict.Allowed a
                ? a.prune()
                : List.of());

    assertThat(Guard.decide(9, candidates.subList(1, 9), HALF, Optional.empty(), allowed, OWN))
        .isInstanceOf(Verdict.Allowed.class);
    assertThat(Guard.decide(11, configMaps(10), HALF, Optional.empty(), allowed, OWN))
        .isInstanceOf(Verdict.Blocked.class);
  }

  @Test
  void theDigestDependsOnTheObjectsAlone() {
    List<Candidate> candidates = new ArrayList<>(configMaps(9));
    String digest = digest(candidates);
    Collections.reverse(candidates);

    assertThat(digest(candidates)).isEqualTo(digest).isEqualTo("c8c264df9f4c0410");
  }

  @Test
  void theMessageSaysWhatWouldGoAndHowToApproveIt() {
    List<Candidate> candidates = new ArrayList<>(configMaps(7));
    candidates.add(new Candidate(key("Namespace", "portfolio"), "uid", Map.of(), 1, false));
    candidates.add(
        new Candidate(
            key("CustomResourceDefinition.apiextensions.k8s.io", "things.example.org"),
            "uid",
            Map.of(),
            1,
            true));

    Verdict.Blocked blocked = (Verdict.Blocked) decide(12, candidates, HALF);

    assertThat(blocked.message())
        .isEqualTo(
            "the prune waits for approval: it would delete 9 of 12 objects, where maxPrune allows"
                + " 50%, among them CustomResourceDefinition things.example.org with its instances,"
                + " Namespace portfolio. To approve it, annotate the GitSync with"
                + " fairlead.dev/approve-prune="
                + blocked.digest()
                + "; to keep the objects, bring them back in Git");
    assertThat(blocked.digest()).matches("[0-9a-f]{16}");
  }

  @Test
  void theMessageSaysThatAnApprovalIsForAnotherPrune() {
    Verdict verdict = Guard.decide(10, configMaps(9), HALF, Optional.of("0123"), Set.of(), OWN);

    assertThat(((Verdict.Blocked) verdict).message())
        .contains("9 of 10 objects, where maxPrune allows 50%; the approval that is set is for");
  }

  @Test
  void theMessageAndStatusNameOnlyTheFirst() {
    List<Candidate> claims =
        IntStream.range(0, 20)
            .mapToObj(i ->
                new Candidate(
                    key("PersistentVolumeClaim", "c" + (10 + i)), "uid", Map.of(), 1, false))
            .toList();

    Verdict.Blocked blocked = (Verdict.Blocked) decide(100, claims, HALF);

    assertThat(blocked.message())
        .contains(
            "20 of 100 objects, among them PersistentVolumeClaim portfolio/c10,"
                + " PersistentVolumeClaim portfolio/c11, PersistentVolumeClaim portfolio/c12 and 17"
                + " more like these.");
    assertThat(blocked.pendingPrune().first())
        .hasSize(10)
        .startsWith("PersistentVolumeClaim portfolio/c10");
    assertThat(blocked.pendingPrune().objects()).isEqualTo(20);
  }

  @Test
  void aDeletedGitSyncTakesEverythingButWhatCannotBeHadBack() {
    Candidate configMap = configMaps(1).getFirst();
    Candidate namespace = new Candidate(key("Namespace", "portfolio"), "uid", Map.of(), 1, false);
    Candidate claim =
        new Candidate(key("PersistentVolumeClaim", "data"), "uid", Map.of(), 1, false);
    Candidate kept =
        new Candidate(key("Service", "a"), "uid", Map.of(Labels.PRUNE, "disabled"), 1, false);

    Verdict.Allowed verdict = Guard.whenDeleted(List.of(claim, namespace, kept, configMap), OWN);

    assertThat(verdict.prune()).containsExactly(configMap.key());
    assertThat(verdict.excluded())
        .containsExactly(
            new Excluded(namespace.key(), Kept.PRECIOUS),
            new Excluded(claim.key(), Kept.PRECIOUS),
            new Excluded(kept.key(), Kept.PRUNE_DISABLED));
  }

  private static Verdict decide(int total, List<Candidate> candidates, MaxPrune maxPrune) {
    return Guard.decide(total, candidates, maxPrune, Optional.empty(), Set.of(), OWN);
  }

  private static String digest(List<Candidate> candidates) {
    return Guard.decide(0, candidates, MaxPrune.parse("0"), Optional.empty(), Set.of(), OWN)
            instanceof Verdict.Blocked blocked
        ? blocked.digest()
        : "";
  }

  private static List<Candidate> configMaps(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Candidate(key("ConfigMap", "m" + i), "uid", Map.of(), 1, false))
        .toList();
  }

  private static ObjectKey key(String kind, String name) {
    GroupKind groupKind = GroupKind.parse(kind);
    boolean cluster =
        Set.of("Namespace", "CustomResourceDefinition", "PersistentVolume")
            .contains(groupKind.kind());
    return new ObjectKey(groupKind.group(), groupKind.kind(), cluster ? "" : "portfolio", name);
  }
}
