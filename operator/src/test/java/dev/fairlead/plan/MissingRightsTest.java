package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.plan.ApiError.Permission;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MissingRightsTest {
  private static final String TENANT = "system:serviceaccount:team-a:default";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a patch takes create and delete too    | patch  | deployments    | apps | team-a | is not allowed to patch deployments.apps in namespace team-a; add to a Role in team-a that is bound to it: {apiGroups: [apps], resources: [deployments], verbs: [create, patch, delete]}
          so does a create                       | create | configmaps     |      | team-a | is not allowed to create configmaps in namespace team-a; add to a Role in team-a that is bound to it: {apiGroups: [""], resources: [configmaps], verbs: [create, patch, delete]}
          and a delete                           | delete | configmaps     |      | team-b | is not allowed to delete configmaps in namespace team-b; add to a Role in team-b that is bound to it: {apiGroups: [""], resources: [configmaps], verbs: [create, patch, delete]}
          what is in no namespace                | patch  | clusterroles   | rbac.authorization.k8s.io | | is not allowed to patch clusterroles.rbac.authorization.k8s.io; add to a ClusterRole that is bound to it by a ClusterRoleBinding: {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [create, patch, delete]}
          a Namespace is in none, whatever the server says | patch  | namespaces     |      | team-c | is not allowed to patch namespaces; add to a ClusterRole that is bound to it by a ClusterRoleBinding: {apiGroups: [""], resources: [namespaces], verbs: [create, patch, delete]}
          a list is of no use without a watch    | list   | secrets        |      |        | is not allowed to list secrets; add to a ClusterRole that is bound to it by a ClusterRoleBinding: {apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}
          a subresource has its own rule         | patch  | gitsyncs/status | fairlead.dev | team-a | is not allowed to patch gitsyncs.fairlead.dev/status in namespace team-a; add to a Role in team-a that is bound to it: {apiGroups: [fairlead.dev], resources: [gitsyncs/status], verbs: [patch]}
          any other verb is named alone          | deletecollection | pods |      | team-a | is not allowed to deletecollection pods in namespace team-a; add to a Role in team-a that is bound to it: {apiGroups: [""], resources: [pods], verbs: [deletecollection]}
          """)
  void a_missing_permission_is_spelled_as_the_rule_that_makes_it_work(
      String sentence, String verb, String resource, String group, String namespace, String says) {
    assertThat(MissingRights.advice(permission(TENANT, verb, resource, group, namespace)))
        .isEqualTo("ServiceAccount team-a/default " + says);
  }

  @Test
  void whoever_may_not_be_impersonated_is_the_operators_lack_of_rights() {
    assertThat(
            MissingRights.advice(
                permission(
                    "system:serviceaccount:fairlead-system:fairlead",
                    "impersonate",
                    "serviceaccounts",
                    "",
                    "team-a")))
        .isEqualTo(
            "Fairlead itself (ServiceAccount fairlead-system/fairlead) is not allowed to"
                + " impersonate serviceaccounts in namespace team-a; add to a ClusterRole of its"
                + " own, or to a Role in team-a: {apiGroups: [\"\"], resources: [serviceaccounts],"
                + " verbs: [impersonate]}");
  }

  @Test
  void a_user_that_is_no_account_is_named_as_it_is() {
    assertThat(MissingRights.advice(permission("jane", "patch", "pods", "", "team-a")))
        .startsWith("User \"jane\" is not allowed to patch pods in namespace team-a; ");
  }

  @Test
  void rules_of_several_resources_are_merged_by_group_and_verbs() {
    assertThat(
            MissingRights.remedy(
                List.of(
                    permission(TENANT, "patch", "services", "", "team-a"),
                    permission(TENANT, "patch", "deployments", "apps", "team-a"),
                    permission(TENANT, "create", "configmaps", "", "team-a"),
                    permission(TENANT, "patch", "services", "", "team-a"),
                    permission(TENANT, "list", "secrets", "", "team-a"))))
        .isEqualTo(
            "add to a Role in team-a that is bound to it:"
                + " {apiGroups: [\"\"], resources: [configmaps, services], verbs: [create, patch, delete]},"
                + " {apiGroups: [\"\"], resources: [secrets], verbs: [get, list, watch]},"
                + " {apiGroups: [apps], resources: [deployments], verbs: [create, patch, delete]}");
  }

  @Test
  void a_role_that_gives_more_than_its_author_has_names_what_that_is() {
    String words =
        "roles.rbac.authorization.k8s.io \"e\" is forbidden: user \"system:serviceaccount:team-a:default\""
            + " (groups=[\"system:serviceaccounts\" \"system:serviceaccounts:team-a\" \"system:authenticated\"])"
            + " is attempting to grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}\n"
            + "{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"web\"], Verbs:[\"get\" \"list\"]}";

    assertThat(MissingRights.isEscalation(words)).isTrue();
    assertThat(MissingRights.escalation(words, false))
        .isEqualTo(
            "ServiceAccount team-a/default may not give what it has not itself:"
                + " {apiGroups: [\"\"], resources: [secrets], verbs: [get]},"
                + " {apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: [get, list]};"
                + " give it these rights, or the verb escalate on the role");
  }

  @Test
  void a_binding_to_more_than_its_author_has_wants_the_verb_bind() {
    String words =
        "rolebindings.rbac.authorization.k8s.io \"e\" is forbidden: user \"jane\" (groups=[]) is attempting to"
            + " grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}";

    assertThat(MissingRights.escalation(words, true))
        .isEqualTo(
            "User \"jane\" may not give what it has not itself:"
                + " {apiGroups: [\"*\"], resources: [\"*\"], verbs: [\"*\"]},"
                + " {nonResourceURLs: [\"*\"], verbs: [\"*\"]};"
                + " give it these rights, or the verb bind on the role");
  }

  private static Permission permission(
      String user, String verb, String resource, String group, String namespace) {
    return new Permission(
        user, verb, resource, group == null ? "" : group, namespace == null ? "" : namespace);
  }
}
