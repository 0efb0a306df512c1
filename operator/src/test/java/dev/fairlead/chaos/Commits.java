package dev.fairlead.chaos;

import static dev.fairlead.chaos.Action.oneOf;

import dev.fairlead.chaos.Item.Trait;
import dev.fairlead.chaos.Tree.Leaf;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What people push. */
final class Commits {
  private static final String GROUP = "commits";
  private static final int NAMES = 8;
  private static final int FILES = 6;

  /** So many objects a folder keeps, or there would be nothing left to play with. */
  private static final int FEW = 5;

  private Commits() {}

  static List<Action> all() {
    return List.of(
        of("add", 10, Commits::add),
        of("change", 14, Commits::change),
        of("remove", 8, Commits::remove),
        of("rename a file", 4, Commits::rename),
        of("move to another sync", 8, Commits::move),
        of("move to another repository", 5, Commits::moveAway),
        of("break", 5, Commits::breakFile),
        of("change what cannot be changed", 2, Commits::changeJob),
        of("mend", 12, Commits::mend),
        of("remove most", 3, Commits::removeMost),
        of("bad image", 7, Commits::badImage),
        of("nothing to deploy", 3, Commits::unrelated),
        of("revert", 4, Commits::revert),
        of("force-push", 4, Commits::forcePush));
  }

  private static Action of(String name, int weight, Action.Act act) {
    return new Action(GROUP, name, weight, act);
  }

  /** The first commit of each repository. */
  static void first(World world, SplittableRandom random) {
    for (Repo repo : world.model().repos()) {
      Tree tree = Tree.EMPTY;
      for (Sync sync : world.model().syncsOf(repo)) {
        for (int i = 0; i < 10; i++) {
          tree = put(tree, sync, fresh(world, random, tree), random);
        }
      }
      publish(world, repo, tree, "first");
    }
  }

  private static void publish(World world, Repo repo, Tree tree, String message) {
    repo.commit(tree, message);
    world.model().published();
  }

  private static Item fresh(World world, SplittableRandom random, Tree tree) {
    while (true) {
      Kind kind = oneOf(List.of(Kind.values()), random).orElseThrow();
      String place = World.PLACES.get(random.nextInt(World.PLACES.size()));
      int serial = world.nextSerial();
      // A Job that comes back under the name of one that waits to be pruned could not be changed.
      int number = kind == Kind.JOB ? serial : random.nextInt(NAMES);
      String name = kind.kind().toLowerCase(Locale.ROOT) + "-" + number;
      EnumSet<Trait> traits = EnumSet.noneOf(Trait.class);
      if (kind == Kind.JOB ? random.nextBoolean() : random.nextInt(8) == 0) {
        traits.add(Trait.REPLACE);
      }
      if (kind == Kind.DEPLOYMENT && random.nextInt(4) == 0) {
        traits.add(Trait.SLOW);
      }
      switch (random.nextInt(12)) {
        case 0 -> traits.add(Trait.EARLY);
        case 1, 2 -> traits.add(Trait.LATE);
        default -> {}
      }
      Item item = new Item(kind, place, name, serial, traits);
      if (!world.model().wanted().contains(item.key())
          && tree.fileOf(item.key()).isEmpty()
          && isInNoRepository(world, item.key())) {
        return item;
      }
    }
  }

  /** A GitSync that is deleted for a while wants nothing, and has it all again later. */
  private static boolean isInNoRepository(World world, ObjectKey key) {
    return world.model().repos().stream().allMatch(r -> r.tree().fileOf(key).isEmpty());
  }

  private static String folder(Sync sync) {
    return sync.folder().isEmpty() ? "" : sync.folder() + "/";
  }

  private static Tree put(Tree tree, Sync sync, Item item, SplittableRandom random) {
    for (int i = 0; ; i++) {
      String file =
          folder(sync)
              + (random.nextInt(4) == 0 ? "sub/" : "")
              + "file-"
              + random.nextInt(FILES + i)
              + ".yaml";
      Leaf leaf = tree.leaf(file);
      if (leaf.broken().isEmpty()) {
        List<Item> items = new ArrayList<>(leaf.items());
        items.add(item);
        return tree.with(file, Leaf.of(items));
      }
    }
  }

  private static Optional<Sync> someSync(
      World world, SplittableRandom random, Predicate<Sync> which) {
    return oneOf(world.model().syncs().stream().filter(which).toList(), random);
  }

  private static boolean hasMany(Sync sync) {
    return sync.wants().size() > FEW;
  }

  /** Objects in files that are not broken, in a random order. */
  private static List<Item> items(
      World world, Sync sync, SplittableRandom random, Predicate<Item> which) {
    List<Item> items = new ArrayList<>();
    sync.repo().tree().below(sync.folder()).values().stream()
        .filter(leaf -> leaf.broken().isEmpty())
        .flatMap(leaf -> leaf.items().stream())
        .filter(item -> !world.model().isMoving(item.key()))
        .filter(which)
        .forEach(items::add);
    Collections.shuffle(items, new Random(random.nextLong()));
    return items;
  }

  private static Optional<String> add(World world, SplittableRandom random) {
    return someSync(world, random, sync -> sync.wants().size() < 4 * FEW)
        .map(sync -> {
          Tree tree = sync.repo().tree();
          List<Item> added = new ArrayList<>();
          for (int i = random.nextInt(1, 4); i > 0; i--) {
            Item item = fresh(world, random, tree);
            added.add(item);
            tree = put(tree, sync, item, random);
          }
          publish(world, sync.repo(), tree, "add");
          return sync + ": " + added;
        });
  }

  private static boolean isChangeable(Item item) {
    return item.kind() != Kind.JOB || item.has(Trait.REPLACE);
  }

  private static Optional<String> change(World world, SplittableRandom random) {
    return someSync(world, random, sync -> true)
        .map(sync ->
            items(world, sync, random, Commits::isChangeable).stream()
                .limit(random.nextInt(1, 4))
                .map(item -> item.next(world.nextSerial()))
                .toList())
        .filter(items -> !items.isEmpty())
        .map(items -> {
          Repo repo =
              world.model().repos().stream()
                  .filter(r -> r.tree().fileOf(items.getFirst().key()).isPresent())
                  .filter(r -> items.stream().allMatch(i -> r.tree().fileOf(i.key()).isPresent()))
                  .findFirst()
                  .orElseThrow();
          Tree tree = repo.tree();
          for (Item item : items) {
            tree = tree.replaced(item);
          }
          publish(world, repo, tree, "change");
          return repo.name() + ": " + items;
        });
  }

  private static Optional<String> remove(World world, SplittableRandom random) {
    return someSync(world, random, Commits::hasMany)
        .flatMap(sync ->
            items(world, sync, random, item -> true).stream()
                .findFirst()
                .map(item -> {
                  publish(world, sync.repo(), sync.repo().tree().removed(item.key()), "remove");
                  return sync + ": " + item;
                }));
  }

  private static Optional<String> removeMost(World world, SplittableRandom random) {
    return someSync(world, random, Commits::hasMany)
        .map(sync -> {
          List<Item> items = items(world, sync, random, item -> true);
          int count = sync.wants().size() * random.nextInt(60, 90) / 100;
          Tree tree = sync.repo().tree();
          List<Item> removed = items.subList(0, Math.min(count, items.size()));
          for (Item item : removed) {
            tree = tree.removed(item.key());
          }
          if (tree.wants(sync.folder()).isEmpty()) {
            tree = put(tree, sync, fresh(world, random, tree), random);
          }
          publish(world, sync.repo(), tree, "remove most");
          return sync + ": " + removed;
        });
  }

  private static Optional<String> rename(World world, SplittableRandom random) {
    return someSync(world, random, sync -> true)
        .flatMap(sync -> {
          Tree tree = sync.repo().tree();
          return oneOf(List.copyOf(tree.below(sync.folder()).keySet()), random)
              .map(file -> {
                String to = folder(sync) + "renamed-" + world.nextSerial() + ".yaml";
                Leaf leaf = tree.leaf(file);
                publish(world, sync.repo(), tree.without(file).with(to, leaf), "rename");
                return sync + ": " + file + " to " + to;
              });
        });
  }

  private static Optional<String> move(World world, SplittableRandom random) {
    return someSync(world, random, Commits::hasMany)
        .flatMap(from ->
            someSync(
                    world,
                    random,
                    to -> to.repo().equals(from.repo()) && !to.folder().equals(from.folder()))
                .flatMap(to -> {
                  List<Item> moved =
                      items(world, from, random, item -> true).stream()
                          .limit(random.nextInt(1, 3))
                          .toList();
                  Tree tree = from.repo().tree();
                  for (Item item : moved) {
                    tree = put(tree.removed(item.key()), to, item, random);
                  }
                  publish(world, from.repo(), tree, "move");
                  return moved.isEmpty()
                      ? Optional.empty()
                      : Optional.of(from + " to " + to + ": " + moved);
                }));
  }

  /** The new place first; the old one gives it up when the new one has tried to have it. */
  private static Optional<String> moveAway(World world, SplittableRandom random) {
    return someSync(world, random, Commits::hasMany)
        .flatMap(from ->
            someSync(world, random, to -> !to.repo().equals(from.repo()))
                .flatMap(to ->
                    items(world, from, random, item -> true).stream()
                        .findFirst()
                        .map(item -> {
                          Tree tree = put(to.repo().tree(), to, item, random);
                          publish(world, to.repo(), tree, "move here");
                          world.model().begin(new Move(from.repo(), to, item.key()));
                          return from + " to " + to + ": " + item;
                        })));
  }

  private static Optional<String> breakFile(World world, SplittableRandom random) {
    List<Break> breaks =
        List.of(Break.values()).stream().filter(b -> b != Break.IMMUTABLE).toList();
    return someSync(world, random, sync -> sync.broken().isEmpty())
        .flatMap(sync ->
            oneOf(List.copyOf(sync.repo().tree().below(sync.folder()).keySet()), random)
                .map(file -> {
                  Break how = breaks.get(random.nextInt(breaks.size()));
                  breakIn(world, sync, file, how);
                  return sync + ": " + how + " in " + file;
                }));
  }

  private static void breakIn(World world, Sync sync, String file, Break how) {
    Tree tree = sync.repo().tree();
    List<Item> items = tree.leaf(file).items();
    publish(world, sync.repo(), tree.with(file, new Leaf(items, Optional.of(how))), "break");
  }

  private static Optional<String> changeJob(World world, SplittableRandom random) {
    return someSync(world, random, sync -> sync.broken().isEmpty())
        .flatMap(sync ->
            items(
                    world,
                    sync,
                    random,
                    i ->
                        i.kind() == Kind.JOB
                            && !i.has(Trait.REPLACE)
                            && world.model().untouched(i.key()))
                .stream()
                .findFirst()
                .map(item -> {
                  String file = sync.repo().tree().fileOf(item.key()).orElseThrow();
                  breakIn(world, sync, file, Break.IMMUTABLE);
                  return sync + ": " + item;
                }));
  }

  private static Optional<String> mend(World world, SplittableRandom random) {
    return someSync(world, random, sync -> sync.broken().isPresent())
        .map(sync -> mend(world, sync));
  }

  private static String mend(World world, Sync sync) {
    Tree tree = sync.repo().tree();
    for (var file : tree.below(sync.folder()).entrySet()) {
      tree = tree.with(file.getKey(), Leaf.of(file.getValue().items()));
    }
    publish(world, sync.repo(), tree, "mend");
    return sync.toString();
  }

  /** Together with the removal of something, which then has to wait. */
  private static Optional<String> badImage(World world, SplittableRandom random) {
    return someSync(world, random, Commits::hasMany)
        .flatMap(sync ->
            items(world, sync, random, i -> i.kind() == Kind.DEPLOYMENT && !i.has(Trait.BAD))
                .stream()
                .findFirst()
                .map(item -> {
                  Item bad = item.next(world.nextSerial()).with(Trait.BAD);
                  Tree tree = sync.repo().tree().replaced(bad);
                  Optional<Item> gone =
                      random.nextBoolean()
                          ? items(world, sync, random, i -> !i.key().equals(item.key())).stream()
                              .findFirst()
                          : Optional.empty();
                  if (gone.isPresent()) {
                    tree = tree.removed(gone.get().key());
                  }
                  publish(world, sync.repo(), tree, "bad image");
                  return sync + ": " + bad + gone.map(g -> ", without " + g).orElse("");
                }));
  }

  private static Optional<String> unrelated(World world, SplittableRandom random) {
    return oneOf(world.model().repos(), random)
        .map(repo -> {
          publish(world, repo, repo.tree(), "nothing to deploy");
          return repo.name();
        });
  }

  /** An old commit that wants nothing that other repositories have meanwhile. */
  private static Optional<String> old(World world, Repo repo, SplittableRandom random) {
    Set<ObjectKey> others = new TreeSet<>();
    world.model().repos().stream()
        .filter(r -> !r.equals(repo))
        .forEach(r -> others.addAll(r.tree().wants("").keySet()));
    List<String> commits = repo.commits();
    return oneOf(
        commits.subList(Math.max(0, commits.size() - 8), commits.size()).stream()
            .filter(c -> !c.equals(repo.head()))
            .filter(c -> Collections.disjoint(repo.treeAt(c).wants("").keySet(), others))
            .filter(c -> isApplicable(repo.treeAt(c)))
            .toList(),
        random);
  }

  /** Not one that changes a Job which may be gone by now, and would be made anew. */
  private static boolean isApplicable(Tree tree) {
    return tree.files().values().stream()
        .noneMatch(l -> l.broken().filter(b -> b == Break.IMMUTABLE).isPresent());
  }

  private static List<Repo> settledRepos(World world) {
    return world.model().repos().stream().filter(repo -> !world.model().isHalfDone(repo)).toList();
  }

  private static Optional<String> revert(World world, SplittableRandom random) {
    return oneOf(settledRepos(world), random)
        .flatMap(repo ->
            old(world, repo, random)
                .map(commit -> {
                  publish(world, repo, repo.treeAt(commit), "revert");
                  return repo.name() + " to " + commit;
                }));
  }

  private static Optional<String> forcePush(World world, SplittableRandom random) {
    return oneOf(settledRepos(world), random)
        .flatMap(repo ->
            old(world, repo, random)
                .map(commit -> {
                  repo.forcePush(commit);
                  world.model().published();
                  return repo.name() + " to " + commit;
                }));
  }
}
