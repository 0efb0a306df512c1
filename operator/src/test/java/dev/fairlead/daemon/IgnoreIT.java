package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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

  @Test
  void a_plan_knows_nothing_of_what_is_ignored_and_says_what_would_be_pruned_for_it() {
    for (String name : new String[] {"a", "b", "c"}) {
      repository.commit(Map.of(name + ".yaml", configMap(name, "1")), name);
    }
    follow("sync", "mode: Plan", "ignore: [c.yaml]");
    awaitPlan(2, 0);
    assertThat(valueOf("a")).isEmpty();
    follow("sync", "mode: Apply", "ignore: [c.yaml]");
    awaitValue("b", "1");
    syncs.awaitReady("sync", repository.resolve("refs/heads/main"));

    follow("sync", "mode: Plan", "ignore: [b.yaml]");
    awaitPlan(1, 1);
    assertThat(syncs.status("sync").object("plan").orElseThrow().toJson())
        .doesNotContain("was deleted");
    assertThat(valueOf("b")).isEqualTo("1");
    assertThat(valueOf("c")).isEmpty();
    // A process that did not apply it does not know what was ignored then.
    restart();
    ready();
    cluster.kubectl("delete", "configmap", "-n", namespace, "a");
    awaitPlan(2, 1);

    follow("sync", "mode: Apply", "ignore: [b.yaml]");
    awaitValue("c", "1");
    awaitValue("b", "");
    assertThat(valueOf("a")).isEqualTo("1");
  }

  private void awaitPlan(long create, long prune) {
    syncs.await(
        "sync",
        "a plan to create " + create + " and prune " + prune + ", of which nothing has drifted",
        status -> {
          Json.Obj plan = status.object("plan").orElse(Json.Obj.empty());
          return plan.integer("create").equals(Optional.of(create))
              && plan.integer("prune").equals(Optional.of(prune))
              && plan.integer("drifted").equals(Optional.of(0L));
        });
  }
}
