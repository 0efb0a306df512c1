package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.PORTFOLIO;
import static dev.fairlead.reconcile.Examples.metadata;
import static dev.fairlead.reconcile.Examples.valid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.Live;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SyncsTest {
  private static final SyncMetadata FIRST = metadata("uid-1", "10", 1);

  private final Syncs syncs = new Syncs();

  @Test
  void aNewGitSyncIsNews() {
    assertThat(syncs.seen(valid(FIRST))).isTrue();

    assertThat(syncs.valid(PORTFOLIO).map(Sync::metadata)).contains(FIRST);
    assertThat(syncs.owner(Labels.applySetId(PORTFOLIO))).contains(PORTFOLIO);
    assertThat(syncs.all()).hasSize(1);
  }

  @Test
  void anEventThatIsNotNewerThanWhatIsKnownIsIgnored() {
    syncs.seen(valid(metadata("uid-1", "10", 2)));

    assertThat(syncs.seen(valid(metadata("uid-1", "9", 1)))).isFalse();
    assertThat(syncs.seen(valid(metadata("uid-1", "10", 1)))).isFalse();
    assertThat(syncs.valid(PORTFOLIO).map(Sync::generation)).contains(2L);
  }

  @Test
  void versionsAreComparedAsNumbers() {
    syncs.seen(valid(metadata("uid-1", "9", 1)));

    assertThat(syncs.seen(valid(metadata("uid-1", "10", 2)))).isTrue();
    assertThat(syncs.valid(PORTFOLIO).map(Sync::generation)).contains(2L);
  }

  /** Proofs can be forged by whoever may write to an object; the inventory cannot. */
  @Test
  void onlyWhatTheInventoryNamesCanBeAMember() {
    syncs.seen(
        valid(
            new SyncMetadata(
                PORTFOLIO,
                "uid-1",
                "10",
                1,
                false,
                List.of(),
                Map.of(),
                Map.of(
                    Labels.CONTAINS_GROUP_KINDS,
                    "ClusterRole.rbac.authorization.k8s.io,ConfigMap",
                    Labels.ADDITIONAL_NAMESPACES,
                    "apps"))));

    assertThat(
            List.of(
                    new ObjectKey("", "ConfigMap", "apps", "a"),
                    new ObjectKey("", "ConfigMap", PORTFOLIO.namespace(), "a"),
                    new ObjectKey("rbac.authorization.k8s.io", "ClusterRole", "", "a"),
                    new ObjectKey("", "ConfigMap", "team-b", "of another namespace"),
                    new ObjectKey("", "Secret", "apps", "of another kind"),
                    new ObjectKey("example.org", "ConfigMap", "apps", "of another group"))
                .stream()
                .filter(syncs.of(PORTFOLIO))
                .map(ObjectKey::name))
        .containsExactly("a", "a", "a");
    assertThat(
            syncs
                .of(new SyncKey("apps", "unknown"))
                .test(new ObjectKey("", "ConfigMap", "apps", "a")))
        .isFalse();
  }

  record News(String sentence, SyncReading now, boolean news) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void onlyWhatThisProcessDidNotWriteItselfIsNews(News row) {
    syncs.seen(valid(FIRST));

    assertThat(syncs.seen(row.now())).isEqualTo(row.news());
  }

  static List<News> onlyWhatThisProcessDidNotWriteItselfIsNews() {
    return List.of(
        new News("a newer version of the same is none", valid(metadata("uid-1", "11", 1)), false),
        new News("another spec is", valid(metadata("uid-1", "11", 2)), true),
        new News("another GitSync of that name is", valid(metadata("uid-2", "11", 1)), true),
        new News("a deletion is", valid(with(true, List.of(), Map.of(), Map.of())), true),
        new News(
            "an annotation is",
            valid(with(false, List.of(), Map.of(), Map.of(Labels.REQUESTED_AT, "now"))),
            true),
        new News(
            "a label is",
            valid(with(false, List.of(), Map.of(Labels.APPLYSET_ID, "x"), Map.of())),
            true),
        new News(
            "a finalizer is",
            valid(with(false, List.of("example.org/wait"), Map.of(), Map.of())),
            true),
        new News(
            "a spec that can no longer be read is",
            new SyncReading.Malformed(
                metadata("uid-1", "11", 1), SyncStatus.EMPTY, List.of("spec.url: must be set")),
            true));
  }

  private static SyncMetadata with(
      boolean deleting,
      List<String> finalizers,
      Map<String, String> labels,
      Map<String, String> annotations) {
    return new SyncMetadata(PORTFOLIO, "uid-1", "11", 1, deleting, finalizers, labels, annotations);
  }

  @Test
  void whatIsKnownOfOneGitSyncIsNotKnownOfAnotherOfThatName() {
    syncs.seen(valid(FIRST));
    SyncState state = syncs.state(PORTFOLIO);
    syncs.seen(valid(metadata("uid-2", "11", 1)));

    assertThat(syncs.state(PORTFOLIO)).isNotSameAs(state);
  }

  @Test
  void whatIsKnownOfADeletedGitSyncIsForgottenAlthoughAnotherComesAtOnce() {
    syncs.seen(valid(FIRST));
    SyncState state = syncs.state(PORTFOLIO);
    syncs.gone(PORTFOLIO);
    syncs.seen(valid(metadata("uid-2", "11", 1)));

    assertThat(syncs.state(PORTFOLIO)).isNotSameAs(state);
  }

  @Test
  void aDeletedGitSyncOwnsNothing() {
    syncs.seen(valid(FIRST));
    syncs.gone(PORTFOLIO);

    assertThat(syncs.get(PORTFOLIO)).isEmpty();
    assertThat(syncs.valid(PORTFOLIO)).isEmpty();
    assertThat(syncs.owner(Labels.applySetId(PORTFOLIO))).isEmpty();
    assertThat(syncs.all()).isEmpty();
  }

  @Test
  void aGitSyncThatCannotBeReadIsThereButNotValid() {
    SyncReading malformed =
        new SyncReading.Malformed(FIRST, SyncStatus.EMPTY, List.of("spec.url: must be set"));
    syncs.seen(malformed);

    assertThat(syncs.get(PORTFOLIO)).contains(malformed);
    assertThat(syncs.valid(PORTFOLIO)).isEmpty();
  }

  @Test
  void aStatusThatWasWrittenIsKnownBeforeTheWatchTellsOfIt() {
    syncs.seen(valid(FIRST));
    syncs.wroteStatus(PORTFOLIO, handled("now"), "11");

    assertThat(syncs.valid(PORTFOLIO).map(Sync::status)).contains(handled("now"));
    assertThat(syncs.valid(PORTFOLIO).map(Sync::resourceVersion)).contains("11");
    assertThat(syncs.seen(valid(metadata("uid-1", "11", 1)))).as("our own write").isFalse();
    assertThat(syncs.valid(PORTFOLIO).map(Sync::status)).contains(handled("now"));
  }

  @Test
  void metadataThatWasWrittenIsKnownBeforeTheWatchTellsOfIt() {
    syncs.seen(valid(FIRST));
    syncs.wroteMetadata(PORTFOLIO, answer("11", Map.of(Labels.APPLYSET_ID, "x")), true);

    SyncMetadata known = syncs.get(PORTFOLIO).orElseThrow().metadata();
    assertThat(known.hasFinalizer()).isTrue();
    assertThat(known.labels()).containsOnlyKeys(Labels.APPLYSET_ID);
    assertThat(known.resourceVersion()).isEqualTo("11");
    assertThat(known.generation()).as("which the answer did not tell").isEqualTo(1);
    assertThat(known.uid()).isEqualTo("uid-1");
  }

  @Test
  void othersFinalizersStay() {
    syncs.seen(
        valid(with(false, List.of("example.org/wait", Labels.FINALIZER), Map.of(), Map.of())));
    syncs.wroteMetadata(PORTFOLIO, answer("12", Map.of()), false);

    assertThat(syncs.get(PORTFOLIO).orElseThrow().metadata().finalizers())
        .containsExactly("example.org/wait");
  }

  @Test
  void anAnswerThatIsOlderThanWhatTheWatchHasToldMeanwhileIsIgnored() {
    syncs.seen(valid(FIRST));
    SyncMetadata newer =
        new SyncMetadata(
            PORTFOLIO,
            "uid-1",
            "12",
            2,
            true,
            List.of(Labels.FINALIZER),
            Map.of(),
            Map.of(Labels.REQUESTED_AT, "now"));
    syncs.seen(valid(newer));
    syncs.wroteMetadata(PORTFOLIO, answer("11", Map.of()), true);
    syncs.wroteStatus(PORTFOLIO, handled("before"), "11");

    assertThat(syncs.valid(PORTFOLIO).map(Sync::metadata)).contains(newer);
    assertThat(syncs.valid(PORTFOLIO).map(Sync::status)).contains(SyncStatus.EMPTY);
  }

  @Test
  void writesToWhatIsGoneAreForgotten() {
    syncs.wroteStatus(PORTFOLIO, handled("now"), "11");
    syncs.wroteMetadata(PORTFOLIO, answer("11", Map.of()), true);

    assertThat(syncs.get(PORTFOLIO)).isEmpty();
  }

  @Test
  void aGitSyncThatCannotBeReadKeepsItsProblemsWhenItsStatusIsWritten() {
    List<String> problems = List.of("spec.url: must be set");
    syncs.seen(new SyncReading.Malformed(FIRST, SyncStatus.EMPTY, problems));
    syncs.wroteStatus(PORTFOLIO, handled("now"), "11");

    assertThat(syncs.get(PORTFOLIO))
        .contains(new SyncReading.Malformed(metadata("uid-1", "11", 1), handled("now"), problems));
  }

  @Test
  void eachSyncHasAStateOfItsOwnUntilItIsForgotten() {
    SyncState state = syncs.state(PORTFOLIO);

    assertThat(syncs.state(PORTFOLIO)).isSameAs(state);
    assertThat(syncs.state(new SyncKey("apps", "other"))).isNotSameAs(state);
    syncs.forget(PORTFOLIO);
    assertThat(syncs.state(PORTFOLIO)).isNotSameAs(state);
    assertThat(state.lastStatus()).isBefore(NOON);
  }

  private static Live answer(String resourceVersion, Map<String, String> labels) {
    return new Live(
        SyncWriter.key(PORTFOLIO),
        "uid-1",
        resourceVersion,
        OptionalLong.empty(),
        false,
        labels,
        Map.of(),
        List.of());
  }

  private static SyncStatus handled(String request) {
    SyncStatus empty = SyncStatus.EMPTY;
    return new SyncStatus(
        0,
        Optional.of(request),
        List.of(),
        empty.source(),
        empty.applied(),
        empty.lastGood(),
        empty.rollback(),
        Optional.empty(),
        empty.objects(),
        "",
        empty.inventory(),
        empty.pendingPrune(),
        empty.plan(),
        List.of(),
        0,
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void aChangeByOthersThatOurOwnWriteOvertookIsNews() {
    syncs.seen(valid(metadata("uid-1", "10", 1)));
    syncs.wroteStatus(PORTFOLIO, handled("now"), "12");

    assertThat(syncs.seen(valid(metadata("uid-1", "11", 2)))).isTrue();

    assertThat(syncs.valid(PORTFOLIO).map(Sync::generation)).contains(2L);
    assertThat(syncs.valid(PORTFOLIO).map(Sync::status)).contains(handled("now"));
    assertThat(syncs.valid(PORTFOLIO).map(Sync::resourceVersion)).contains("12");
  }
}
