package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A while in which a sync is in mode Plan. From the moment at which its status says that this was
 * observed, nothing may be written for it.
 */
final class PlanOnly {
  private final World world;
  private final Sync sync;
  private final long generation;
  private @Nullable Instant since;

  private PlanOnly(World world, Sync sync, long generation) {
    this.world = world;
    this.sync = sync;
    this.generation = generation;
  }

  /** Begins now and is over after so many steps, at the latest at the next quiet point. */
  static void begin(World world, Sync sync, int steps) {
    Optional<Long> generation =
        mode(world, sync, "Plan").flatMap(s -> Sight.metadata(s).integer("generation"));
    world.model().suspended(sync, true);
    new PlanOnly(world, sync, generation.orElse(0L)).later(steps);
  }

  private static Optional<Json.Obj> mode(World world, Sync sync, String mode) {
    return world.patchIfThere(
        sync.path(), "kubectl-edit", "{\"spec\":{\"mode\":\"%s\"}}".formatted(mode));
  }

  private void later(int steps) {
    if (steps == 0) {
      world.later(1, sync + " applies again", this::end);
    } else {
      world.later(
          1,
          sync + " only plans",
          () -> {
            look();
            later(steps - 1);
          });
    }
  }

  private void look() {
    if (since == null && world.isServerUp() && isObserved()) {
      since = Instant.now();
    }
  }

  private boolean isObserved() {
    return World.ask(() -> world.api().get(sync.path()))
        .flatMap(s -> s.object("status"))
        .flatMap(s -> s.integer("observedGeneration"))
        .filter(observed -> observed == generation)
        .isPresent();
  }

  private void end() {
    world.serverUp();
    if (since != null) {
      world.model().planned(sync, since, Instant.now());
    }
    Optional<Json.Obj> _ = mode(world, sync, "Apply");
    world.model().suspended(sync, false);
  }
}
