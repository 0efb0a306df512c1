package dev.fairlead.cluster;

import static dev.fairlead.cluster.Served.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import io.fabric8.kubernetes.client.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(ControlPlaneExtension.class)
class ConnectionIT {
  private static final Resource NAMESPACES =
      new Resource("", "v1", "namespaces", "Namespace", false, Set.of());

  private final Map<String, String> properties = new LinkedHashMap<>();

  @AfterEach
  void forgetProperties() {
    properties.keySet().forEach(System::clearProperty);
  }

  private void set(String name, Path value) {
    set(name, value.toString());
  }

  private void set(String name, String value) {
    properties.put(name, value);
    System.setProperty(name, value);
  }

  @Test
  void a_pods_token_that_was_rotated_is_read_again(ControlPlane cluster, @TempDir Path pod)
      throws Exception {
    String namespace = cluster.createNamespace("token");
    cluster.kubectl(
        "create",
        "clusterrolebinding",
        namespace,
        "--clusterrole=view",
        "--serviceaccount=" + namespace + ":pod");
    Matcher token =
        Pattern.compile("token: \"?([^\"\\s]+)")
            .matcher(Files.readString(cluster.kubeconfig(namespace, "pod")));
    assertThat(token.find()).isTrue();
    Path file = Files.writeString(pod.resolve("token"), "expired");
    set(Config.KUBERNETES_AUTH_TRYKUBECONFIG_SYSTEM_PROPERTY, "false");
    set(Config.KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN_FILE_SYSTEM_PROPERTY, file);
    set(Config.KUBERNETES_SERVICE_ACCOUNT_CA_CRT_PATH, cluster.directory().resolve("ca.crt"));
    set(
        Config.KUBERNETES_CA_CERTIFICATE_FILE_SYSTEM_PROPERTY,
        cluster.directory().resolve("ca.crt"));
    set(Config.KUBERNETES_MASTER_SYSTEM_PROPERTY, cluster.server());

    try (ApiServer server =
        ApiServer.connect(Connection.fromEnvironment(), Served.DEADLINE, RequestListener.NONE)) {
      var key = NAMESPACES.key("", namespace);
      assertThat(refusal(() -> server.getMetadata(NAMESPACES, key)))
          .isInstanceOf(ApiError.Unauthorized.class);

      Files.writeString(file, token.group(1));

      assertThat(server.getMetadata(NAMESPACES, key)).isPresent();
    }
  }
}
