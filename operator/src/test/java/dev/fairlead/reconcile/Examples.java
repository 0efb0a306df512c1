package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.model.Commit;
import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.DesiredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Values that the tests of this package have in common. */
final class Examples {
  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  static final SyncKey PORTFOLIO = new SyncKey("fairlead-system", "portfolio");

  private Examples() {}

  /** The commit whose hash is that letter forty times, on main. */
  static Commit commit(String letter) {
    return new Commit(
        new Revision("main", letter.repeat(40)), "Fairlead Tests", "Commit " + letter, NOON);
  }

  /** An object of that kind in the namespace apps, at line 3 of a file of its own. */
  static DesiredObject desired(String groupKind, String name) {
    return desired(groupKind, name, "as in Git");
  }

  static DesiredObject desired(String groupKind, String name, String content) {
    GroupKind kind = GroupKind.parse(groupKind);
    return new DesiredObject(
        key(groupKind, name),
        new GroupVersionKind(kind.group(), "v1", kind.kind()),
        Digest.of(content),
        new Origin("deploy/" + name + ".yaml", 0, 3),
        "blob");
  }

  static ObjectKey key(String groupKind, String name) {
    GroupKind kind = GroupKind.parse(groupKind);
    return new ObjectKey(kind.group(), kind.kind(), "apps", name);
  }

  /** What an apply left, in that version of the object. */
  static Baseline baseline(String resourceVersion) {
    return new Baseline(
        "uid", resourceVersion, Optional.empty(), Optional.empty(), OptionalLong.empty());
  }

  static SyncMetadata metadata(String uid, String resourceVersion, long generation) {
    return new SyncMetadata(
        PORTFOLIO, uid, resourceVersion, generation, false, List.of(), Map.of(), Map.of());
  }

  static SyncReading.Valid valid(SyncMetadata metadata) {
    return new SyncReading.Valid(
        new Sync(metadata, spec(Duration.ofMinutes(1), Duration.ofSeconds(60)), SyncStatus.EMPTY));
  }

  static SyncSpec spec(Duration interval, Duration fetchTimeout) {
    return new SyncSpec(
        "https://git.example.org/portfolio.git",
        new RefSelector.Branch("main"),
        "deploy",
        false,
        List.of(),
        interval,
        fetchTimeout,
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
        java.util.List.of());
  }
}
