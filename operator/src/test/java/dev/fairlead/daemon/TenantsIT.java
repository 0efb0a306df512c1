package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With whose rights things are done, and that a tenant's end where those of its account do. */
class TenantsIT extends TenantDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  TenantsIT(ControlPlane cluster, @TempDir Path directory) {
    super(cluster, directory);
  }

  @Test
  void a_tenant_lives_within_its_accounts_rights_from_the_first_commit_to_the_last() {
    String first =
        repository.commit(
            Map.of(
                "a.yaml", configMap("a", "1"),
                "b.yaml", configMap("b", "1"),
                "c.yaml", configMap("c", "1"),
                "web.yaml", deployment("web")),
            "first");
    double applies = requests("apply");
    double dryRuns = requests("dry-run");
    follow("web", ACCOUNT);
    syncs.awaitReady("web", first);
    // As many as there are objects: it costs no request to be somebody else.
    assertThat(requests("dry-run") - dryRuns).isEqualTo(4);
    assertThat(requests("apply") - applies).isEqualTo(4);

    // Drift is repaired as the account, too.
    kubectl("patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"drifted\"}}");
    awaitValue("a", "1");

    String second = repository.delete("remove b", "b.yaml");
    syncs.awaitReady("web", second);
    assertThat(valueOf("b")).isEmpty();

    syncs.delete("web");
    assertThat(find("get", "configmap,deployment", "-n", namespace, "-l", "fairlead.dev/name=web"))
        .doesNotContain("web");
  }

  @Test
  void what_is_missing_is_spelled_as_the_rule_to_add_and_with_it_the_commit_is_applied() {
    String commit =
        repository.commit(
            Map.of(
                "deploy/a.yaml", configMap("a", "1"),
                "deploy/b.yaml", configMap("b", "1"),
                "deploy/web.yaml", deployment("web")),
            "first");
    follow("web", "path: deploy");

    String message = syncs.awaitReason("web", "AccessDenied");
    assertThat(message)
        .isEqualTo(
            ("False AccessDenied: ServiceAccount %1$s/default lacks the rights to 3 objects; add to a"
                    + " Role in %1$s that is bound to it: {apiGroups: [\"\"], resources: [configmaps],"
                    + " verbs: [create, patch, delete]}, {apiGroups: [apps], resources: [deployments],"
                    + " verbs: [create, patch, delete]}")
                .formatted(namespace));
    assertThat(syncs.status("web").toJson())
        .contains(
            "\"file\":\"deploy/a.yaml\"",
            "is not allowed to patch configmaps in namespace " + namespace,
            "(so it is for ConfigMap " + namespace + "/b)");
    assertThat(valueOf("a")).isEmpty();

    // The rules, copied from the message.
    Matcher rules = Pattern.compile("\\{apiGroups[^}]*}").matcher(message);
    StringBuilder role =
        new StringBuilder(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: missing, namespace: %s}
            rules:
            """
                .formatted(namespace));
    while (rules.find()) {
      role.append("- ").append(rules.group()).append('\n');
    }
    cluster.apply(role.toString());
    bind(namespace, "missing", namespace + ":default");
    syncs.awaitReady("web", commit);

    kubectl("annotate", "gitsync", "-n", namespace, "web", "x=y");
    syncs.delete("web");
    assertThat(valueOf("a")).isEmpty();
  }

  @Test
  void no_manifest_leads_out_of_the_namespace() {
    String victim = cluster.createNamespace("victim");
    kubectl("create", "configmap", "-n", victim, "a", "--from-literal=key=untouched");
    Map<String, String> attempts =
        Map.of(
            "configmap", inNamespace(victim, configMap("a", "taken")),
            "secret",
                """
                apiVersion: v1
                kind: Secret
                metadata: {name: s, namespace: kube-system}
                stringData: {a: b}
                """,
            "namespace", "apiVersion: v1\nkind: Namespace\nmetadata: {name: of-a-tenant}\n",
            "cluster role",
                """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: of-a-tenant}
                rules: []
                """,
            "binding",
                """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: of-a-tenant}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
                subjects: [{kind: ServiceAccount, name: deployer, namespace: %s}]
                """
                    .formatted(namespace),
            "definition", SampleManifests.definition("tenant.example.org", "v1"),
            "gitsync elsewhere",
                """
                apiVersion: fairlead.dev/v1alpha1
                kind: GitSync
                metadata: {name: mine, namespace: %s}
                spec: {url: %s}
                """
                    .formatted(own, repository.url()),
            "gitsync next door",
                """
                apiVersion: fairlead.dev/v1alpha1
                kind: GitSync
                metadata: {name: mine, namespace: %s}
                spec: {url: %s}
                """
                    .formatted(victim, repository.url()));
    attempts.forEach((path, manifest) ->
        repository.commit(
            Map.of(path + "/x.yaml", manifest, path + "/mine.yaml", configMap("mine", "1")), path));
    attempts
        .keySet()
        .forEach(path -> follow(path.replace(' ', '-'), ACCOUNT, "path: '" + path + "'"));

    for (String path : attempts.keySet()) {
      assertThat(syncs.awaitReason(path.replace(' ', '-'), "AccessDenied"))
          .contains("ServiceAccount " + namespace + "/deployer", path + "/x.yaml:1: ");
    }
    assertThat(find("get", "configmap", "-n", victim, "a", "-o", "jsonpath={.data.key}"))
        .isEqualTo("untouched");
    assertThat(find("get", "namespace,clusterrole,clusterrolebinding,crd", "-o", "name"))
        .doesNotContain("of-a-tenant", "tenant.example.org");
    assertThat(find("get", "gitsync", "-A", "-o", "name")).doesNotContain("/mine");
    // Nor is anything else of such a commit written.
    assertThat(valueOf("mine")).isEmpty();
  }

  @Test
  void the_default_namespace_leads_nowhere_else_either() {
    repository.commit(Map.of("a.yaml", configMap("of-a-tenant", "1")), "first");
    syncs.apply("web", repository.url(), ACCOUNT, "defaultNamespace: kube-system");

    assertThat(syncs.awaitReason("web", "AccessDenied"))
        .contains("is not allowed to patch configmaps in namespace kube-system");
    assertThat(find("get", "configmap", "-n", "kube-system", "-o", "name"))
        .doesNotContain("of-a-tenant");
  }

  @Test
  void a_role_in_git_gives_nobody_more_than_its_author_has() {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: roles, namespace: %s}
        rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create, patch, delete]}]
        """
            .formatted(namespace));
    bind(namespace, "roles", namespace + ":deployer");
    repository.commit(
        Map.of(
            "role/more.yaml",
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: more}
            rules: [{apiGroups: [""], resources: [pods/exec], verbs: [create]}]
            """,
            "binding/more.yaml",
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: more}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            subjects: [{kind: ServiceAccount, name: deployer, namespace: %s}]
            """
                .formatted(namespace)),
        "more");
    follow("role", ACCOUNT, "path: role");
    follow("binding", ACCOUNT, "path: binding");

    assertThat(syncs.awaitReason("role", "AccessDenied"))
        .contains(
            "role/more.yaml:1: Role " + namespace + "/more: ServiceAccount " + namespace,
            "may not give what it has not itself: {apiGroups: [\"\"], resources: [pods/exec],"
                + " verbs: [create]}; give it these rights, or the verb escalate on the role");
    assertThat(syncs.awaitReason("binding", "AccessDenied"))
        .contains("{apiGroups: [\"*\"], resources: [\"*\"], verbs: [\"*\"]}", "the verb bind");
    assertThat(find("get", "role,rolebinding", "-n", namespace, "-o", "name"))
        .doesNotContain("/more");
  }

  @Test
  void an_account_that_is_not_there_has_no_rights() {
    repository.commit(Map.of("a.yaml", configMap("a", "1")), "first");
    follow("web", "serviceAccountName: deployr");

    assertThat(syncs.awaitReason("web", "AccessDenied"))
        .contains("ServiceAccount " + namespace + "/deployr is not allowed to patch configmaps");
  }

  @Test
  void in_the_operators_namespace_it_is_the_operator_itself_that_lacks_the_rights() {
    repository.commit(Map.of("a.yaml", configMap("a", "1")), "first");
    SyncClient system = new SyncClient(cluster, own);
    system.apply("web", repository.url(), "defaultNamespace: " + own);

    assertThat(system.awaitReason("web", "AccessDenied"))
        .contains("ServiceAccount " + own + "/fairlead is not allowed to patch configmaps");
    system.delete("web");
  }

  @Test
  void rights_that_are_taken_away_stop_repairs_and_prunes_until_they_are_back() {
    String first =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "first");
    follow("web", ACCOUNT);
    syncs.awaitReady("web", first);
    String role = kubectl("get", "role", "-n", namespace, "deployer", "-o", "json");
    kubectl("delete", "role", "-n", namespace, "deployer");

    // Drift is seen, and cannot be repaired.
    kubectl("patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"drifted\"}}");
    syncs.await(
        "web",
        "the denied repair among its problems",
        status ->
            status
                .toJson()
                .contains("a.yaml:1: ConfigMap " + namespace + "/a: ServiceAccount " + namespace));
    assertThat(syncs.status("web").toJson())
        .contains("RBAC: role.rbac.authorization.k8s.io \\\"deployer\\\" not found");

    // Nor is anything deleted with it.
    kubectl("delete", "gitsync", "-n", namespace, "web", "--wait=false");
    assertThat(syncs.awaitReason("web", "AccessDenied"))
        .contains("ServiceAccount " + namespace + "/deployer");
    assertThat(valueOf("b")).isEqualTo("1");

    cluster.tryKubectl(role, "create", "-f", "-").orFail();
    SyncClient.await(
        PATIENCE, "the GitSync gone", () -> syncs.find("web").isEmpty(), operator::log);
    assertThat(valueOf("a") + valueOf("b")).isEmpty();
  }

  @Test
  void no_namespace_hangs_for_a_gitsync_whose_rights_went_first() {
    String other = cluster.createNamespace("shared");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: guests, namespace: %s}
        rules: [{apiGroups: [""], resources: [configmaps], verbs: [create, patch, delete]}]
        """
            .formatted(other));
    bind(other, "guests", namespace + ":deployer");
    String commit =
        repository.commit(
            Map.of(
                "a.yaml", configMap("a", "1"),
                "b.yaml", inNamespace(other, configMap("b", "1"))),
            "first");
    follow("web", ACCOUNT);
    syncs.awaitReady("web", commit);
    kubectl("delete", "rolebinding", "-n", other, "guests");
    kubectl("delete", "rolebinding", "-n", namespace, "deployer");

    // It fails when it takes longer.
    kubectl("delete", "namespace", namespace, "--timeout=40s");

    assertThat(find("get", "configmap", "-n", other, "b", "-o", "jsonpath={.data.key}"))
        .isEqualTo("1");
    assertThat(operator.log()).contains("Objects of a deleted GitSync are let go");
  }

  private double requests(String verb) {
    return operator.metric("fairlead_api_requests_total", "verb=\"" + verb + "\"");
  }

  private static String inNamespace(String namespace, String manifest) {
    return manifest.replace("metadata: {", "metadata: {namespace: " + namespace + ", ");
  }

  static String deployment(String name) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: 1
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec: {containers: [{name: web, image: example.org/web:1}]}
    """
        .formatted(name);
  }
}
