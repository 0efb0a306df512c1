package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan tells a tenant no more than what the tenant's account may do. */
final class TenantPlanIT extends TenantDaemon {
  TenantPlanIT(ControlPlane cluster, @TempDir Path directory) {
    super(cluster, directory);
  }

  @Test
  void an_account_that_may_write_but_not_read_is_told_what_would_change() {
    cluster.apply(
        configMap("a", "1").replace("{name: a}", "{name: a, namespace: " + namespace + "}"));
    repository.commit(Map.of("a.yaml", configMap("a", "2"), "b.yaml", configMap("b", "1")), "one");

    follow("sync", ACCOUNT, "mode: Plan");

    syncs.awaitReason("sync", "OutOfSync");
    Json.Obj plan = syncs.status("sync").object("plan").orElseThrow();
    List<String> lines = plan.items("first").stream().map(l -> ((Json.Str) l).value()).toList();
    assertThat(lines)
        .containsExactly(
            "a.yaml:4: ConfigMap " + namespace + "/a: data.key: \"1\" -> \"2\"",
            "b.yaml:1: create ConfigMap " + namespace + "/b");
    assertThat(valueOf("a")).isEqualTo("1");
  }

  @Test
  void what_the_account_may_not_write_is_denied_and_nothing_of_it_is_told() {
    String other = cluster.createNamespace("tenant-other");
    cluster.apply(
        configMap("a", "hush").replace("{name: a}", "{name: a, namespace: " + other + "}"));
    repository.commit(
        Map.of(
            "a.yaml",
                configMap("a", "2").replace("{name: a}", "{name: a, namespace: " + other + "}"),
            "b.yaml", configMap("b", "1")),
        "one");

    follow("sync", ACCOUNT, "mode: Plan");

    assertThat(syncs.awaitReason("sync", "AccessDenied")).contains("a.yaml").contains(other);
    assertThat(
            syncs.status("sync").toJson()
                + operator.view(namespace, "sync").toJson()
                + operator.log())
        .doesNotContain("hush");
  }
}
