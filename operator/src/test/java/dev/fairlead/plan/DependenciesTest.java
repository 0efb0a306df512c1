package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.plan.ApiError.Cause;
import dev.fairlead.plan.ApiError.NotFound.Missing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DependenciesTest {
  private static final String RBAC = ".rbac.authorization.k8s.io";
  private static final String ADMISSION = ".admissionregistration.k8s.io";

  /**
   * @param object that was refused, as {@code Kind.group namespace/name}
   * @param change the other objects, the ones that it may wait for marked with a star
   */
  record Row(String sentence, String object, ApiError error, List<String> change) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void whatARefusedObjectMayWaitFor(Row row) {
    List<DesiredObject> change =
        row.change().stream().map(text -> desired(text.replace("*", ""))).toList();
    Set<ObjectKey> expected =
        row.change().stream()
            .filter(text -> text.startsWith("*"))
            .map(text -> desired(text.substring(1)).key())
            .collect(Collectors.toSet());
    DesiredObject object = desired(row.object());

    Set<ObjectKey> absent = Set.of(desired("Service shop/new").key());

    assertThat(Dependencies.of(object, row.error(), with(change, object), absent))
        .isEqualTo(expected);
  }

  static List<Row> whatARefusedObjectMayWaitFor() {
    return List.of(
        row(
            "a Pod waits for its account",
            "Pod shop/web",
            denied(
                "pods \"web\" is forbidden: error looking up service account shop/deployer:"
                    + " serviceaccount \"deployer\" not found"),
            "*ServiceAccount shop/deployer",
            "ServiceAccount shop/builder",
            "ConfigMap shop/deployer"),
        row(
            "a Pod waits for its priority",
            "Pod shop/web",
            denied("pods \"web\" is forbidden: no PriorityClass with name high was found"),
            "*PriorityClass.scheduling.k8s.io /high",
            "PriorityClass.scheduling.k8s.io /low"),
        row(
            "a binding waits for its role, whatever capitals it has",
            "RoleBinding" + RBAC + " shop/reads",
            missing("clusterroles.rbac.authorization.k8s.io \"Team:Reader\" not found"),
            "*ClusterRole" + RBAC + " /Team:Reader",
            "ClusterRole" + RBAC + " /other"),
        row(
            "what lacks a right waits for roles and bindings of its namespace and of the cluster",
            "ConfigMap shop/settings",
            forbidden("configmaps \"settings\" is forbidden: User \"u\" cannot patch resource"),
            "*Role" + RBAC + " shop/edits",
            "*RoleBinding" + RBAC + " shop/edits",
            "*ClusterRole" + RBAC + " /edits",
            "*ClusterRoleBinding" + RBAC + " /edits",
            "Role" + RBAC + " other/edits",
            "ServiceAccount shop/deployer"),
        row(
            "what lacks a right on the cluster is not helped by a role of a namespace",
            "Namespace /shop",
            forbidden("namespaces \"shop\" is forbidden: User \"u\" cannot patch resource"),
            "*ClusterRoleBinding" + RBAC + " /edits",
            "Role" + RBAC + " shop/edits"),
        row(
            "a missing right without roles in the change waits for nothing",
            "ConfigMap shop/settings",
            forbidden("configmaps \"settings\" is forbidden: User \"u\" cannot patch resource"),
            "Secret shop/token"),
        row(
            "what lacks a right waits for no object whose name its own begins with",
            "ConfigMap shop/many-15",
            lacking("ConfigMap shop/many-15: is not allowed to patch configmaps in namespace shop"),
            "ConfigMap shop/many-1",
            "*RoleBinding" + RBAC + " shop/edits"),
        row(
            "what a quota denies waits for the quotas and limits of its namespace",
            "Pod shop/web",
            denied("pods \"web\" is forbidden: exceeded quota: compute, requested: pods=1"),
            "*ResourceQuota shop/compute",
            "*LimitRange shop/sizes",
            "ResourceQuota other/compute"),
        row(
            "what pod security denies waits for its Namespace",
            "Pod shop/web",
            denied("pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\""),
            "*Namespace /shop",
            "Namespace /other"),
        row(
            "what a policy denies waits for policies",
            "ConfigMap shop/settings",
            denied("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"),
            "*ValidatingAdmissionPolicy" + ADMISSION + " /x",
            "*ValidatingAdmissionPolicyBinding" + ADMISSION + " /y",
            "*ValidatingWebhookConfiguration" + ADMISSION + " /z",
            "Secret shop/token"),
        row(
            "a webhook that is down is waited for by its configuration",
            "ConfigMap shop/settings",
            new ApiError.Unavailable("failed calling webhook \"a.b.c\": connection refused"),
            "*MutatingWebhookConfiguration" + ADMISSION + " /x",
            "ValidatingAdmissionPolicy" + ADMISSION + " /y"),
        row(
            "a server that is down is not helped by a webhook's configuration",
            "ConfigMap shop/settings",
            new ApiError.Unavailable("connection refused"),
            "MutatingWebhookConfiguration" + ADMISSION + " /x"),
        row(
            "a node port that is taken waits for the Services that are there",
            "Service shop/web",
            new ApiError.Invalid(
                "Service shop/web is invalid",
                List.of(
                    new Cause(
                        "spec.ports[0].nodePort",
                        "Invalid value: 30080: provided port is already allocated"))),
            "*Service shop/old",
            "*Service other/old",
            "Service shop/new",
            "Deployment.apps shop/old"),
        row(
            "a wrong value waits for nothing",
            "Service shop/web",
            new ApiError.Invalid(
                "Service shop/web is invalid",
                List.of(new Cause("spec.ports[0].port", "Invalid value: 0"))),
            "Service shop/old"),
        row(
            "an unknown field waits for nothing that it names",
            "Pod shop/web",
            new ApiError.BadManifest("serviceaccount \"deployer\"", List.of()),
            "ServiceAccount shop/deployer"),
        row(
            "a claim that cannot grow waits for its class",
            "PersistentVolumeClaim shop/files",
            denied("only dynamically provisioned pvc can be resized"),
            "*StorageClass.storage.k8s.io /fast"),
        row(
            "an object of a missing Namespace waits for it",
            "ConfigMap shop/settings",
            new ApiError.NotFound("namespaces \"shop\" not found", Missing.NAMESPACE, "shop"),
            "*Namespace /shop"),
        row(
            "an object waits neither for itself nor for one whose name has a letter",
            "Pod shop/web",
            denied("pods \"web\" is forbidden: serviceaccount \"d\" not found"),
            "ServiceAccount shop/d"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an instance waits for its definition              | Thing.example.org shop/a | *CustomResourceDefinition.apiextensions.k8s.io /things.example.org
          and not for one of another group                  | Thing.example.org shop/a | CustomResourceDefinition.apiextensions.k8s.io /things.example.com
          an object waits for its Namespace that is to come | ConfigMap shop/a         | *Namespace /shop
          and not for another one                           | ConfigMap shop/a         | Namespace /other
          nor for one that is there                         | ConfigMap there/a        | Namespace /there
          what belongs to no namespace waits for none       | ClusterRole.rbac.authorization.k8s.io /shop | Namespace /shop
          """)
  void whatAnObjectWaitsForBeforeAnyoneIsAsked(String sentence, String waiting, String other) {
    DesiredObject object = desired(waiting);
    DesiredObject candidate = desired(other.replace("*", ""));
    Set<ObjectKey> absent =
        other.contains("there") ? Set.of(object.key()) : Set.of(candidate.key());

    Set<ObjectKey> found =
        Dependencies.beforehand(
            object,
            List.of(object, candidate),
            Set.of(GroupKind.parse("Thing.example.org")),
            absent);

    assertThat(found).isEqualTo(other.startsWith("*") ? Set.of(candidate.key()) : Set.of());
  }

  private static Row row(String sentence, String object, ApiError error, String... change) {
    return new Row(sentence, object, error, Arrays.asList(change));
  }

  private static ApiError denied(String message) {
    return new ApiError.Denied(message);
  }

  private static ApiError forbidden(String message) {
    return new ApiError.Forbidden(message, Optional.empty());
  }

  private static ApiError lacking(String message) {
    return new ApiError.Forbidden(
        message, Optional.of(new ApiError.Permission("u", "patch", "configmaps", "", "shop")));
  }

  private static ApiError missing(String message) {
    return new ApiError.NotFound(message, Missing.OBJECT, "x");
  }

  private static List<DesiredObject> with(List<DesiredObject> change, DesiredObject object) {
    List<DesiredObject> all = new ArrayList<>(change);
    all.add(object);
    return all;
  }

  private static DesiredObject desired(String text) {
    String[] parts = text.split("[ /]", -1);
    GroupKind kind = GroupKind.parse(parts[0]);
    return new DesiredObject(
        new ObjectKey(kind.group(), kind.kind(), parts[1], parts[2]),
        new GroupVersionKind(kind.group(), "v1", kind.kind()),
        Digest.of(text),
        Origin.ofFile("all.yaml"),
        "blob");
  }
}
