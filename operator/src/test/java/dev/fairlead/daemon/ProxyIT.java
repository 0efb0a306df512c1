package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.TestProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories that are reached through the proxy that spec.proxySecretRef names. */
final class ProxyIT extends OneDaemon {
  private static final String PASSWORD = "swordfish-7";

  ProxyIT(ControlPlane cluster, @TempDir Path directory) {
    super("proxy", cluster, directory);
  }

  private void secret(String address, String password) {
    cluster.apply(
        cluster.kubectl(
            "create",
            "secret",
            "generic",
            "proxy",
            "-n",
            namespace,
            "--from-literal=address=" + address,
            "--from-literal=username=robot",
            "--from-literal=password=" + password,
            "--dry-run=client",
            "-o",
            "yaml"));
  }

  private void followThroughProxy(String name, String url) {
    followThroughProxy(name, url, "60s");
  }

  private void followThroughProxy(String name, String url, String fetchTimeout) {
    syncs.apply(
        name,
        url,
        "interval: 1h",
        "fetchTimeout: " + fetchTimeout,
        "proxySecretRef: {name: proxy}",
        "defaultNamespace: " + namespace);
  }

  @Test
  void what_is_wrong_is_told_until_the_secret_is_right_and_a_changed_one_is_used_at_once() {
    String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "First");
    String url = repository.url().replace("127.0.0.1", "git.invalid");
    followThroughProxy("app", url);
    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(
            "the Secret "
                + namespace
                + "/proxy of spec.proxySecretRef does not exist: create it, or correct"
                + " spec.proxySecretRef");

    try (TestProxy proxy = TestProxy.http();
        TestProxy other = TestProxy.http()) {
      proxy.require("robot", PASSWORD);
      secret(proxy.address(), "wrong-" + PASSWORD);
      assertThat(awaitMessage("app", "(407)"))
          .contains(
              "the proxy "
                  + proxy.address()
                  + " of spec.proxySecretRef does not accept the credentials (407)")
          .doesNotContain(PASSWORD);

      secret(proxy.address(), PASSWORD);
      syncs.awaitReady("app", first);

      String second = repository.commit(Map.of("a.yaml", configMap("a", "2")), "Second");
      secret(other.address(), PASSWORD);
      syncs.awaitReady("app", second);
      assertThat(other.asked()).isNotEmpty();
    }
    assertThat(operator.log()).doesNotContain(PASSWORD);
  }

  private String awaitMessage(String name, String part) {
    String[] message = {""};
    SyncClient.await(
        Duration.ofSeconds(30),
        part,
        () -> {
          message[0] = syncs.awaitReason(name, "AuthenticationFailed");
          return message[0].contains(part);
        },
        () -> message[0]);
    return message[0];
  }

  @Test
  void an_ill_proxy_holds_up_nobody_who_goes_to_the_same_host_without_it() {
    try (TestProxy proxy = TestProxy.http()) {
      proxy.fault((in, _) -> Thread.sleep(Duration.ofHours(1)));
      secret(proxy.address(), PASSWORD);
      for (int i = 0; i < 6; i++) {
        followThroughProxy("ill-" + i, git.create(namespace + "-ill-" + i).url(), "5s");
      }
      String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "First");

      follow("direct");

      syncs.awaitReady("direct", first);
      proxy.fault((_, _) -> {});
      assertThat(syncs.awaitReason("ill-0", "FetchFailed")).contains("proxy");
      String second = repository.commit(Map.of("a.yaml", configMap("a", "2")), "Second");
      syncs.awaitReady("direct", second);
    }
  }
}
