package dev.fairlead.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(ControlPlaneExtension.class)
class ControlPlaneIT {

  private static final Set<String> PROGRAMS =
      Set.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");

  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        replicas: 2
        selector:
          matchLabels: {app: web}
        template:
          metadata:
            labels: {app: web}
          spec:
            containers:
            - name: web
              image: registry.example.org/web:%s
      """;

  /** Or tests with the oldest Kubernetes would be with the newest, and nobody would notice. */
  @Test
  @EnabledIfEnvironmentVariable(named = "KUBEBUILDER_ASSETS", matches = ".+")
  void programs_that_were_named_are_those_that_run(ControlPlane cluster) throws IOException {
    Path assets = Path.of(Objects.requireNonNull(System.getenv("KUBEBUILDER_ASSETS")));
    try (Stream<Path> named = Files.list(assets)) {
      List<String> names = named.map(p -> p.getFileName() + "").filter(PROGRAMS::contains).toList();
      assertThat(names).isNotEmpty();
      for (String name : names) {
        assertThat(cluster.bin().resolve(name).toRealPath())
            .isEqualTo(assets.resolve(name).toRealPath());
      }
    }
  }

  @Test
  void a_deployment_rolls_out(ControlPlane cluster) {
    String namespace = cluster.createNamespace("rollout");

    cluster.tryKubectl(DEPLOYMENT.formatted("1"), "apply", "-n", namespace, "-f", "-").orFail();

    assertThat(cluster.kubectl("rollout", "status", "deploy/web", "-n", namespace, "--timeout=20s"))
        .contains("successfully rolled out");
  }

  @ParameterizedTest(name = "with the image tag {0} the pod is {1}, its container {2}")
  @CsvSource({
    "1, Running, running",
    "never-ready, Running, running",
    "crash, Running, CrashLoopBackOff",
    "missing, Pending, ImagePullBackOff",
    "fail, Failed, Error",
  })
  void the_image_tag_chooses_what_becomes_of_a_pod(
      String tag, String phase, String state, ControlPlane cluster) {
    String namespace = cluster.createNamespace("stages");

    cluster.tryKubectl(DEPLOYMENT.formatted(tag), "apply", "-n", namespace, "-f", "-").orFail();

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(
                    cluster.kubectl(
                        "get",
                        "pods",
                        "-n",
                        namespace,
                        "-o",
                        "jsonpath={.items[0].status.phase}"
                            + " {.items[0].status.containerStatuses[0].state}"
                            + " {.items[0].status.conditions[?(@.type=='Ready')].status}"))
                .contains(phase, state)
                .endsWith("1".equals(tag) ? " True" : " False"));
  }

  @Test
  void a_service_account_has_its_own_kubeconfig_and_no_rights(ControlPlane cluster) {
    Path kubeconfig = cluster.kubeconfig("default", "nobody");

    ProgramRun run = cluster.tryKubectl("", "--kubeconfig", kubeconfig.toString(), "get", "pods");

    assertThat(run.errors())
        .contains("system:serviceaccount:default:nobody\" cannot list resource \"pods\"");
  }

  @Test
  void a_failing_kubectl_says_why(ControlPlane cluster) {
    assertThatThrownBy(() -> cluster.kubectl("get", "namespace", "nowhere"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("namespaces \"nowhere\" not found");
  }

  @Test
  void a_killed_api_server_comes_back_with_its_data_and_nothing_is_left_after_close()
      throws Exception {
    Path directory;
    try (ControlPlane own = ControlPlane.start("--nodes=1")) {
      directory = own.directory();
      String server = own.server();
      String namespace = own.createNamespace("kept");

      own.killApiServer();
      assertThat(own.tryKubectl("", "get", "namespaces").errors()).contains("refused");
      own.startApiServer();

      assertThat(own.server()).isEqualTo(server);
      assertThat(own.kubectl("get", "namespaces")).contains(namespace);
    }
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      assertThat(all.filter(p -> commandLine(p).contains(directory.toString()))).isEmpty();
    }
    assertThat(Files.exists(directory.resolve("etcd"))).isFalse();
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }
}
