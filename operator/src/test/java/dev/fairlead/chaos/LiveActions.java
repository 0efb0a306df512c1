package dev.fairlead.chaos;

import static dev.fairlead.chaos.Action.oneOf;

import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** What people and programs do in the cluster behind Git's back. */
final class LiveActions {
  private static final String GROUP = "live";
  private static final String PART_OF = "applyset.kubernetes.io/part-of";

  private LiveActions() {}

  static List<Action> all() {
    return List.of(
        of("edit a field", 10, LiveActions::edit),
        of("edit an annotation", 5, LiveActions::editAnnotation),
        of("remove a label", 4, LiveActions::removeLabel),
        of("apply by force as another", 4, LiveActions::forceApply),
        of("add a field", 6, LiveActions::addField),
        of("delete", 8, LiveActions::delete),
        of("delete a finished Job", 4, LiveActions::deleteFinishedJob),
        of("take the part-of label away", 4, LiveActions::unlabel),
        of("label it as another's", 4, LiveActions::stealLabel),
        of("clear the managed fields", 3, LiveActions::clearManagedFields),
        of("make something that looks like ours", 4, LiveActions::bystander));
  }

  /** What happens only while the API server is there; when it is not, the model does not know. */
  static Action of(String name, int weight, Action.Act act) {
    return new Action(
        GROUP,
        name,
        weight,
        (world, random) -> world.isServerUp() ? act.on(world, random) : Optional.empty());
  }

  private static Optional<Item> item(World world, SplittableRandom random, Predicate<Item> which) {
    return oneOf(List.copyOf(world.model().items().values()), random)
        .filter(which)
        .filter(item -> world.wears(item.key()))
        .map(item -> {
          world.model().disturbed(item.key());
          return item;
        });
  }

  /** A Job that has finished is left alone, whatever becomes of it. */
  private static boolean isKeptUp(Item item) {
    return item.kind() != Kind.JOB;
  }

  /** Patches an object if it is there. */
  private static void patch(World world, ObjectKey key, String manager, String patch) {
    world.patchIfThere(Kind.path(key), manager, patch);
  }

  private static Optional<String> edit(World world, SplittableRandom random) {
    return item(world, random, LiveActions::isKeptUp)
        .map(item -> {
          patch(world, item.key(), "kubectl-edit", item.kind().edit());
          return item.toString();
        });
  }

  private static Optional<String> editAnnotation(World world, SplittableRandom random) {
    return item(world, random, LiveActions::isKeptUp)
        .map(item -> {
          patch(
              world,
              item.key(),
              "kubectl-annotate",
              "{\"metadata\":{\"annotations\":{\"%s\":\"by hand\"}}}".formatted(Item.SERIAL));
          return item.toString();
        });
  }

  private static Optional<String> removeLabel(World world, SplittableRandom random) {
    return item(world, random, LiveActions::isKeptUp)
        .map(item -> {
          patch(world, item.key(), "kubectl-label", "{\"metadata\":{\"labels\":{\"app\":null}}}");
          return item.toString();
        });
  }

  private static Optional<String> forceApply(World world, SplittableRandom random) {
    return item(world, random, i -> i.kind() == Kind.CONFIG_MAP || i.kind() == Kind.ROLE)
        .map(item -> {
          world.applyIfThere(Kind.path(item.key()), "another-applier", item.next(0).manifest());
          return item.toString();
        });
  }

  private static Optional<String> addField(World world, SplittableRandom random) {
    return item(world, random, i -> true)
        .map(item -> {
          String value = "note-" + world.nextSerial();
          world
              .patchIfThere(
                  Kind.path(item.key()),
                  "injector",
                  "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(Foreign.NOTE, value))
              .ifPresent(object -> world.foreign().noted(item.key(), object, value));
          return item + " " + value;
        });
  }

  private static Optional<String> delete(World world, SplittableRandom random) {
    return item(world, random, i -> !world.model().isChangedInVain(i.key()))
        .map(item -> {
          world.delete(Kind.path(item.key()));
          world.model().deletedByHand(item.key(), false);
          return item.toString();
        });
  }

  private static Optional<String> deleteFinishedJob(World world, SplittableRandom random) {
    return oneOf(
            world.model().items().values().stream()
                .filter(i -> i.kind() == Kind.JOB && world.model().untouched(i.key()))
                .filter(i -> !world.model().isChangedInVain(i.key()))
                .toList(),
            random)
        .map(item -> {
          world.delete(Kind.path(item.key()));
          world.model().disturbed(item.key());
          world.model().deletedByHand(item.key(), true);
          return item.toString();
        });
  }

  private static Optional<String> unlabel(World world, SplittableRandom random) {
    return item(world, random, i -> true)
        .map(item -> {
          patch(
              world,
              item.key(),
              "kubectl-label",
              "{\"metadata\":{\"labels\":{\"%s\":null}}}".formatted(PART_OF));
          return item.toString();
        });
  }

  private static Optional<String> stealLabel(World world, SplittableRandom random) {
    return item(world, random, LiveActions::isKeptUp)
        .map(item -> {
          Sync thief = world.model().syncs().get(random.nextInt(world.model().syncs().size()));
          patch(
              world,
              item.key(),
              "kubectl-label",
              "{\"metadata\":{\"labels\":{\"%s\":\"%s\"}}}".formatted(PART_OF, thief.id()));
          return item + " for " + thief;
        });
  }

  private static Optional<String> clearManagedFields(World world, SplittableRandom random) {
    return item(world, random, LiveActions::isKeptUp)
        .map(item -> {
          patch(world, item.key(), "kubectl-patch", "{\"metadata\":{\"managedFields\":[{}]}}");
          return item.toString();
        });
  }

  private static Optional<String> bystander(World world, SplittableRandom random) {
    return oneOf(world.model().syncs(), random)
        .map(sync -> {
          String name = "stray-" + world.nextSerial();
          String place = World.PLACES.get(random.nextInt(World.PLACES.size()));
          Map<String, String> labels = sync.labels();
          world.foreign().create(world, place, name, labels);
          return name + " in " + place + " with the labels of " + sync;
        });
  }
}
