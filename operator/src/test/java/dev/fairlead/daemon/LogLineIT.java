package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.LogNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The last line of a crashing program's log is told to whom the sync's account may read it for, and
 * nothing of a Secret with it.
 */
final class LogLineIT extends OneDaemon {
  private static final String PASSWORD = "corr3ct-horse";

  private final LogNode node;

  LogLineIT(ControlPlane cluster, @TempDir Path directory) {
    super("log-line", cluster, directory);
    node = LogNode.start(cluster, directory);
  }

  @AfterAll
  void remove() {
    node.close();
  }

  @Test
  void a_crash_is_told_with_the_last_line_of_the_log_without_what_is_secret() {
    node.says("loud", "one\nno login with " + PASSWORD + " at postgres://me:pa55@db/x\n\n");
    repository.commit(Map.of("web.yaml", deployment("loud"), "secret.yaml", secret()), "bad");
    follow("sync");

    assertThat(awaitCrash())
        .isEqualTo(
            "the pod cannot stay up: container loud crashes with exit code 1; its last log line:"
                + " \"no login with *** at postgres://me:***@db/x\"; no pod serves");
    // Twice as many looks, and the log is not read again.
    OperatorProcess.sleep(Duration.ofSeconds(18));
    assertThat(node.asked())
        .singleElement()
        .asString()
        .contains("previous=true")
        .contains("tailLines=3")
        .contains("limitBytes=16384");
    String everything =
        syncs.find("sync").orElseThrow().toJson()
            + operator.view(namespace, "sync").toJson()
            + operator.log()
            + cluster.kubectl("get", "events", "-n", namespace, "-o", "yaml");
    assertThat(everything).doesNotContain(PASSWORD).doesNotContain("pa55");
  }

  @Test
  void an_account_that_may_not_read_logs_is_not_told_of_them() {
    node.says("quiet", "something private\n");
    cluster.apply(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: deployer, namespace: %1$s}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: deployer, namespace: %1$s}
        rules:
        - {apiGroups: [apps], resources: [deployments], verbs: [create, patch, delete]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: deployer, namespace: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
        subjects: [{kind: ServiceAccount, name: deployer, namespace: %1$s}]
        """
            .formatted(namespace));
    repository.commit(Map.of("web.yaml", deployment("quiet")), "bad");
    follow("sync", "serviceAccountName: deployer");

    assertThat(awaitCrash())
        .isEqualTo(
            "the pod cannot stay up: container quiet crashes with exit code 1; no pod serves");

    // With the right it is told at the next look.
    cluster.kubectl("create", "role", "logs", "-n", namespace, "--verb=get", "--resource=pods/log");
    cluster.kubectl(
        "create",
        "rolebinding",
        "logs",
        "-n",
        namespace,
        "--role=logs",
        "--serviceaccount=" + namespace + ":deployer");
    SyncClient.await(
        Duration.ofSeconds(90),
        "the log's last line",
        () -> crash().contains("its last log line: \"something private\""),
        () -> syncs.status("sync").toJson());
  }

  private String awaitCrash() {
    SyncClient.await(
        Duration.ofSeconds(45),
        "a crash that is told of",
        () -> !crash().isEmpty(),
        () -> syncs.status("sync").toJson() + operator.log());
    return crash();
  }

  private String crash() {
    return syncs.status("sync").items("problems").stream()
        .map(Json.Obj.class::cast)
        .filter(p -> p.string("reason").orElse("").equals("CrashLoopBackOff"))
        .flatMap(p -> p.string("message").stream())
        .findFirst()
        .orElse("");
  }

  private String deployment(String container) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 1
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          nodeSelector: {logs: %s}
          containers: [{name: %s, image: "example.org/c:crash"}]
    """
        .formatted(node.name(), container);
  }

  private static String secret() {
    return "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: %s}\n"
        .formatted(PASSWORD);
  }
}
