package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator that may not read pods tells what the workloads themselves do. */
final class WhyDeniedIT extends OneDaemon {
  WhyDeniedIT(ControlPlane cluster, @TempDir Path directory) {
    String home = cluster.createNamespace("why-denied");
    Path kubeconfig = cluster.kubeconfig(home, "fairlead");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: %1$s}
        rules:
        - {apiGroups: [""], resources: [secrets, namespaces], verbs: [get, list, watch]}
        - {apiGroups: [apps, fairlead.dev, apiextensions.k8s.io], resources: ["*"], verbs: [get, list, watch]}
        - {apiGroups: [""], resources: [serviceaccounts], verbs: [impersonate]}
        - {apiGroups: [fairlead.dev], resources: [gitsyncs, gitsyncs/status], verbs: [patch]}
        - {apiGroups: [events.k8s.io], resources: [events], verbs: [create]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s}
        subjects: [{kind: ServiceAccount, name: fairlead, namespace: %1$s}]
        """
            .formatted(home));
    super("denied", cluster, directory, kubeconfig, "--namespace", home);
  }

  @Test
  void its_own_words_stay_and_the_missing_right_is_told_once() {
    repository.commit(Map.of("a.yaml", deployment("a"), "b.yaml", deployment("b")), "bad");
    follow("sync", "rollout: {timeout: 5s}");
    syncs.awaitReason("sync", "HealthCheckFailed");
    OperatorProcess.sleep(Duration.ofSeconds(15));

    Json.Obj problem = (Json.Obj) syncs.status("sync").items("problems").getFirst();
    assertThat(problem.string("message")).contains("0 of 1 replicas are available");
    assertThat(problem.string("reason")).contains("LessAvailable");
    assertThat(
            operator
                .log()
                .lines()
                .filter(l ->
                    l.contains("What keeps a workload from being healthy cannot be looked into")))
        .singleElement()
        .asString()
        .contains("resources: [pods]")
        .contains("list");
  }

  private static String deployment(String name) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: 1
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec: {containers: [{name: c, image: "example.org/c:missing"}]}
    """
        .formatted(name);
  }
}
