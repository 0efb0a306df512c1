package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.baseline;
import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Finding;
import dev.fairlead.health.Health;
import dev.fairlead.health.Stability;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.ObjectCounts;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Damping;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.HealthView.Changed;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthViewTest {
  private static final Health WAITS = Health.progressing("MinimumReplicas", "1 of 2 are available");
  private static final Health PULLS = Health.failed("ImagePullBackOff", "cannot pull the image");

  private final List<DesiredObject> desired = new ArrayList<>();
  private final Map<ObjectKey, Held> held = new HashMap<>();
  private final Map<ObjectKey, Observed> observed = new HashMap<>();
  private final Set<String> doneJobs = new HashSet<>();
  private final Map<ObjectKey, Stability> told = new HashMap<>();
  private final Map<ObjectKey, Inquiry> inquiries = new HashMap<>();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a kind without health is well once it is applied           | ConfigMap       | 10 | -  | -      | HEALTHY
          a kind without health that nobody applied or saw is not    | ConfigMap       | -  | -  | -      | PROGRESSING
          a kind without health is well when it is seen              | ConfigMap       | -  | 10 | well   | HEALTHY
          a kind without health need not be seen in its last version | ConfigMap       | 11 | 10 | well   | HEALTHY
          a workload is well when it is seen so                      | Deployment.apps | 10 | 10 | well   | HEALTHY
          a workload that nobody has seen is not well                | Deployment.apps | 10 | -  | -      | PROGRESSING
          a workload is not judged by what came before our write     | Deployment.apps | 11 | 10 | well   | PROGRESSING
          nor does it fail for what came before our write            | Deployment.apps | 11 | 10 | failed | PROGRESSING
          a workload is judged by what came after our write          | Deployment.apps | 11 | 12 | failed | FAILED
          versions are compared as numbers                           | Deployment.apps | 9  | 10 | well   | HEALTHY
          a workload of an earlier process is judged by what is seen | Deployment.apps | -  | 10 | well   | HEALTHY
          a workload that waits is not well                          | Deployment.apps | 10 | 10 | waits  | PROGRESSING
          """)
  void judgesAnObject(
      String sentence, String kind, String written, String seen, String health, String expected) {
    DesiredObject it = want(kind, "it");
    if (!written.equals("-")) {
      held.put(it.key(), Held.unverified(it).applied(it, baseline(written)));
    }
    if (!seen.equals("-")) {
      see(it, seen, health(health));
    }

    assertThat(view(Set.of(it.key())).changed()).isEqualTo(Changed.valueOf(expected));
  }

  @Test
  void whatWasFoundOutIsToldInPlaceOfTheObjectsOwnWords() {
    DesiredObject web = want("Deployment.apps", "web");
    see(web, "10", WAITS);
    inquiries.put(
        web.key(),
        Inquiry.open(
            web,
            WAITS,
            NOON,
            Optional.of(
                new Inquiry.Told(
                    Finding.plain("ImagePullBackOff", "cannot", "", NOON.minusSeconds(9)),
                    "the pods cannot pull it",
                    web.origin(),
                    21))));

    assertThat(view(Set.of()).problems())
        .containsExactly(
            new Problem(
                web.key().toString(),
                web.origin().file(),
                21,
                "ImagePullBackOff",
                "the pods cannot pull it",
                NOON.minusSeconds(9)));
  }

  @Test
  void whatIsUnwellAndThereIsToBeLookedIntoAlsoWhileItIsToldCalmly() {
    DesiredObject web = want("Deployment.apps", "web");
    DesiredObject well = want("Deployment.apps", "well");
    DesiredObject unseen = want("Deployment.apps", "unseen");
    DesiredObject custom = want("Thing.example.org", "thing");
    see(web, "10", Health.HEALTHY);
    see(well, "10", Health.HEALTHY);
    see(custom, "10", WAITS);
    HealthView before = view(Set.of());
    see(web, "11", WAITS);

    HealthView view = view(Set.of());

    assertThat(before.unwell()).isEmpty();
    assertThat(view.problems()).hasSize(2).noneMatch(p -> p.object().contains("web"));
    assertThat(view.unwell()).containsExactly(new Inquiries.Unwell(web, WAITS));
    assertThat(unseen).isNotNull();
  }

  @Test
  void aFinishedJobIsWellAlthoughItIsGone() {
    DesiredObject job = want("Job.batch", "migrate");
    doneJobs.add(job.digest().toString());

    assertThat(view(Set.of(job.key())).counts()).isEqualTo(new ObjectCounts(1, 1, 0, 0));
  }

  @Test
  void aJobThatFinishedWithAnotherContentIsJudgedLikeAnyOther() {
    DesiredObject job = want("Job.batch", "migrate");
    doneJobs.add(desired("Job.batch", "migrate", "old").digest().toString());

    assertThat(view(Set.of(job.key())).counts()).isEqualTo(new ObjectCounts(1, 0, 1, 0));
  }

  @Test
  void everyObjectIsCountedOnceAndTheWorstComesFirst() {
    see(want("Deployment.apps", "a-waits"), "10", WAITS);
    see(want("Deployment.apps", "b-well"), "10", Health.HEALTHY);
    see(want("Deployment.apps", "c-failed"), "10", PULLS);
    DesiredObject refused = want("ConfigMap", "d-refused");
    problem(refused, Reason.OWNED_ELSEWHERE.toString(), "belongs to GitSync apps/other");
    see(refused, "10", Health.HEALTHY);

    HealthView view = view(Set.of());

    assertThat(view.counts()).isEqualTo(new ObjectCounts(4, 1, 1, 2));
    assertThat(view.failed()).isTrue();
    assertThat(view.problems().stream().map(p -> p.object() + ": " + p.reason()))
        .containsExactly(
            "ConfigMap apps/d-refused: OwnedElsewhere",
            "Deployment apps/c-failed: ImagePullBackOff",
            "Deployment apps/a-waits: MinimumReplicas");
  }

  @Test
  void aProblemSaysWhereTheObjectIsWritten() {
    see(want("Deployment.apps", "web"), "10", PULLS);

    assertThat(view(Set.of()).problems())
        .containsExactly(
            new Problem(
                "Deployment apps/web",
                "deploy/web.yaml",
                3,
                "ImagePullBackOff",
                "cannot pull the image",
                NOON));
  }

  @Test
  void aProblemHasAReasonInOneWordEvenWhereTheObjectGivesNone() {
    see(want("Deployment.apps", "a"), "10", Health.failed("", "failed somehow"));
    see(want("Deployment.apps", "b"), "10", Health.TERMINATING);

    assertThat(view(Set.of()).problems().stream().map(Problem::reason))
        .containsExactly("Failed", "Progressing");
  }

  @Test
  void onlyWhatTheCommitChangedDecidesOnItsRollout() {
    see(want("Deployment.apps", "ill-before"), "10", PULLS);
    DesiredObject web = want("Deployment.apps", "web");
    see(web, "10", Health.HEALTHY);

    HealthView view = view(Set.of(web.key()));

    assertThat(view.changed()).isEqualTo(Changed.HEALTHY);
    assertThat(view.failed()).isTrue();
  }

  @Test
  void oneFailureFailsARolloutWhateverTheOthersDo() {
    DesiredObject first = want("Deployment.apps", "a");
    DesiredObject second = want("Deployment.apps", "b");
    DesiredObject third = want("Deployment.apps", "c");
    see(first, "10", WAITS);
    see(second, "10", PULLS);
    see(third, "10", WAITS);

    assertThat(view(Set.of(first.key(), second.key(), third.key())).changed())
        .isEqualTo(Changed.FAILED);
  }

  @Test
  void aContestIsToldByItsOwnWord() {
    DesiredObject settings = want("ConfigMap", "settings");
    contest(settings);

    assertThat(view(Set.of()).contested()).isTrue();
    assertThat(view(Set.of()).counts()).isEqualTo(new ObjectCounts(1, 0, 0, 1));
  }

  @Test
  void anotherProblemIsNoContest() {
    problem(want("ConfigMap", "settings"), Reason.ACCESS_DENIED.toString(), "forbidden");

    assertThat(view(Set.of()).contested()).isFalse();
  }

  @Test
  void aHiccupIsNotToldForAMinuteAndTheViewSaysWhenItWillBe() {
    DesiredObject web = want("Deployment.apps", "web");
    DesiredObject api = want("Deployment.apps", "api");
    see(web, "10", Health.HEALTHY);
    see(api, "10", Health.HEALTHY);
    view(Set.of());
    see(web, "11", WAITS);
    HealthView at10 = view(Set.of(), 10);
    see(api, "12", WAITS);
    HealthView at20 = view(Set.of(), 20);
    HealthView at70 = view(Set.of(), 70);

    assertThat(at10.counts().healthy()).isEqualTo(2);
    assertThat(at10.due()).contains(NOON.plusSeconds(70));
    assertThat(at20.due()).as("the earliest of both").contains(NOON.plusSeconds(70));
    assertThat(at70.counts()).isEqualTo(new ObjectCounts(2, 1, 1, 0));
    assertThat(at70.due()).contains(NOON.plusSeconds(80));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          what the commit changed is awaited                    | waits  | -         | false | ROLLING_OUT | ROLLING_OUT
          until its time is over                                | waits  | -         | true  | UNHEALTHY   | UNHEALTHY
          what failed is not awaited                            | failed | -         | false | UNHEALTHY   | UNHEALTHY
          what is refused is not awaited                        | well   | refused   | false | UNHEALTHY   | UNHEALTHY
          what is healthy is settled                            | well   | -         | false | ROLLING_OUT | SETTLED
          a contest is told while something is awaited          | waits  | contested | false | CONTESTED   | CONTESTED
          also when the time is over                            | waits  | contested | true  | CONTESTED   | CONTESTED
          also when something failed                            | failed | contested | false | CONTESTED   | CONTESTED
          and when nothing is awaited                           | well   | contested | false | CONTESTED   | CONTESTED
          """)
  void saysWhereTheSyncStands(
      String sentence, String health, String trouble, boolean late, Phase awaited, Phase reached) {
    DesiredObject web = want("Deployment.apps", "web");
    see(web, "10", health(health));
    DesiredObject settings = want("ConfigMap", "settings");
    see(settings, "10", Health.HEALTHY);
    switch (trouble) {
      case "refused" -> problem(settings, Reason.OWNED_ELSEWHERE.toString(), "GitSync apps/other");
      case "contested" -> contest(settings);
      default -> {}
    }

    HealthView view = view(Set.of(web.key(), settings.key()));

    assertThat(view.awaited(late)).isEqualTo(awaited);
    assertThat(view.reached(late)).isEqualTo(reached);
  }

  @Test
  void aContestIsOverWhenNobodyContestedForAWhile() {
    DesiredObject settings = want("ConfigMap", "settings");
    see(settings, "10", Health.HEALTHY);
    contest(settings);
    long quiet = Damping.QUIET.toSeconds();

    HealthView before = view(Set.of(), quiet - 1);
    HealthView after = view(Set.of(), quiet);

    assertThat(before.contested()).isTrue();
    assertThat(before.due()).as("it is looked at again").contains(NOON.plusSeconds(quiet));
    assertThat(after.contested()).isFalse();
    assertThat(after.counts()).isEqualTo(new ObjectCounts(1, 1, 0, 0));
    assertThat(after.due()).isEmpty();
  }

  @Test
  void aSyncOfNothingIsWell() {
    HealthView view = view(Set.of());

    assertThat(view.counts()).isEqualTo(ObjectCounts.NONE);
    assertThat(view.changed()).isEqualTo(Changed.HEALTHY);
    assertThat(view.problems()).isEmpty();
    assertThat(view.due()).isEmpty();
  }

  private HealthView view(Set<ObjectKey> changed) {
    return view(changed, 0);
  }

  private HealthView view(Set<ObjectKey> changed, long second) {
    Instant now = NOON.plusSeconds(second);
    return HealthView.of(
        desired,
        k -> Optional.ofNullable(held.get(k)),
        k -> Optional.ofNullable(observed.get(k)),
        o -> doneJobs.contains(o.digest().toString()),
        changed,
        told,
        1,
        k -> Optional.ofNullable(inquiries.get(k)),
        now);
  }

  private DesiredObject want(String kind, String name) {
    DesiredObject object = desired(kind, name);
    desired.add(object);
    return object;
  }

  private void see(DesiredObject object, String resourceVersion, Health health) {
    observed.put(
        object.key(),
        new Observed(
            object.key(),
            Labels.applySetId(Examples.PORTFOLIO),
            true,
            "uid",
            resourceVersion,
            false,
            List.of(),
            Map.of(),
            false,
            health,
            List.of()));
  }

  private void problem(DesiredObject object, String reason, String message) {
    held.put(
        object.key(),
        Held.unverified(object)
            .applied(object, baseline("10"))
            .withProblem(
                Optional.of(
                    new Problem(
                        object.key().toString(),
                        object.origin().file(),
                        object.origin().line(),
                        reason,
                        message,
                        NOON))));
  }

  private void contest(DesiredObject object) {
    Damping damping = Damping.CALM;
    for (int i = 0; i < Damping.CONTESTED_REPAIRS; i++) {
      damping = damping.repaired(NOON, List.of("kubectl-edit"));
    }
    problem(
        object,
        HealthView.CONTESTED,
        damping.contest("fairlead/apps/web", List.of()).orElseThrow());
    Damping contested = damping;
    held.computeIfPresent(object.key(), (k, h) -> h.with(contested));
  }

  private static Health health(String word) {
    return switch (word) {
      case "well" -> Health.HEALTHY;
      case "waits" -> WAITS;
      case "failed" -> PULLS;
      default -> throw new IllegalArgumentException(word);
    };
  }
}
