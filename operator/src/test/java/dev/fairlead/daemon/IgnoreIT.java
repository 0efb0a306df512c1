package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes ignored goes, what no longer is comes, and the guard holds. */
final class IgnoreIT extends OneDaemon {
  IgnoreIT(ControlPlane cluster, @TempDir Path directory) {
    super("ignore", cluster, directory);
  }

  @Test
  void what_becomes_ignored_is_pruned_as_if_it_had_been_removed_from_git() {
    for (String name : new String[] {"a", "b", "c", "d"}) {
      repository.commit(Map.of(name + ".yaml", configMap(name, "1")), name);
    }
    String commit = repository.resolve("refs/heads/main");
    follow("sync", "ignore: [d.yaml]");
    syncs.awaitReady("sync", commit);
    assertThat(valueOf("c")).isEqualTo("1");
    assertThat(valueOf("d")).isEmpty();

    // The same commit, another list.
    cluster.kubectl(
        "patch",
        "gitsync",
        "sync",
        "-n",
        namespace,
        "--type=merge",
        "-p",
        "{\"spec\":{\"ignore\":[\"/c.yaml\"]}}");
    awaitValue("d", "1");
    awaitValue("c", "");
    assertThat(valueOf("a")).isEqualTo("1");

    // Two of three are more than half.
    repository.commit(Map.of(".fairleadignore", "[ab].yaml\n"), "Ignore more");
    syncs.awaitReason("sync", "PruneBlocked");
    assertThat(valueOf("a")).isEqualTo("1");
    assertThat(valueOf("b")).isEqualTo("1");

    // Nothing is left: an error, and no prune.
    repository.commit(Map.of(".fairleadignore", "*\n"), "Ignore all");
    assertThat(syncs.awaitReason("sync", "BuildFailed"))
        .contains("holds no .yaml, .yml or .json file that is not ignored; nothing is pruned");
    assertThat(valueOf("a")).isEqualTo("1");
  }
}
