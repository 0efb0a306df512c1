package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PruneStateTest {
  private static final ObjectKey WEB = desired("Deployment.apps", "web").key();
  private static final ObjectKey SETTINGS = desired("ConfigMap", "settings").key();

  private final PruneState prune = new PruneState();

  @Test
  void whatMayGoGrowsUntilNothingMay() {
    prune.doomed(Set.of(WEB));
    prune.doomed(Set.of(SETTINGS));
    assertThat(prune.doomed()).containsExactlyInAnyOrder(WEB, SETTINGS);
    prune.doomed(Set.of());

    assertThat(prune.doomed()).isEmpty();
  }

  @Test
  void whatWasOrderedToGoIsGoingBeforeTheWatchTellsSo() {
    Observed object = object("uid");
    assertThat(prune.isGoing(object)).isFalse();

    prune.deleted("uid");
    prune.retainDeleted(List.of(object));
    assertThat(prune.isGoing(object)).isTrue();
    assertThat(prune.isGoing(object("another"))).as("in its place").isFalse();

    prune.retainDeleted(List.of());
    assertThat(prune.isGoing(object)).as("it is gone").isFalse();
  }

  private static Observed object(String uid) {
    return new Observed(
        WEB, "", true, uid, "10", false, List.of(), Map.of(), false, Health.HEALTHY, List.of());
  }
}
