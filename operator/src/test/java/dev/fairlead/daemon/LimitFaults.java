package dev.fairlead.daemon;

import static dev.fairlead.model.Reason.BUILD_FAILED;
import static dev.fairlead.model.Reason.FETCH_FAILED;

import dev.fairlead.daemon.FaultRow.Fault;
import dev.fairlead.daemon.FaultRow.Ground;
import dev.fairlead.daemon.FaultRow.Outcome;
import dev.fairlead.model.Reason;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.TreeFormatter;

/** Rows: more of something than is allowed. */
final class LimitFaults {
  private static final String FILE = "deploy/broken.yaml";

  /** Where the default is more than a test wants to push. */
  static final Map<String, String> FLAGS =
      Map.of(
          "--max-file-bytes", "65536",
          "--max-files", "20",
          "--max-objects", "30",
          "--max-directory-bytes", "16384",
          "--max-fetch-bytes", "1048576",
          "--max-manifest-memory", "67108864",
          "--max-fetch-objects", "300",
          "--max-git-object-bytes", "524288");

  /**
   * Limits that make nothing fail, or only after more work than a row should take, each with what
   * shows that it holds.
   */
  static final Map<String, String> WITHOUT_ROW =
      Map.of(
          "GitLimits.parallelRequests", "SharingTest#fifty_looks_at_once_are_two_at_most",
          "GitLimits.Tree.reading",
              "PackBoundsTest#reading_ends_after_its_time_and_leaves_the_mirror_and_its_neighbours_as_they_are",
          "GitLimits.Disk.packs", "DamageTest#many_commits_leave_few_packs_and_little_disk",
          "GitLimits.Disk.keepUnused",
              "DamageTest#what_is_neither_pinned_nor_newest_goes_with_the_next_repack");

  private LimitFaults() {}

  private static FaultRow row(
      String phrase, String name, String limit, Reason reason, String message, Fault fault) {
    return FaultRow.of(phrase, name, fault, new Outcome.Refused(reason, message)).hitting(limit);
  }

  static List<FaultRow> rows() {
    List<FaultRow> rows = new ArrayList<>(manifests());
    rows.add(memory());
    rows.addAll(repositories());
    return rows;
  }

  private static List<FaultRow> manifests() {
    return List.of(
        row(
            "a file over the limit",
            "of bytes",
            "Limits.maxFileBytes",
            BUILD_FAILED,
            "deploy/broken.yaml: has 65537 bytes, more than the limit of 65536 for one file",
            site -> site.push(Map.of(FILE, "#".repeat(65_537)))),
        row(
                "too many files",
                "with manifests in them",
                "Limits.maxFiles",
                BUILD_FAILED,
                "there are more than the allowed 20 manifest files; narrow spec.path or split the"
                    + " sync",
                site ->
                    site.push(
                        many(
                            21,
                            i -> "deploy/m" + i + ".yaml",
                            i -> FaultSite.configMap("m" + i, ""))))
            .hitting("Limits.maxFiles", "GitLimits.Tree.files"),
        row(
            "too many files",
            "or rather objects",
            "Limits.maxObjects",
            BUILD_FAILED,
            "deploy*: *the sync has *, more than the limit of 30",
            site ->
                site.push(
                    Map.of(
                        FILE,
                        IntStream.range(0, 31)
                            .mapToObj(i -> FaultSite.configMap("m" + i, ""))
                            .reduce("", (a, b) -> a + "---\n" + b)))),
        row(
            "alias bombs",
            "nine lines that stand for a billion values",
            "Limits.maxExpandedNodes",
            BUILD_FAILED,
            "deploy/broken.yaml:*: *300000*",
            site -> site.push(Map.of(FILE, bomb()))),
        row(
            "10,000 levels",
            "of maps in maps",
            "Limits.maxDepth",
            BUILD_FAILED,
            "deploy/broken.yaml:1: *200*",
            site -> site.push(Map.of(FILE, "{a: ".repeat(10_000) + "1" + "}".repeat(10_000)))),
        row(
            "10,000 levels",
            "of lists in JSON",
            "Limits.maxDepth",
            BUILD_FAILED,
            "deploy/broken.json:1: *200*",
            site ->
                site.push(
                    Map.of(
                        "deploy/broken.json",
                        "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}"))));
  }

  private static FaultRow memory() {
    return row(
        "alias bombs",
        "of one text that stands for a hundred megabytes",
        "Limits.maxMemory",
        BUILD_FAILED,
        "deploy/broken.yaml:*: up to here the files of the sync take more than the 64 MiB of memory"
            + " that --max-manifest-memory allows; split the sync, or raise it together with the"
            + " operator's memory",
        site ->
            site.push(
                Map.of(
                    FILE,
                    "a: &a |\n" + "  text\n".repeat(5_000) + "b:\n" + "- *a\n".repeat(4_000))));
  }

  private static String bomb() {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i <= 8; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("a%d: &a%d [%s]\n".formatted(i, i, (alias + ", ").repeat(9) + alias));
    }
    return yaml.toString();
  }

  private static List<FaultRow> repositories() {
    String each = "Each limit";
    return List.of(
        row(
            "10,000 levels",
            "of directories",
            "GitLimits.Tree.depth",
            BUILD_FAILED,
            "deploy/d/d/*lies deeper than the allowed 64 directories",
            site ->
                site.push(
                    Map.of(
                        "deploy/" + "d/".repeat(64) + "a.yaml", FaultSite.configMap("deep", "")))),
        row(
            each,
            "of a tree whose few objects stand for a million files",
            "GitLimits.Tree.entries",
            BUILD_FAILED,
            "there are more than the allowed 100000 files and directories; narrow spec.path",
            LimitFaults::pushTreeBomb),
        row(
            each,
            "of the size of one directory",
            "GitLimits.Tree.bytes",
            BUILD_FAILED,
            "deploy/many has more entries than fit into 16 KiB",
            site ->
                site.push(many(150, i -> "deploy/many/" + "n".repeat(100) + i, i -> "the same"))),
        row(
            each,
            "of the bytes of a fetch",
            "GitLimits.Pack.bytes",
            FETCH_FAILED,
            "what <url> sends is too much: it is larger than the allowed 1 MiB*",
            site -> {
              GitChange[] noise = new GitChange[4];
              for (int i = 0; i < noise.length; i++) {
                byte[] bytes = new byte[400_000];
                new Random(i).nextBytes(bytes);
                noise[i] = new GitChange.Write("photo" + i, ByteBuffer.wrap(bytes));
              }
              site.push(noise);
            }),
        row(
            each,
            "of the objects of a fetch",
            "GitLimits.Pack.objects",
            FETCH_FAILED,
            "what <url> sends is too much: it has * objects, and 300 are allowed*",
            site -> site.push(many(301, i -> "notes/" + i, i -> "note " + i))),
        row(
            each,
            "of the size of one object",
            "GitLimits.Pack.objectBytes",
            FETCH_FAILED,
            "<url> holds a file that is larger than the allowed size of one object*",
            site -> site.push(Map.of("photo", "0".repeat(600_000)))),
        ofTheDisk(
            "of free space on the disk",
            "GitLimits.Disk.freeBytes",
            "the disk of the cache directory * is full: * are free and --min-free-bytes wants *",
            "--min-free-bytes",
            1L << 60),
        ofTheDisk(
            "of one repository on the disk",
            "GitLimits.Disk.mirrorBytes",
            "what is new in <url> does not fit into the 16 KiB that --max-mirror-bytes allows *",
            "--max-mirror-bytes",
            16_384),
        ofTheDisk(
            "of all repositories on the disk",
            "GitLimits.Disk.cacheBytes",
            "what is new in <url> does not fit into the 16 KiB that --max-cache-bytes allows *",
            "--max-cache-bytes",
            16_384));
  }

  private static FaultRow ofTheDisk(
      String name, String limit, String message, String flag, long value) {
    return row(
            "Each limit",
            name,
            limit,
            FETCH_FAILED,
            message,
            new Fault() {
              @Override
              public void strike(FaultSite site) {
                site.ground().restartDaemon(flag, Long.toString(value));
              }

              @Override
              public void lift(FaultSite site) {
                site.ground().restartDaemon();
              }
            })
        .on(Ground.OWN_CONTROL_PLANE);
  }

  private static GitChange[] many(int count, IntFunction<String> path, IntFunction<String> text) {
    return IntStream.range(0, count)
        .mapToObj(i -> new GitChange.Write(path.apply(i), text.apply(i).replace("<ns>", "default")))
        .toArray(GitChange[]::new);
  }

  /** Ten directories of ten directories, six times over, which are all the same one. */
  private static void pushTreeBomb(FaultSite site) {
    try (ObjectInserter inserter = site.repository().jgit().newObjectInserter()) {
      ObjectId id = inserter.insert(Constants.OBJ_BLOB, new byte[] {'x'});
      FileMode mode = FileMode.REGULAR_FILE;
      for (int level = 0; level < 6; level++) {
        TreeFormatter tree = new TreeFormatter();
        for (int i = 0; i < 10; i++) {
          tree.append("d" + i, mode, id);
        }
        id = inserter.insert(tree);
        mode = FileMode.TREE;
      }
      TreeFormatter root = new TreeFormatter();
      root.append("deploy", FileMode.TREE, id);
      ObjectId tree = inserter.insert(root);
      inserter.flush();
      site.repository().commitTree(GitRepository.MAIN, tree, "All is wrong");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
