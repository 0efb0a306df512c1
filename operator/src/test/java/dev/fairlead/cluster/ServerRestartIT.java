package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.Live;
import dev.fairlead.testbed.ControlPlane;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a watch sees of an API server that goes away, with control planes of their own. */
class ServerRestartIT {
  private static final ResourceWatch.Timing QUICK =
      new ResourceWatch.Timing(
          Duration.ofSeconds(100),
          Duration.ofMinutes(5),
          Duration.ofMinutes(6),
          Duration.ofMillis(50),
          Duration.ofMillis(500),
          Duration.ofMinutes(10));

  @Test
  void the_watch_of_a_killed_server_goes_on_where_it_was() throws Exception {
    List<String> requests = Collections.synchronizedList(new ArrayList<>());
    try (ControlPlane cluster = ControlPlane.start("--nodes=1");
        Served near = Served.by(cluster);
        Served watched = Served.by(cluster.kubeconfig(), counter(requests))) {
      String namespace = cluster.createNamespace("restart");
      Resource configMap = near.resource("v1", "ConfigMap");
      Recorder recorder = new Recorder();
      near.apply(configMap, namespace, "a", "");
      var scope = new ResourceWatch.Scope(configMap, namespace, "", false);
      try (ResourceWatch watch = ResourceWatch.start(watched.server, scope, QUICK, recorder)) {
        assertThat(watch.scope()).isEqualTo(scope);
        recorder.hears("ADDED a");

        cluster.killApiServer();
        cluster.startApiServer();
        near.apply(configMap, namespace, "b", "");
        recorder.hears("ADDED b");

        assertThat(lists(requests)).containsExactly("list 200");
        assertThat(recorder.words()).doesNotContain("DELETED a");
        assertThat(recorder.words()).filteredOn(w -> w.endsWith(" a")).hasSize(1);
      }
    }
  }

  @Test
  void nothing_is_lost_by_a_version_that_the_server_forgot() throws Exception {
    List<String> requests = Collections.synchronizedList(new ArrayList<>());
    try (ControlPlane cluster =
            ControlPlane.start("--nodes=1", "--apiserver-arg=--etcd-compaction-interval=2s");
        Cable cable = cable(cluster);
        Served near = Served.by(cluster);
        Served far = Served.by(kubeconfig(cluster, cable), counter(requests))) {
      String namespace = cluster.createNamespace("restart");
      Resource configMap = near.resource("v1", "ConfigMap");
      Recorder recorder = new Recorder();
      Live a = near.apply(configMap, namespace, "a", "").live();
      Live kept = near.apply(configMap, namespace, "kept", "").live();
      var scope = new ResourceWatch.Scope(configMap, namespace, "", false);
      try (ResourceWatch _ = ResourceWatch.start(far.server, scope, QUICK, recorder)) {
        recorder.hears("ADDED kept");

        cable.cut();
        near.server.delete(configMap, a.key(), a.uid(), a.resourceVersion());
        near.apply(configMap, namespace, "c", "");
        compact(near, configMap, namespace);
        cluster.stopApiServer();
        cluster.startApiServer();
        cable.repair();
        recorder.hears("DELETED a");
        recorder.hears("ADDED c");

        assertThat(lists(requests)).containsExactly("list 200", "list 200");
        // So it was the version that the server forgot, not one refusal after another.
        assertThat(recorder.states)
            .filteredOn(WatchListener.Failing.class::isInstance)
            .allSatisfy(s -> assertThat(s.toString()).contains("did not answer"));
        assertThat(recorder.words()).filteredOn(w -> w.endsWith(" kept")).hasSize(1);
        assertThat(near.server.getMetadata(configMap, kept.key())).isPresent();
      }
    }
  }

  private static RequestListener counter(List<String> requests) {
    return (verb, code, took) -> requests.add(verb + " " + code);
  }

  private static List<String> lists(List<String> requests) {
    synchronized (requests) {
      return requests.stream().filter(r -> r.startsWith("list")).toList();
    }
  }

  /** Writes until etcd has forgotten what was before: it compacts to the interval before last. */
  private static void compact(Served near, Resource configMap, String namespace) {
    for (int i = 0; i < 8; i++) {
      int round = i;
      await()
          .pollDelay(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              !near.apply(configMap, namespace, "churn", "\"data\":{\"i\":\"" + round + "\"}")
                  .live()
                  .uid()
                  .isEmpty());
    }
  }

  private static Cable cable(ControlPlane cluster) throws Exception {
    URI server = URI.create(cluster.server());
    return new Cable(new InetSocketAddress(server.getHost(), server.getPort()));
  }

  private static Path kubeconfig(ControlPlane cluster, Cable cable) throws Exception {
    return Files.writeString(
        cluster.directory().resolve("cable.kubeconfig"),
        Files.readString(cluster.kubeconfig())
            .replace(cluster.server(), "https://127.0.0.1:" + cable.port()));
  }
}
