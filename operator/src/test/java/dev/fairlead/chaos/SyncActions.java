package dev.fairlead.chaos;

import static dev.fairlead.chaos.Action.oneOf;

import dev.fairlead.model.SyncKey;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** What people do with GitSyncs themselves. */
final class SyncActions {
  private SyncActions() {}

  static List<Action> all() {
    return List.of(
        LiveActions.of("ask for a look", 4, SyncActions::poke),
        LiveActions.of("change a GitSync", 4, SyncActions::change),
        LiveActions.of("approve a prune", 5, SyncActions::approve),
        LiveActions.of("suspend a GitSync", 3, SyncActions::suspend),
        LiveActions.of("only plan for a while", 3, SyncActions::planOnly),
        LiveActions.of("rename a GitSync", 3, SyncActions::rename),
        LiveActions.of("delete a GitSync", 2, SyncActions::delete));
  }

  private static Optional<Sync> some(World world, SplittableRandom random, Predicate<Sync> which) {
    return oneOf(world.model().syncs().stream().filter(which).toList(), random);
  }

  private static void patch(World world, Sync sync, String patch) {
    world.patchIfThere(sync.path(), "kubectl-edit", patch);
  }

  private static Optional<String> poke(World world, SplittableRandom random) {
    return some(world, random, sync -> true)
        .map(sync -> {
          patch(
              world,
              sync,
              "{\"metadata\":{\"annotations\":{\"fairlead.dev/requested-at\":\"%d\"}}}"
                  .formatted(world.nextSerial()));
          return sync.toString();
        });
  }

  private static Optional<String> change(World world, SplittableRandom random) {
    return some(world, random, sync -> true)
        .map(sync -> {
          int interval = random.nextInt(1, 4);
          patch(world, sync, "{\"spec\":{\"interval\":\"%ds\"}}".formatted(interval));
          return sync + " interval " + interval;
        });
  }

  private static Optional<String> approve(World world, SplittableRandom random) {
    return some(world, random, sync -> true)
        .map(sync -> {
          Optional<String> digest =
              World.ask(() -> world.api().get(sync.path()))
                  .flatMap(o -> o.object("status"))
                  .flatMap(s -> s.object("pendingPrune"))
                  .flatMap(p -> p.string("digest"));
          digest.ifPresent(d -> {
            patch(
                world,
                sync,
                "{\"metadata\":{\"annotations\":{\"fairlead.dev/approve-prune\":\"%s\"}}}"
                    .formatted(d));
            world.model().approved(sync);
          });
          return sync + digest.map(d -> " " + d).orElse(": none to approve");
        });
  }

  /** One that has its repository to itself: nobody waits for what a suspended one would take. */
  private static Optional<String> suspend(World world, SplittableRandom random) {
    return some(world, random, sync -> isFree(world, sync) && isAlone(world, sync))
        .map(sync -> {
          int steps = random.nextInt(1, 8);
          patch(world, sync, "{\"spec\":{\"suspend\":true}}");
          world.model().suspended(sync, true);
          world.later(
              steps,
              sync + " goes on",
              () -> {
                world.serverUp();
                patch(world, sync, "{\"spec\":{\"suspend\":false}}");
                world.model().suspended(sync, false);
              });
          return sync + ", for " + steps + " steps";
        });
  }

  /** As one that is suspended, it would keep what others wait for. */
  private static Optional<String> planOnly(World world, SplittableRandom random) {
    return some(world, random, sync -> isFree(world, sync) && isAlone(world, sync))
        .map(sync -> {
          int steps = random.nextInt(3, 15);
          PlanOnly.begin(world, sync, steps);
          return sync + ", for " + steps + " steps";
        });
  }

  private static boolean isAlone(World world, Sync sync) {
    return world.model().syncsOf(sync.repo()).size() == 1;
  }

  /** Nobody depends on it, and nothing is half done with it. */
  private static boolean isFree(World world, Sync sync) {
    return !world.model().isSuspended(sync)
        && !world.model().isHalfDone(sync.repo())
        && sync.after().isEmpty()
        && world.model().syncs().stream().noneMatch(s -> s.after().equals(Optional.of(sync.key())));
  }

  private static Optional<String> rename(World world, SplittableRandom random) {
    return some(world, random, sync -> isFree(world, sync) && sync.broken().isEmpty())
        .map(old -> {
          String name = old.key().name().replaceFirst("-.*", "") + "-" + world.nextSerial();
          SyncKey key = new SyncKey(old.key().namespace(), name);
          Sync young = new Sync(key, old.repo(), old.folder(), Optional.empty(), old.rollsBack());
          world.create(young);
          world.model().add(young);
          world.model().published();
          world.model().inherits(young, old);
          world.model().begin(new Renaming(old, young));
          return old + " to " + young;
        });
  }

  private static Optional<String> delete(World world, SplittableRandom random) {
    return some(world, random, sync -> isFree(world, sync))
        .map(sync -> {
          world.delete(sync.path());
          world.model().remove(sync);
          world.model().published();
          world.model().begin(new Recreation(sync));
          return sync.toString();
        });
  }
}
