package dev.fairlead.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A working copy of the comparison corpus, which a test may change. For one thread.
 *
 * @param root where its files lie
 */
record Corpus(Path root) {
  private static final Path SOURCE = Path.of("src", "test", "resources", "corpus");

  /** The namespace of objects that name none. */
  static final String NAMESPACE = "corpus";

  /** A text of a file, which must be there exactly once, and what comes in its place. */
  record Edit(String file, String from, String to) {}

  /** The whole corpus in a new directory. */
  static Corpus copyTo(Path root) {
    return doing(() -> {
      for (Path file : filesIn(SOURCE)) {
        Path target = root.resolve(SOURCE.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
      return new Corpus(root);
    });
  }

  /** All files as they would be committed. */
  List<GitChange> asChanges() {
    return doing(() -> {
      List<GitChange> changes = new ArrayList<>();
      for (Path file : filesIn(root)) {
        changes.add(
            new GitChange.Write(
                root.relativize(file).toString(), ByteBuffer.wrap(Files.readAllBytes(file))));
      }
      return changes;
    });
  }

  /** The objects as kubectl reads them; the cluster must know their kinds. */
  Map<ObjectKey, Json.Obj> manifests(ControlPlane cluster, String... directories) {
    Map<ObjectKey, Json.Obj> manifests = new TreeMap<>();
    List<String> command =
        new ArrayList<>(
            List.of("create", "--dry-run=client", "--validate=false", "-o", "jsonpath={@}{'\\n'}"));
    command.addAll(recursively(directories));
    for (String line : cluster.kubectl(command.toArray(String[]::new)).lines().toList()) {
      Json.Obj manifest = SyncClient.parse(line);
      if (manifests.put(AppliedObjects.key(manifest), manifest) != null) {
        throw new AssertionError("twice in the corpus: " + AppliedObjects.key(manifest));
      }
    }
    return manifests;
  }

  /** Flags of kubectl for these directories, or for all. */
  List<String> recursively(String... directories) {
    List<String> flags = new ArrayList<>(List.of("-R"));
    if (directories.length == 0) {
      flags.addAll(List.of("-f", root.toString()));
    }
    for (String directory : directories) {
      flags.addAll(List.of("-f", root.resolve(directory).toString()));
    }
    return flags;
  }

  /** Changes files. */
  void edit(List<Edit> edits) {
    for (Edit edit : edits) {
      doing(() -> {
        Path file = root.resolve(edit.file());
        String text = Files.readString(file);
        int at = text.indexOf(edit.from());
        if (at < 0 || text.indexOf(edit.from(), at + 1) >= 0) {
          throw new AssertionError("not exactly once in " + edit.file() + ": " + edit.from());
        }
        return Files.writeString(file, text.replace(edit.from(), edit.to()), UTF_8);
      });
    }
  }

  /** Takes directories away. */
  void delete(String... directories) {
    for (String directory : directories) {
      doing(() -> {
        try (Stream<Path> paths = Files.walk(root.resolve(directory))) {
          for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
          }
        }
        return directory;
      });
    }
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private static <T> T doing(Step<T> step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
