package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;
import static org.eclipse.jgit.lib.Constants.OBJ_COMMIT;
import static org.eclipse.jgit.lib.Constants.OBJ_TREE;

import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.testbed.HandmadePack;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Commits whose trees and objects are not what they should be, or are said to be. */
final class HostileTreeTest extends HostileFixture {
  private static final String LIE =
      "deploy/a.yaml: the directory that it is in says that it is a file, and the object is of"
          + " another type";

  /** Makes a pack; returns the commit that is said to be the newest. */
  interface Content {
    ObjectId in(HandmadePack pack);
  }

  record Row(String name, Reason reason, Content content, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row commit(String name, Content tree, String message) {
    return new Row(
        name, Reason.BUILD_FAILED, pack -> pack.commit(tree.in(pack), "Hostile"), message);
  }

  private static Row name(String what, String mode, String name) {
    return commit(
        what,
        pack -> pack.tree(mode, name, mode.equals("40000") ? pack.tree() : pack.put(OBJ_BLOB, "")),
        "the root directory is not a proper Git directory");
  }

  private static Row ntfs(String what, String name) {
    return commit(
        what,
        pack -> pack.tree("40000", "deploy", pack.tree("40000", name, pack.tree())),
        "deploy/" + name + ": rename it, Windows takes it for the directory of Git itself");
  }

  private static ObjectId deploy(HandmadePack pack, String mode, String name, ObjectId id) {
    return pack.tree("40000", "deploy", pack.tree(mode, name, id));
  }

  static Stream<Row> objects() {
    ObjectId nothing = ObjectId.fromString("1".repeat(40));
    return Stream.of(
        name("the directory of Git itself", "40000", ".git"),
        name("the same in capitals", "40000", ".GIT"),
        name("its short name on Windows", "40000", "git~1"),
        name("what Windows takes for it", "40000", ".git. ."),
        name("with a space", "40000", ".git "),
        ntfs("a stream of it on NTFS", ".git::$INDEX_ALLOCATION"),
        ntfs("one of its short name", "GIT~1:config"),
        ntfs("one after what Windows leaves out", ".Git . .:x"),
        name("the directory above", "40000", ".."),
        name("the directory itself", "40000", "."),
        name("no name", "100644", ""),
        name("a way out", "100644", "../../x.yaml"),
        name("an absolute path", "100644", "/etc/cron.d/x.yaml"),
        name("no mode", "0", "a.yaml"),
        name("a mode that there is not", "170000", "a.yaml"),
        name("a mode that is no number", "rw-r--", "a.yaml"),
        commit(
            "what macOS takes for the directory of Git",
            pack -> pack.tree("40000", ".g\u200cit", pack.tree()),
            ".g?it: rename it, a name must not have control or invisible characters"),
        commit(
            "directories that differ by case only",
            pack -> pack.tree("40000", "A", pack.tree(), "40000", "a", pack.tree()),
            "a: rename it, only the case differs from A"),
        commit(
            "a file that is a directory",
            pack -> deploy(pack, "100644", "a.yaml", pack.tree()),
            LIE),
        commit(
            "a file that is a commit",
            pack -> deploy(pack, "100644", "a.yaml", pack.commit(pack.tree(), "Inner")),
            LIE),
        commit(
            "a link that is a directory",
            pack -> deploy(pack, "120000", "a.yaml", pack.tree()),
            LIE),
        commit(
            "a directory that is a file",
            pack -> pack.tree("40000", "deploy", pack.put(OBJ_BLOB, "kind: Secret")),
            "deploy is not a proper Git directory (the object is of another type)"),
        commit(
            "a root that is a file",
            pack -> pack.put(OBJ_BLOB, "kind: Secret"),
            "the root directory is not a proper Git directory (the object is of another type)"),
        commit(
            "a directory of noise",
            pack -> pack.put(OBJ_TREE, "no directory"),
            "the root directory is not a proper Git directory"),
        commit(
            "an ignore file that is a directory, where a file is said to be",
            pack -> pack.tree("100644", ".fairleadignore", pack.tree()),
            ".fairleadignore: the directory that it is in says that it is a file"),
        commit(
            "a name that is longer than any file system takes",
            pack -> pack.tree("100644", "x".repeat(1_000_000) + ".yaml", pack.put(OBJ_BLOB, "")),
            "xxx...: the path is longer than 4096 characters"),
        commit(
            "20,000 levels",
            pack -> {
              ObjectId tree = pack.tree("100644", "a.yaml", pack.put(OBJ_BLOB, ""));
              for (int i = 0; i < 20_000; i++) {
                tree = pack.tree("40000", "d", tree);
              }
              return tree;
            },
            "lies deeper than the allowed 64 directories"),
        commit(
            "paths that do not fit into memory together",
            pack -> {
              Object[] many = new Object[3 * 10_000];
              ObjectId empty = pack.tree();
              for (int i = 0; i < many.length; i += 3) {
                many[i] = "40000";
                many[i + 1] = "d%05d".formatted(i);
                many[i + 2] = empty;
              }
              ObjectId tree = pack.tree(many);
              for (int i = 0; i < 15; i++) {
                tree = pack.tree("40000", "x".repeat(255), tree);
              }
              return tree;
            },
            "the paths of files and directories have more than the allowed 10000000 characters"),
        commit(
            "one directory that holds itself in many places",
            pack -> {
              ObjectId tree = pack.tree();
              for (int i = 0; i < 20; i++) {
                tree = pack.tree("40000", "a", tree, "40000", "b", tree, "40000", "c", tree);
              }
              return tree;
            },
            "there are more than the allowed 100000 files and directories"),
        new Row(
            "a ref to a file",
            Reason.REF_NOT_FOUND,
            pack -> pack.put(OBJ_BLOB, "kind: Secret"),
            "is not a commit"),
        new Row(
            "a ref to something that was not sent",
            Reason.FETCH_FAILED,
            pack -> {
              pack.put(OBJ_BLOB, "something else");
              return nothing;
            },
            ""),
        new Row(
            "a commit of 2 MiB",
            Reason.BUILD_FAILED,
            pack -> pack.commit(pack.tree(), "x".repeat(2 * 1024 * 1024)),
            "has 2.0 MiB, more than the limit of 1 MiB for its message and all: shorten it"),
        new Row(
            "a commit of noise",
            Reason.FETCH_FAILED,
            pack -> pack.put(OBJ_COMMIT, "no commit"),
            ""),
        new Row(
            "a chain of tags",
            Reason.BUILD_FAILED,
            pack -> {
              ObjectId tag = pack.tag(pack.commit(pack.tree(), "Commit"), "commit", "t");
              for (int i = 0; i < 50; i++) {
                tag = pack.tag(tag, "tag", "t" + i);
              }
              return tag;
            },
            "leads through more than the allowed 10 other tags: tag the commit itself"),
        new Row(
            "a directory of 1,000,000 entries",
            Reason.FETCH_FAILED,
            pack -> {
              byte[] id = new byte[20];
              var raw = new ByteArrayOutputStream(40_000_000);
              for (int i = 0; i < 1_000_000; i++) {
                raw.writeBytes("100644 f%07d.yaml\0".formatted(i).getBytes(StandardCharsets.UTF_8));
                raw.writeBytes(id);
              }
              return pack.commit(pack.put(OBJ_TREE, raw.toByteArray()), "Many");
            },
            "holds a file that is larger than the allowed size of one object"),
        commit(
            "a directory of 150,000 entries",
            pack -> {
              byte[] id = new byte[20];
              var raw = new ByteArrayOutputStream(6_000_000);
              for (int i = 0; i < 150_000; i++) {
                raw.writeBytes("100644 f%06d.yaml\0".formatted(i).getBytes(StandardCharsets.UTF_8));
                raw.writeBytes(id);
              }
              return pack.put(OBJ_TREE, raw.toByteArray());
            },
            "the root directory has more entries than fit into 4 MiB"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("objects")
  @Timeout(120)
  void what_is_not_what_it_is_said_to_be_is_refused(Row row) throws Exception {
    var pack = new HandmadePack();
    ObjectId commit = row.content().in(pack);
    Mirror mirror = mirror(commit, pack.bytes());

    GitException e = catchThrowableOfType(GitException.class, () -> readAll(mirror, commit));

    assertThat(e).as("it is refused").isNotNull();
    assertThat(e.getMessage()).contains(row.message()).doesNotContain("\n").hasSizeLessThan(700);
    assertThat(e.reason()).as(e.getMessage()).isEqualTo(row.reason());
    nothing_is_elsewhere();
  }

  static Stream<Row> absent() {
    ObjectId nothing = ObjectId.fromString("1".repeat(40));
    return Stream.of(
        commit(
            "a file",
            pack -> deploy(pack, "100644", "a.yaml", nothing),
            "deploy/a.yaml: the repository lacks its object 1111"),
        commit(
            "a directory",
            pack -> pack.tree("40000", "deploy", nothing),
            "deploy: the repository lacks its object 1111"),
        commit(
            "a link",
            pack -> pack.tree("120000", "a.yaml", nothing),
            "a.yaml: the repository lacks"),
        commit("the root", _ -> nothing, "the root directory: the repository lacks its object"));
  }

  /** What our own mirror may have lost is fetched once more, and then it is the repository's. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("absent")
  void what_the_repository_lacks_is_told_by_name_and_not_fetched_for_ever(Row row)
      throws Exception {
    var pack = new HandmadePack();
    ObjectId commit = row.content().in(pack);
    Mirror mirror = mirror(commit, pack.bytes());

    GitException first = catchThrowableOfType(GitException.class, () -> readAll(mirror, commit));
    assertThat(first.reason()).isEqualTo(Reason.FETCH_FAILED);
    for (int i = 0; i < 3; i++) {
      GitException e = catchThrowableOfType(GitException.class, () -> readAll(mirror, commit));
      assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED);
      assertThat(e).hasMessageStartingWith(row.message()).hasMessageContaining("git fsck");
    }
    assertThat(server.fetches("x.git")).isEqualTo(2);
  }

  @Test
  void ten_tags_in_a_row_are_followed() throws Exception {
    var pack = new HandmadePack();
    ObjectId commit = pack.commit(pack.tree("100644", "a", pack.put(OBJ_BLOB, "")), "Commit");
    ObjectId tag = pack.tag(commit, "commit", "t0");
    for (int i = 1; i < Peeled.TAGS_IN_A_ROW; i++) {
      tag = pack.tag(tag, "tag", "t" + i);
    }
    String url =
        server.serve(
            "t.git", Map.of("refs/tags/t9", tag.name() + " peeled:" + commit.name()), pack.bytes());
    Mirror mirror = mirrors.acquire(new Remote(url, Credentials.NONE));

    assertThat(look(mirror, new RefSelector.Tag("t9")).revision().commit())
        .isEqualTo(commit.name());
  }
}
