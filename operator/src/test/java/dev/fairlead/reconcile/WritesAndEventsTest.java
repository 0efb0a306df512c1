package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.Labels;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.Live;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers to our own writes and events of the watch come in any order. */
class WritesAndEventsTest {
  private static final SyncKey KEY = new SyncKey("apps", "web");
  private static final Map<String, String> KINDS =
      Map.of(Labels.CONTAINS_GROUP_KINDS, "ConfigMap", Labels.TOOLING, Labels.TOOLING_VALUE);

  private final Syncs syncs = new Syncs();

  @BeforeEach
  void isKnown() {
    syncs.seen(reading("uid", "10", 1, false, Map.of(), "deploy"));
  }

  @Test
  void aSpecThatIsWrittenShortlyBeforeOurStatusIsSeenAlthoughTheAnswerComesFirst() {
    syncs.wroteStatus(KEY, handled("x"), "12");

    boolean news = syncs.seen(reading("uid", "11", 2, false, Map.of(), "other"));

    assertThat(news).isTrue();
    assertThat(sync().spec().path()).isEqualTo("other");
    assertThat(sync().generation()).isEqualTo(2);
    assertThat(sync().status()).as("what we wrote since").isEqualTo(handled("x"));
    assertThat(sync().resourceVersion()).isEqualTo("12");
  }

  @Test
  void aRequestThatIsMadeShortlyBeforeOurMetadataIsSeenAlthoughTheAnswerComesFirst() {
    Map<String, String> requested = Map.of(Labels.REQUESTED_AT, "now");
    syncs.wroteMetadata(KEY, answer("12", 1, false, requested), true);

    boolean news = syncs.seen(reading("uid", "11", 1, false, requested, "deploy"));

    assertThat(news).isTrue();
    assertThat(sync().metadata().requestedAt()).contains("now");
    assertThat(sync().metadata().annotations()).containsAllEntriesOf(KINDS);
    assertThat(sync().hasFinalizer()).isTrue();
  }

  @Test
  void theGenerationIsThatOfTheSpecThatIsKnown() {
    syncs.wroteMetadata(KEY, answer("12", 2, false, Map.of()), true);

    assertThat(sync().generation()).isEqualTo(1);
  }

  @Test
  void aDeletionThatIsSeenBeforeTheAnswerToAnEarlierWriteIsNotForgotten() {
    syncs.seen(reading("uid", "12", 2, true, KINDS, "deploy"));

    syncs.wroteMetadata(KEY, answer("11", 1, false, Map.of()), true);
    syncs.wroteStatus(KEY, handled("x"), "11");

    assertThat(sync().deleting()).isTrue();
    assertThat(sync().resourceVersion()).isEqualTo("12");
  }

  @Test
  void ourOwnWritesAreNoNews() {
    syncs.wroteMetadata(KEY, answer("11", 1, false, Map.of()), true);
    syncs.wroteStatus(KEY, handled("x"), "12");

    assertThat(syncs.seen(withFinalizer("11"))).isFalse();
    assertThat(syncs.seen(withFinalizer("12"))).isFalse();
  }

  @Test
  void whatIsMadeAnewUnderTheNameHasNothingOfTheFormer() {
    SyncState former = syncs.state(KEY);
    syncs.gone(KEY);
    syncs.seen(reading("another", "20", 1, false, Map.of(), "deploy"));

    assertThat(syncs.state(KEY)).isNotSameAs(former);
  }

  @Test
  void anAnswerThatConcernsTheFormerOfThatNameIsIgnored() {
    syncs.gone(KEY);
    syncs.seen(reading("another", "20", 1, false, Map.of(), "deploy"));

    syncs.wroteMetadata(KEY, answer("21", 1, false, Map.of()), true);

    assertThat(sync().hasFinalizer()).isFalse();
  }

  private Sync sync() {
    return syncs.valid(KEY).orElseThrow();
  }

  private static SyncStatus handled(String request) {
    SyncStatus none = SyncStatus.EMPTY;
    return new SyncStatus(
        1,
        Optional.of(request),
        List.of(),
        none.source(),
        none.applied(),
        none.lastGood(),
        none.rollback(),
        Optional.empty(),
        none.objects(),
        "",
        none.inventory(),
        none.pendingPrune(),
        none.plan(),
        List.of(),
        0,
        List.of(),
        List.of(),
        List.of());
  }

  private static SyncReading withFinalizer(String version) {
    SyncReading.Valid plain =
        (SyncReading.Valid) reading("uid", version, 1, false, KINDS, "deploy");
    SyncMetadata m = plain.sync().metadata();
    return new SyncReading.Valid(
        new Sync(
            new SyncMetadata(
                KEY,
                m.uid(),
                version,
                1,
                false,
                List.of(Labels.FINALIZER),
                m.labels(),
                m.annotations()),
            plain.sync().spec(),
            version.equals("12") ? handled("x") : SyncStatus.EMPTY));
  }

  private static Live answer(
      String version, long generation, boolean deleting, Map<String, String> others) {
    Map<String, String> annotations = new java.util.HashMap<>(KINDS);
    annotations.putAll(others);
    return new Live(
        SyncWriter.key(KEY),
        "uid",
        version,
        OptionalLong.of(generation),
        deleting,
        Map.of(),
        annotations,
        List.of());
  }

  private static SyncReading reading(
      String uid,
      String version,
      long generation,
      boolean deleting,
      Map<String, String> annotations,
      String path) {
    return new SyncReading.Valid(
        new Sync(
            new SyncMetadata(
                KEY, uid, version, generation, deleting, List.of(), Map.of(), annotations),
            new SyncSpec(
                "https://git.example.org/web.git",
                new RefSelector.Branch("main"),
                path,
                false,
                List.of(),
                Duration.ofMinutes(1),
                Duration.ofSeconds(60),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                SyncSpec.Mode.APPLY,
                true,
                MaxPrune.parse("50%"),
                DeletionPolicy.MIRROR_PRUNE,
                false,
                List.of(),
                Duration.ofMinutes(5),
                SyncSpec.OnFailure.HOLD,
                java.util.List.of()),
            SyncStatus.EMPTY));
  }
}
