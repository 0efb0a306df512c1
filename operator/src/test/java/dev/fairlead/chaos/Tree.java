package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.testbed.GitChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The files of a repository at one commit. Immutable. */
record Tree(Map<String, Leaf> files) {
  static final Tree EMPTY = new Tree(Map.of());

  /** A file: its objects, and how it is broken if it is. */
  record Leaf(List<Item> items, Optional<Break> broken) {
    Leaf {
      items = List.copyOf(items);
    }

    static Leaf of(List<Item> items) {
      return new Leaf(items, Optional.empty());
    }

    String text() {
      String good =
          items.stream().map(i -> i.manifest().toJson()).collect(Collectors.joining("\n---\n"));
      return broken
          .map(b -> b.spoil(good + "\n", items.getFirst().namespace()))
          .orElse(good + "\n");
    }
  }

  Tree {
    files = Map.copyOf(files);
  }

  /** A file; one without objects where there is none. */
  Leaf leaf(String file) {
    return files.getOrDefault(file, Leaf.of(List.of()));
  }

  /** With another content of a file; an empty one removes it. */
  Tree with(String file, Leaf leaf) {
    TreeMap<String, Leaf> next = new TreeMap<>(files);
    if (leaf.items().isEmpty()) {
      next.remove(file);
    } else {
      next.put(file, leaf);
    }
    return new Tree(next);
  }

  Tree without(String file) {
    TreeMap<String, Leaf> next = new TreeMap<>(files);
    next.remove(file);
    return new Tree(next);
  }

  /** With another version of an object, in the file that has it. */
  Tree replaced(Item item) {
    return edited(item.key(), List.of(item));
  }

  /** Without an object. */
  Tree removed(ObjectKey key) {
    return edited(key, List.of());
  }

  private Tree edited(ObjectKey key, List<Item> instead) {
    String file = fileOf(key).orElseThrow();
    Leaf leaf = leaf(file);
    List<Item> items = new ArrayList<>();
    for (Item item : leaf.items()) {
      items.addAll(item.key().equals(key) ? instead : List.of(item));
    }
    return with(file, new Leaf(items, leaf.broken()));
  }

  Optional<String> fileOf(ObjectKey key) {
    return files.entrySet().stream()
        .filter(e -> e.getValue().items().stream().anyMatch(i -> i.key().equals(key)))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The files below a folder, in order; an empty folder is the root. */
  SortedMap<String, Leaf> below(String folder) {
    TreeMap<String, Leaf> found = new TreeMap<>();
    files.forEach((file, leaf) -> {
      if (folder.isEmpty() || file.startsWith(folder + "/")) {
        found.put(file, leaf);
      }
    });
    return found;
  }

  /** What a sync of a folder is to have; as if nothing were broken. */
  SortedMap<ObjectKey, Item> wants(String folder) {
    TreeMap<ObjectKey, Item> wants = new TreeMap<>();
    below(folder).values().forEach(leaf -> leaf.items().forEach(i -> wants.put(i.key(), i)));
    return wants;
  }

  /** How the folder is broken, the worst first. */
  Optional<Break> broken(String folder) {
    Collection<Leaf> leaves = below(folder).values();
    return leaves.stream().flatMap(l -> l.broken().stream()).min(Break::compareTo);
  }

  /** Whether it has a Job with a template that the one in the cluster must not get. */
  boolean changesInVain(ObjectKey job) {
    return fileOf(job)
        .flatMap(file -> leaf(file).broken())
        .filter(b -> b == Break.IMMUTABLE)
        .isPresent();
  }

  /** What a commit changes that makes this of another tree. */
  List<GitChange> since(Tree before) {
    List<GitChange> changes = new ArrayList<>();
    before.files.keySet().stream()
        .filter(file -> !files.containsKey(file))
        .sorted()
        .forEach(file -> changes.add(new GitChange.Delete(file)));
    new TreeMap<>(files)
        .forEach((file, leaf) -> {
          if (!leaf.equals(before.files.get(file))) {
            changes.add(new GitChange.Write(file, leaf.text()));
          }
        });
    return changes;
  }
}
