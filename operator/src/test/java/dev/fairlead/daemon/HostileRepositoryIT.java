package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.HandmadePack;
import dev.fairlead.testbed.PackServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in a repository, good and bad, through a daemon with the heap that it has. */
final class HostileRepositoryIT extends OneDaemon {
  HostileRepositoryIT(ControlPlane cluster, @TempDir Path directory) {
    super("hostile", cluster, directory);
  }

  @Test
  void a_hostile_repository_fails_with_its_sentence_and_its_neighbour_is_applied()
      throws IOException {
    try (var server = new PackServer()) {
      var tree = new HandmadePack();
      ObjectId git = tree.tree("100644", "config.yaml", tree.put(OBJ_BLOB, "x"));
      hostile(server, "tree", tree, tree.tree("40000", "deploy", tree.tree("40000", ".git", git)));
      var absent = new HandmadePack();
      hostile(
          server,
          "absent",
          absent,
          absent.tree("100644", "a.yaml", ObjectId.fromString("1".repeat(40))));
      var bomb = new HandmadePack();
      deltas(bomb, 15 * 1024 * 1024);
      hostile(server, "bomb", bomb, bomb.tree());
      repository.commit(Map.of("a.yaml", configMap("a", "1")), "One");
      follow("sync");

      assertThat(syncs.awaitReason("tree", "BuildFailed"))
          .contains("deploy is not a proper Git directory");
      assertThat(syncs.awaitReason("absent", "BuildFailed"))
          .contains("a.yaml: the repository lacks its object 1111");
      assertThat(syncs.awaitReason("bomb", "FetchFailed")).contains("spec.fetchTimeout");
      awaitValue("a", "1");
      String next = repository.commit(Map.of("a.yaml", configMap("a", "2")), "Two");
      syncs.awaitReady("sync", next);
      assertThat(valueOf("a")).isEqualTo("2");
    }
  }

  private void hostile(PackServer server, String name, HandmadePack pack, ObjectId tree) {
    ObjectId commit = pack.commit(tree, "Hostile");
    String url = server.serve(name, commit, pack.bytes());
    syncs.apply(name, url, "defaultNamespace: " + namespace, "fetchTimeout: 5s");
  }

  /** A few kilobytes on the wire, and 15 GiB of work. */
  private static void deltas(HandmadePack pack, int size) {
    long base = pack.position();
    pack.put(OBJ_BLOB, new byte[size]);
    for (int i = 0; i < 1_000; i++) {
      pack.deltaOfPosition(base, HandmadePack.delta(size, "%05d".formatted(i)));
    }
  }

  @Test
  void a_file_behind_a_link_is_applied_repaired_and_told_by_the_path_where_it_lies() {
    repository.commit(
        GitRepository.MAIN,
        "Links",
        List.of(
            new GitChange.Write("deploy/base/web.tmpl", configMap("web", "1")),
            new GitChange.Write("deploy/base/db.yaml", configMap("db", "1")),
            new GitChange.Symlink("deploy/prod/web.yaml", "../base/web.tmpl"),
            new GitChange.Symlink("deploy/stage", "base")));
    follow("sync", "path: deploy");
    syncs.awaitReady("sync", repository.resolve("refs/heads/main"));
    assertThat(valueOf("db")).isEqualTo("1");
    assertThat(operator.view(namespace, "sync").toJson())
        .contains("deploy/base/web.tmpl")
        .doesNotContain("deploy/prod/web.yaml");

    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "web", "-p", "{\"data\":{\"key\":\"9\"}}");
    awaitValue("web", "1");
    repository.commit(Map.of("deploy/base/web.tmpl", configMap("web", "2")), "Two");
    awaitValue("web", "2");
    repository.commit(
        GitRepository.MAIN, "Away", List.of(new GitChange.Symlink("deploy/x.yaml", "../x.yaml")));
    assertThat(syncs.awaitReason("sync", "BuildFailed"))
        .contains("deploy/x.yaml: a symbolic link to ../x.yaml, which is outside of spec.path");
    assertThat(valueOf("web")).isEqualTo("2");
  }
}
