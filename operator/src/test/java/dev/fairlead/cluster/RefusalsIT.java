package dev.fairlead.cluster;

import static dev.fairlead.cluster.Served.MANAGER;
import static dev.fairlead.cluster.Served.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Cause;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every way in which the real API server says no, and what we make of it. */
@ExtendWith(ControlPlaneExtension.class)
class RefusalsIT {
  private ControlPlane cluster;
  private Served served;
  private String namespace;
  private Resource configMap;
  private Resource secret;
  private Resource deployment;

  @BeforeEach
  void connect(ControlPlane given) throws Exception {
    cluster = given;
    served = Served.by(given);
    namespace = given.createNamespace("refuse");
    configMap = served.resource("v1", "ConfigMap");
    secret = served.resource("v1", "Secret");
    deployment = served.resource("apps/v1", "Deployment");
  }

  @AfterEach
  void close() {
    served.close();
  }

  private static String deployment(String spec, String container) {
    return """
    "spec":{%s"selector":{"matchLabels":{"app":"web"}},"template":{
      "metadata":{"labels":{"app":"web"}},
      "spec":{"containers":[{"name":"web","image":"registry.example.org/web:1"%s}]}}}\
    """
        .formatted(spec, container);
  }

  @Test
  void unknown_fields_and_wrong_types_are_a_bad_manifest_each_with_its_field() {
    ApiError error =
        refusal(() ->
            served.apply(
                deployment,
                namespace,
                "web",
                deployment("\"replcas\":1,\"replicas\":\"three\",\"strategy\":[1],", "")));

    // The server's list is a random subset, so only what is there can be judged.
    assertThat(error)
        .isInstanceOfSatisfying(
            ApiError.BadManifest.class,
            bad ->
                assertThat(bad.causes())
                    .isNotEmpty()
                    .isSubsetOf(
                        new Cause("spec.replcas", "field not declared in schema"),
                        new Cause("spec.replicas", "expected numeric (int or float), got string"),
                        new Cause("spec.strategy", "expected map, got a list")));
  }

  @Test
  void a_duplicate_list_key_is_a_bad_manifest() {
    ApiError error =
        refusal(() ->
            served.apply(
                deployment,
                namespace,
                "web",
                deployment("", ",\"env\":[{\"name\":\"A\"},{\"name\":\"A\"}]")));

    assertThat(((ApiError.BadManifest) error).causes())
        .containsExactly(
            new Cause(
                "spec.template.spec.containers[name=\"web\"].env",
                "duplicate entries for key [name=\"A\"]"));
  }

  @Test
  void bad_base64_is_a_bad_manifest() {
    ApiError error =
        refusal(() -> served.apply(secret, namespace, "s", "\"data\":{\"password\":\"hunter2!\"}"));

    assertThat(error).isInstanceOf(ApiError.BadManifest.class);
    assertThat(error.message()).contains("illegal base64").doesNotContain("hunter2");
  }

  @Test
  void a_secret_of_the_wrong_type_does_not_leak() {
    for (String value : new String[] {"[\"hunter2\"]", "{\"x\":\"hunter2\"}", "7774242"}) {
      ApiError error =
          refusal(() -> served.apply(secret, namespace, "s", "\"data\":{\"p\":" + value + "}"));

      assertThat(error)
          .isEqualTo(
              new ApiError.BadManifest(
                  "Secret " + namespace + "/s is malformed: data.p: expected string",
                  java.util.List.of(new Cause("data.p", "expected string"))));
    }
  }

  @Test
  void invalid_values_are_all_named() {
    ApiError error =
        refusal(() ->
            served.apply(
                deployment,
                namespace,
                "web",
                deployment("\"replicas\":-1,", ",\"imagePullPolicy\":\"Sometimes\"")));

    assertThat(((ApiError.Invalid) error).causes())
        .extracting(Cause::field)
        .containsExactlyInAnyOrder(
            "spec.replicas", "spec.template.spec.containers[0].imagePullPolicy");
    assertThat(error.retryable()).isFalse();
  }

  @Test
  void immutable_fields_are_told_apart_from_other_invalid_ones() throws Exception {
    Resource service = served.resource("v1", "Service");
    Resource job = served.resource("batch/v1", "Job");
    served.apply(deployment, namespace, "web", deployment("", ""));
    String ports = "\"spec\":{\"ports\":[{\"port\":80}]%s}";
    served.apply(service, namespace, "web", ports.formatted(""));
    String jobSpec =
        """
        "spec":{"template":{"spec":{"restartPolicy":"Never","containers":[
          {"name":"x","image":"registry.example.org/x:%s"}]}}}\
        """;
    served.apply(job, namespace, "once", jobSpec.formatted("1"));
    served.apply(configMap, namespace, "fixed", "\"data\":{\"a\":\"1\"},\"immutable\":true");

    assertImmutable(
        "spec.selector",
        refusal(() ->
            served.apply(
                deployment,
                namespace,
                "web",
                deployment("", "").replace("{\"app\":\"web\"}", "{\"app\":\"other\"}"))));
    assertImmutable(
        "spec.clusterIPs[0]",
        refusal(() ->
            served.apply(
                service, namespace, "web", ports.formatted(",\"clusterIP\":\"10.96.77.77\""))));
    assertImmutable(
        "spec.template",
        refusal(() -> served.apply(job, namespace, "once", jobSpec.formatted("2"))));
    assertImmutable(
        "data",
        refusal(() ->
            served.apply(
                configMap, namespace, "fixed", "\"data\":{\"a\":\"2\"},\"immutable\":true")));
  }

  private static void assertImmutable(String field, ApiError error) {
    assertThat(error)
        .isInstanceOfSatisfying(
            ApiError.ImmutableField.class,
            e -> assertThat(e.causes()).extracting(Cause::field).contains(field));
    assertThat(error.message()).hasSizeLessThan(500).doesNotContain("restartPolicy");
  }

  @Test
  void a_missing_namespace_is_told_apart_from_a_missing_object_and_kind() {
    assertMissing(
        ApiError.NotFound.Missing.NAMESPACE,
        refusal(() -> served.apply(configMap, "nowhere", "a", "")));
    assertMissing(
        ApiError.NotFound.Missing.OBJECT,
        refusal(() ->
            served.server.mergePatch(
                configMap,
                configMap.key(namespace, "a"),
                "",
                dev.fairlead.model.Json.Obj.empty(),
                MANAGER)));
    for (String group : new String[] {"no.such", "apps"}) {
      Resource unknown = new Resource(group, "v9", "widgets", "Widget", true, java.util.Set.of());
      assertMissing(
          ApiError.NotFound.Missing.KIND, refusal(() -> served.apply(unknown, namespace, "a", "")));
      assertMissing(
          ApiError.NotFound.Missing.KIND,
          refusal(() -> served.server.getMetadata(unknown, unknown.key(namespace, "a"))));
    }
  }

  private static void assertMissing(ApiError.NotFound.Missing what, ApiError error) {
    assertThat(error)
        .isInstanceOfSatisfying(
            ApiError.NotFound.class, n -> assertThat(n.missing()).isEqualTo(what));
  }

  @Test
  void a_terminating_namespace_is_worth_waiting_for() throws Exception {
    served.apply(configMap, namespace, "holds", ",\"finalizers\":[\"example.org/wait\"]}");
    cluster.kubectl("delete", "namespace", namespace, "--wait=false");

    ApiError error = refusal(() -> served.apply(configMap, namespace, "late", ""));

    assertThat(error)
        .isInstanceOfSatisfying(
            ApiError.Terminating.class, t -> assertThat(t.namespace()).isEqualTo(namespace));
    assertThat(error.retryable()).isTrue();
    cluster.kubectl(
        "patch",
        "configmap",
        "holds",
        "-n",
        namespace,
        "-p",
        "{\"metadata\":{\"finalizers\":null}}");
  }

  @Test
  void a_webhook_that_is_down_is_worth_another_try() {
    cluster.apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: %1$s}
        webhooks:
        - name: down.example.org
          clientConfig: {url: "https://127.0.0.1:1/"}
          admissionReviewVersions: [v1]
          sideEffects: None
          timeoutSeconds: 1
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
          rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
        """
            .formatted(namespace));

    ApiError error =
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> refusedOrEmpty("a"), e -> e instanceof ApiError.Unavailable);

    assertThat(error.message()).contains("failed calling webhook \"down.example.org\"");
    cluster.kubectl("delete", "validatingwebhookconfiguration", namespace);
  }

  @Test
  void a_validating_policy_denies() {
    cluster.apply(
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: %1$s}
        spec:
          matchConstraints:
            resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
          validations: [{expression: "object.metadata.name != 'a'", message: "not this name"}]
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: %1$s}
        spec:
          policyName: %1$s
          validationActions: [Deny]
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}}
        """
            .formatted(namespace));

    ApiError error =
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> refusedOrEmpty("a"), e -> e instanceof ApiError.Denied);

    assertThat(error.message()).contains("not this name");
    assertThat(error.retryable()).isFalse();
  }

  /** Tries a dry run; an error that cannot be confused with the awaited ones when it succeeds. */
  private ApiError refusedOrEmpty(String name) throws InterruptedException {
    try {
      served.server.apply(
          configMap,
          configMap.key(namespace, name),
          Served.bytes(configMap, name, ""),
          MANAGER,
          false,
          true);
      return new ApiError.Rejected("accepted", 200);
    } catch (ApiException e) {
      return e.error();
    }
  }

  @Test
  void a_full_quota_denies() {
    cluster.apply(
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: none, namespace: %s}
        spec: {hard: {count/secrets: "0"}}
        """
            .formatted(namespace));

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          ApiError error = refusal(() -> served.apply(secret, namespace, "s", ""));
          assertThat(error).isInstanceOf(ApiError.Denied.class);
          assertThat(error.message()).contains("exceeded quota");
        });
  }

  @Test
  void a_missing_permission_is_named() throws Exception {
    Path kubeconfig = cluster.kubeconfig(namespace, "nobody");
    try (Served nobody = Served.by(kubeconfig, RequestListener.NONE)) {
      String user = "system:serviceaccount:" + namespace + ":nobody";

      ApiError apply = refusal(() -> nobody.apply(configMap, namespace, "a", ""));
      ApiError list = refusal(() -> nobody.server.list(deployment, "", "", live -> {}));

      assertThat(((ApiError.Forbidden) apply).permission())
          .contains(new ApiError.Permission(user, "patch", "configmaps", "", namespace));
      assertThat(((ApiError.Forbidden) list).permission())
          .contains(new ApiError.Permission(user, "list", "deployments", "apps", ""));
    }
  }

  @Test
  void a_role_that_grants_more_than_we_have_is_forbidden() throws Exception {
    Path kubeconfig = cluster.kubeconfig(namespace, "roles");
    cluster.kubectl(
        "create",
        "role",
        "roles",
        "-n",
        namespace,
        "--verb=get,create,patch",
        "--resource=roles.rbac.authorization.k8s.io");
    cluster.kubectl(
        "create",
        "rolebinding",
        "roles",
        "-n",
        namespace,
        "--role=roles",
        "--serviceaccount=" + namespace + ":roles");
    Resource role = served.resource("rbac.authorization.k8s.io/v1", "Role");
    try (Served roles = Served.by(kubeconfig, RequestListener.NONE)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            ApiError error =
                refusal(() ->
                    roles.apply(
                        role,
                        namespace,
                        "more",
                        "\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"secrets\"],\"verbs\":[\"get\"]}]"));
            assertThat(error).isInstanceOf(ApiError.Forbidden.class);
            assertThat(error.message())
                .contains(
                    "ServiceAccount " + namespace + "/roles may not give what it has not itself");
          });
    }
  }

  @Test
  void a_token_that_is_not_accepted_is_unauthorized() throws Exception {
    Path kubeconfig =
        Files.writeString(
            cluster.directory().resolve(namespace + ".kubeconfig"),
            Files.readString(cluster.kubeconfig()).replaceAll("token: .*", "token: wrong"));
    try (Served wrong = Served.by(kubeconfig, RequestListener.NONE)) {
      ApiError error = refusal(() -> wrong.apply(configMap, namespace, "a", ""));

      assertThat(error).isInstanceOf(ApiError.Unauthorized.class);
    }
  }

  @Test
  void what_is_too_large_is_said_so() {
    ApiError overOne =
        refusal(() ->
            served.apply(
                configMap, namespace, "big", "\"data\":{\"a\":\"" + "x".repeat(1_100_000) + "\"}"));
    ApiError overThree =
        refusal(() ->
            served.apply(
                configMap, namespace, "big", "\"data\":{\"a\":\"" + "x".repeat(3_300_000) + "\"}"));

    assertThat(overOne).isInstanceOf(ApiError.TooLarge.class);
    assertThat(overThree).isInstanceOf(ApiError.TooLarge.class);
    assertThat(overOne.message())
        .isEqualTo("ConfigMap " + namespace + "/big is too large for the API server");
  }

  @Test
  void a_name_that_differs_from_the_path_is_rejected() {
    ApiError error =
        refusal(() ->
            served.server.apply(
                configMap,
                configMap.key(namespace, "a"),
                Served.bytes(configMap, "b", ""),
                MANAGER,
                false,
                false));

    assertThat(error).isInstanceOf(ApiError.Rejected.class);
    assertThat(error.retryable()).isFalse();
  }

  @Test
  void duplicate_keys_are_a_bad_manifest() {
    ApiError error =
        refusal(
            () -> served.apply(configMap, namespace, "a", "\"data\":{\"a\":\"1\",\n\"a\":\"2\"}"));

    assertThat(error).isInstanceOf(ApiError.BadManifest.class);
    assertThat(error.message()).contains("\"a\" already set");
  }

  @Test
  void creating_what_is_there_already_is_said_so() throws Exception {
    served.apply(configMap, namespace, "there", "");
    var body =
        dev.fairlead.model.Json.of(
            java.util.Map.of(
                "metadata",
                dev.fairlead.model.Json.of(
                    java.util.Map.of("name", dev.fairlead.model.Json.of("there")))));

    assertThat(refusal(() -> served.server.create(configMap, namespace, body, MANAGER)))
        .isInstanceOf(ApiError.AlreadyExists.class);
  }
}
