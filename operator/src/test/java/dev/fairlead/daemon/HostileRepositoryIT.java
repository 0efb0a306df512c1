package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.HandmadePack;
import dev.fairlead.testbed.PackBomb;
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
  /** Just within what one object may have; three of them are most of the daemon's heap. */
  private static final int LARGE = 15 * 1024 * 1024;

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
      hostile(server, "branches", PackBomb.branches(8, LARGE), "60s");
      hostile(server, "instructions", PackBomb.instructions(LARGE), "60s");
      hostile(server, "reading", PackBomb.cuttings(1_000, 3, LARGE), "60s");
      hostile(server, "slow", PackBomb.copies(130, LARGE), "2s");
      repository.commit(Map.of("a.yaml", configMap("a", "1")), "One");
      follow("sync");

      assertThat(syncs.awaitReason("tree", "BuildFailed"))
          .contains("deploy is not a proper Git directory");
      assertThat(syncs.awaitReason("absent", "BuildFailed"))
          .contains("a.yaml: the repository lacks its object 1111");
      for (String memory : List.of("branches", "instructions")) {
        assertThat(syncs.awaitReason(memory, "FetchFailed"))
            .contains("to unpack it takes more than the 32 MiB of memory");
      }
      assertThat(syncs.awaitReason("reading", "FetchFailed"))
          .contains("to read them takes more than 32 GiB");
      assertThat(syncs.awaitReason("slow", "FetchFailed")).contains("spec.fetchTimeout");
      awaitValue("a", "1");
      String next = repository.commit(Map.of("a.yaml", configMap("a", "2")), "Two");
      syncs.awaitReady("sync", next);
      assertThat(valueOf("a")).isEqualTo("2");
    }
  }

  private void hostile(PackServer server, String name, HandmadePack pack, ObjectId tree) {
    ObjectId commit = pack.commit(tree, "Hostile");
    follow(name, server.serve(name, commit, pack.bytes()), "30s");
  }

  private void hostile(PackServer server, String name, PackBomb bomb, String fetchTimeout) {
    follow(name, server.serve(name, bomb.commit(), bomb.pack()), fetchTimeout);
  }

  private void follow(String name, String url, String fetchTimeout) {
    syncs.apply(name, url, "defaultNamespace: " + namespace, "fetchTimeout: " + fetchTimeout);
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
