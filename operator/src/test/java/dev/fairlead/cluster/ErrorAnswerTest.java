package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.ErrorAnswer.Subject;
import dev.fairlead.model.Json;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Cause;
import dev.fairlead.plan.ApiError.NotFound.Missing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server's words are those of the real one; RefusalsIT keeps them true. */
class ErrorAnswerTest {
  private static final Subject WEB = new Subject("Deployment shop/web", "Deployment", "shop");
  private static final Subject SECRET = new Subject("Secret shop/s", "Secret", "shop");

  private static Json.Obj cause(String reason, String field, String message) {
    return Json.of(
        Map.of("reason", Json.of(reason), "field", Json.of(field), "message", Json.of(message)));
  }

  private static ApiError status(
      Subject subject, int code, String reason, String message, Json.Obj... causes) {
    return status(subject, code, reason, message, Map.of("causes", Json.of(List.of(causes))));
  }

  private static ApiError status(
      Subject subject, int code, String reason, String message, Map<String, Json> details) {
    Map<String, Json> status = new LinkedHashMap<>();
    status.put("kind", Json.of("Status"));
    status.put("message", Json.of(message));
    status.put("details", Json.of(details));
    if (!reason.isEmpty()) {
      status.put("reason", Json.of(reason));
    }
    return ErrorAnswer.classify(
        subject, code, "application/json", Optional.empty(), Json.of(status).toBytes());
  }

  private static ApiError plain(int code, String contentType, String body) {
    return ErrorAnswer.classify(
        WEB, code, contentType, Optional.empty(), body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void every_line_of_a_typed_error_is_a_cause_in_an_order_that_does_not_change() {
    ApiError error =
        status(
            WEB,
            500,
            "",
            """
            failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:
              .spec.replicas: expected numeric (int or float), got string
              .spec.template.spec.containers[name="a: b"].imag: field not declared in schema
              .spec.paused: expected boolean, got &value.valueUnstructured{Value:map[string]interface {}{"a":"b
              c"}}\
            """);

    assertThat(error)
        .isEqualTo(
            new ApiError.BadManifest(
                "Deployment shop/web is malformed: spec.paused: expected boolean, got a map;"
                    + " spec.replicas: expected numeric (int or float), got string;"
                    + " spec.template.spec.containers[name=\"a: b\"].imag: field not declared in schema",
                List.of(
                    new Cause("spec.paused", "expected boolean, got a map"),
                    new Cause("spec.replicas", "expected numeric (int or float), got string"),
                    new Cause(
                        "spec.template.spec.containers[name=\"a: b\"].imag",
                        "field not declared in schema"))));
    assertThat(error.retryable()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a list | .data.p: expected string, got &value.valueUnstructured{Value:[]interface {}{\"hunter2\"}}",
        "a map over lines | .data.p: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"a\":\"x\\n  .b: hunter2\"}}",
        "a short dump | .data: expected map, got &{hunter2}",
      })
  void a_secrets_value_is_never_repeated(String name, String text) {
    ApiError error =
        status(
            SECRET,
            500,
            "",
            "failed to create typed patch object (shop/s; /v1, Kind=Secret): "
                + text.replace("\\n", "\n"));

    assertThat(error).isInstanceOf(ApiError.BadManifest.class);
    assertThat(error.toString()).contains("expected").doesNotContain("hunter2");
  }

  @Test
  void a_secrets_invalid_value_is_left_out_and_the_rule_kept() {
    ApiError error =
        status(
            SECRET,
            422,
            "Invalid",
            "Secret \"s\" is invalid: ...hunter2...",
            cause(
                "FieldValueInvalid",
                "data[a b]",
                "Invalid value: \"hunter2\": a valid config key must consist of characters"),
            cause("FieldValueInvalid", "type", "Invalid value: \"hunter2: hunter2\""));

    assertThat(((ApiError.Invalid) error).causes())
        .containsExactly(
            new Cause("data[a b]", "Invalid value: a valid config key must consist of characters"),
            new Cause("type", "Invalid value"));
    assertThat(error.toString()).doesNotContain("hunter2");
  }

  @Test
  void a_dumped_pod_template_is_cut() {
    ApiError error =
        status(
            WEB,
            422,
            "Invalid",
            "long",
            cause(
                "FieldValueInvalid",
                "spec.template",
                "Invalid value: {\"spec\":\"" + "x: ".repeat(5000) + "\"}: field is immutable"));

    assertThat(error)
        .isEqualTo(
            new ApiError.ImmutableField(
                "Deployment shop/web cannot be changed in place: spec.template: Invalid value:"
                    + " field is immutable",
                List.of(new Cause("spec.template", "Invalid value: field is immutable"))));
  }

  @Test
  void an_immutable_field_beside_an_invalid_one_is_invalid_since_a_new_object_would_be_too() {
    ApiError error =
        status(
            WEB,
            422,
            "Invalid",
            "x",
            cause("FieldValueInvalid", "spec.selector", "Invalid value: {}: field is immutable"),
            cause("FieldValueInvalid", "spec.replicas", "Invalid value: -1: must be positive"));

    assertThat(error).isInstanceOf(ApiError.Invalid.class);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "field is immutable",
    "may not change once set",
    "updates to statefulset spec for fields other than 'replicas' are forbidden",
    "pod updates may not change fields other than `spec.containers[*].image`",
    "field is immutable when `immutable` is set",
  })
  void every_wording_of_immutable_is_known(String words) {
    assertThat(
            status(
                WEB,
                422,
                "Invalid",
                "x",
                cause("FieldValueForbidden", "spec", "Forbidden: " + words)))
        .isInstanceOf(ApiError.ImmutableField.class);
  }

  @Test
  void messages_and_causes_are_bounded() {
    List<Json.Obj> causes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      causes.add(cause("FieldValueInvalid", "spec.f" + i, "y".repeat(2000)));
    }

    ApiError error = status(WEB, 422, "Invalid", "x", causes.toArray(Json.Obj[]::new));

    assertThat(error.message()).hasSizeLessThanOrEqualTo(ApiError.MAX_MESSAGE);
    assertThat(((ApiError.Invalid) error).causes()).hasSize(ApiError.MAX_CAUSES);
    assertThat(((ApiError.Invalid) error).causes().getFirst().message())
        .hasSizeLessThanOrEqualTo(ApiError.MAX_MESSAGE);
  }

  @Test
  void a_conflict_lists_managers_and_fields() {
    ApiError error =
        status(
            WEB,
            409,
            "Conflict",
            "Apply failed with 2 conflicts",
            cause(
                "FieldManagerConflict",
                ".spec.replicas",
                "conflict with \"kubectl-edit\" using apps/v1"),
            cause(
                "FieldManagerConflict",
                ".spec.paused",
                "conflict with \"odd \\\"one\\\"\" with subresource \"scale\" using apps/v1"));

    assertThat(((ApiError.Conflict) error).conflicts())
        .containsExactly(
            new ApiError.FieldConflict("kubectl-edit", "spec.replicas"),
            new ApiError.FieldConflict("odd \"one\"", "spec.paused"));
    assertThat(((ApiError.Conflict) error).managers())
        .containsExactly("kubectl-edit", "odd \"one\"");
  }

  @ParameterizedTest(name = "{0} {1}, {3}: {4}")
  @CsvSource(
      nullValues = "-",
      value = {
        "404, NotFound, namespaces, shop, NAMESPACE",
        "404, NotFound, namespaces, other, OBJECT",
        "404, NotFound, deployments, web, OBJECT",
        "404, NotFound, '', '', KIND",
      })
  void what_is_missing_is_told_apart(
      int code, String reason, String kind, String name, Missing missing) {
    Map<String, Json> details =
        name.isEmpty() ? Map.of() : Map.of("kind", Json.of(kind), "name", Json.of(name));

    assertThat(status(WEB, code, reason, "x", details))
        .isInstanceOfSatisfying(
            ApiError.NotFound.class, n -> assertThat(n.missing()).isEqualTo(missing));
  }

  @Test
  void a_missing_group_is_answered_in_plain_text() {
    assertThat(plain(404, "text/plain; charset=utf-8", "404 page not found\n"))
        .isEqualTo(
            new ApiError.NotFound(
                "the API server does not serve the kind of Deployment shop/web", Missing.KIND, ""));
  }

  @Test
  void the_missing_permission_is_parsed() {
    ApiError inNamespace =
        status(
            WEB,
            403,
            "Forbidden",
            "deployments.apps \"web\" is forbidden: User \"system:serviceaccount:f:f\" cannot patch"
                + " resource \"deployments\" in API group \"apps\" in the namespace \"shop\"");
    ApiError everywhere =
        status(
            WEB,
            403,
            "Forbidden",
            "configmaps is forbidden: User \"u\" cannot list resource \"configmaps\" in API group"
                + " \"\" at the cluster scope");

    assertThat(((ApiError.Forbidden) inNamespace).permission())
        .contains(
            new ApiError.Permission(
                "system:serviceaccount:f:f", "patch", "deployments", "apps", "shop"));
    assertThat(((ApiError.Forbidden) everywhere).permission())
        .contains(new ApiError.Permission("u", "list", "configmaps", "", ""));
  }

  @Test
  void a_missing_permission_comes_with_the_rule_to_add() {
    String words =
        "deployments.apps \"web\" is forbidden: User \"system:serviceaccount:shop:default\" cannot"
            + " patch resource \"deployments\" in API group \"apps\" in the namespace \"shop\"";
    String advice =
        "Deployment shop/web: ServiceAccount shop/default is not allowed to patch deployments.apps"
            + " in namespace shop; add to a Role in shop that is bound to it: {apiGroups: [apps],"
            + " resources: [deployments], verbs: [create, patch, delete]}";

    assertThat(status(WEB, 403, "Forbidden", words).message()).isEqualTo(advice);
    assertThat(
            status(
                    WEB,
                    403,
                    "Forbidden",
                    words + ": RBAC: role.rbac.authorization.k8s.io \"deployer\" not found")
                .message())
        .isEqualTo(advice + " (RBAC: role.rbac.authorization.k8s.io \"deployer\" not found)");
  }

  @Test
  void an_account_that_may_not_be_impersonated_is_no_fault_of_the_object() {
    ApiError error =
        status(
            WEB,
            403,
            "Forbidden",
            "serviceaccounts \"default\" is forbidden: User \"system:serviceaccount:f:f\" cannot"
                + " impersonate resource \"serviceaccounts\" in API group \"\" in the namespace"
                + " \"shop\"");

    assertThat(error.message())
        .isEqualTo(
            "Deployment shop/web: Fairlead itself (ServiceAccount f/f) is not allowed to impersonate"
                + " serviceaccounts in namespace shop; add to a ClusterRole of its own, or to a Role"
                + " in shop: {apiGroups: [\"\"], resources: [serviceaccounts], verbs: [impersonate]}");
  }

  @Test
  void a_binding_that_gives_more_than_its_author_has_is_forbidden() {
    ApiError error =
        status(
            new Subject("RoleBinding shop/more", "RoleBinding", "shop"),
            403,
            "Forbidden",
            "rolebindings.rbac.authorization.k8s.io \"more\" is forbidden: user"
                + " \"system:serviceaccount:shop:default\" (groups=[\"system:serviceaccounts\"]) is"
                + " attempting to grant RBAC permissions not currently held:\n"
                + "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}");

    assertThat(error)
        .isEqualTo(
            new ApiError.Forbidden(
                "RoleBinding shop/more: ServiceAccount shop/default may not give what it has not"
                    + " itself: {apiGroups: [\"*\"], resources: [\"*\"], verbs: [\"*\"]}; give it"
                    + " these rights, or the verb bind on the role",
                Optional.empty()));
  }

  @Test
  void other_403s_are_a_terminating_namespace_or_definition_or_a_policy() {
    assertThat(
            status(
                WEB,
                403,
                "Forbidden",
                "unable to create new content in namespace shop because it is being terminated",
                cause("NamespaceTerminating", "metadata.namespace", "being terminated")))
        .isEqualTo(
            new ApiError.Terminating(
                "Deployment shop/web: unable to create new content in namespace shop because it is"
                    + " being terminated",
                "shop"));
    assertThat(
            status(
                WEB,
                403,
                "Forbidden",
                "things.example.org \"t\" is forbidden: create not allowed while custom resource"
                    + " definition is terminating"))
        .isInstanceOf(ApiError.Terminating.class)
        .matches(ApiError::retryable);
    assertThat(status(WEB, 403, "Forbidden", "exceeded quota: q, requested: pods=1"))
        .isInstanceOf(ApiError.Denied.class);
    assertThat(status(WEB, 400, "", "admission webhook \"x.example.org\" denied the request: no"))
        .isInstanceOf(ApiError.Denied.class);
  }

  @ParameterizedTest(name = "{0} {1} is {2}")
  @CsvSource({
    "400, the name of the object does not match, Rejected",
    "401, Unauthorized, Unauthorized",
    "405, the server does not allow this method, Rejected",
    "408, timeout, Unavailable",
    "409, Operation cannot be fulfilled, StaleVersion",
    "410, too old resource version, Expired",
    "413, Request entity too large, TooLarge",
    "415, the body of the request was in an unknown format, Rejected",
    "429, too many requests, Throttled",
    "500, failed calling webhook \"x\": connection refused, Unavailable",
    "500, etcdserver: request is too large, TooLarge",
    "500, anything, Unavailable",
    "503, no endpoints, Unavailable",
    "504, request did not complete, Unavailable",
    "302, moved, Rejected",
  })
  void the_status_decides_where_the_words_do_not(int code, String message, String kind) {
    assertThat(status(WEB, code, "", message).getClass().getSimpleName()).isEqualTo(kind);
    assertThat(plain(code, "text/html", "<html>" + message + "</html>")).isNotNull();
    assertThat(plain(code, "application/json", "{broken")).isNotNull();
    assertThat(plain(code, "", "")).isNotNull();
  }

  @Test
  void an_answer_that_is_no_judgement_says_whose_it_was_in_one_line() {
    assertThat(status(WEB, 500, "InternalError", "etcdserver:\n  leader changed").message())
        .isEqualTo("Deployment shop/web: the API server answered 500: etcdserver: leader changed");
    assertThat(plain(429, "text/plain; charset=utf-8", "Too many requests.\n").message())
        .isEqualTo("Deployment shop/web: the API server answered 429: Too many requests.");
    assertThat(plain(502, "text/html", "<html><h1>Bad Gateway</h1></html>").message())
        .isEqualTo("Deployment shop/web: the API server, or a proxy before it, answered 502");
  }

  @Test
  void patience_is_asked_for_by_header_or_details() {
    ApiError header = ErrorAnswer.classify(WEB, 429, "text/plain", Optional.of("7"), new byte[0]);
    ApiError details = status(WEB, 429, "", "x", Map.of("retryAfterSeconds", Json.of(3)));
    ApiError odd = ErrorAnswer.classify(WEB, 429, "text/plain", Optional.of("soon"), new byte[0]);

    assertThat(((ApiError.Throttled) header).retryAfter()).contains(Duration.ofSeconds(7));
    assertThat(((ApiError.Throttled) details).retryAfter()).contains(Duration.ofSeconds(3));
    assertThat(((ApiError.Throttled) odd).retryAfter()).isEmpty();
  }

  @Test
  void an_error_event_of_a_watch_is_classified_by_its_code() {
    Json.Obj gone =
        Json.of(
            Map.of(
                "code", Json.of(410),
                "reason", Json.of("Expired"),
                "message", Json.of("too old resource version: 1 (2)")));

    assertThat(ErrorAnswer.classify(WEB, gone)).isInstanceOf(ApiError.Expired.class);
    assertThat(ErrorAnswer.classify(WEB, Json.Obj.empty()))
        .isInstanceOf(ApiError.Unavailable.class);
  }
}
