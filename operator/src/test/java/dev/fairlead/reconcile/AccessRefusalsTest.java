package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Reason;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.MissingRights;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AccessRefusalsTest {
  @Test
  void a_right_that_is_missing_for_many_objects_is_one_problem_at_the_first() {
    List<Refusal> refusals =
        IntStream.rangeClosed(1, 7)
            .mapToObj(i -> denied("Deployment.apps", "d" + i, "patch", "deployments", "apps"))
            .toList();

    assertThat(texts(refusals))
        .containsExactly(
            "deploy/d1.yaml:3: Deployment apps/d1: ServiceAccount apps/default is not allowed to"
                + " patch deployments.apps in namespace apps; add to a Role in apps that is bound to"
                + " it: {apiGroups: [apps], resources: [deployments], verbs: [create, patch,"
                + " delete]} (so it is for Deployment apps/d2, Deployment apps/d3, Deployment"
                + " apps/d4 and 3 more)");
    assertThat(AccessRefusals.summary(Reason.ACCESS_DENIED, refusals)).isEmpty();
  }

  @Test
  void the_verb_that_was_refused_first_makes_no_difference() {
    assertThat(
            texts(
                List.of(
                    denied("ConfigMap", "a", "patch", "configmaps", ""),
                    denied("ConfigMap", "b", "create", "configmaps", ""))))
        .singleElement()
        .asString()
        .endsWith("(so it is for ConfigMap apps/b)");
  }

  @Test
  void several_rights_are_several_problems_and_one_list_of_rules() {
    List<Refusal> refusals =
        List.of(
            denied("Deployment.apps", "d", "patch", "deployments", "apps"),
            denied("Service", "s", "patch", "services", ""),
            denied("ConfigMap", "c", "patch", "configmaps", ""),
            denied("ConfigMap", "c2", "patch", "configmaps", ""));

    assertThat(texts(refusals)).hasSize(3);
    assertThat(AccessRefusals.summary(Reason.ACCESS_DENIED, refusals))
        .contains(
            "ServiceAccount apps/default lacks the rights to 4 objects; add to a Role in apps that"
                + " is bound to it: {apiGroups: [\"\"], resources: [configmaps, services], verbs:"
                + " [create, patch, delete]}, {apiGroups: [apps], resources: [deployments], verbs:"
                + " [create, patch, delete]}");
  }

  @Test
  void other_refusals_stand_for_themselves_in_their_order() {
    Refusal other = Refusal.unreadable(desired("ConfigMap", "b"), Reason.FETCH_FAILED, "gone");
    List<Refusal> refusals =
        List.of(
            denied("ConfigMap", "a", "patch", "configmaps", ""),
            other,
            denied("ConfigMap", "c", "patch", "configmaps", ""),
            Refusal.unreadable(desired("ConfigMap", "d"), Reason.FETCH_FAILED, "gone"));

    assertThat(AccessRefusals.merged(refusals).stream().map(r -> r.object().key().name()))
        .containsExactly("a", "b", "d");
  }

  @Test
  void what_is_wrong_with_the_manifests_goes_before_the_rules() {
    List<Refusal> refusals =
        List.of(
            denied("Service", "s", "patch", "services", ""),
            denied("ConfigMap", "c", "patch", "configmaps", ""));

    assertThat(AccessRefusals.summary(Reason.VALIDATION_FAILED, refusals)).isEmpty();
  }

  private static List<String> texts(List<Refusal> refusals) {
    return AccessRefusals.merged(refusals).stream()
        .flatMap(r -> r.problems(NOON).stream())
        .map(ProblemText::describe)
        .toList();
  }

  private static Refusal denied(
      String kind, String name, String verb, String resource, String group) {
    var permission =
        new ApiError.Permission(
            "system:serviceaccount:apps:default", verb, resource, group, "apps");
    var error = new ApiError.Forbidden(MissingRights.advice(permission), Optional.of(permission));
    var object = desired(kind, name);
    return new Refusal(
        Optional.of(object),
        Reason.ACCESS_DENIED,
        false,
        Optional.of(error),
        List.of(new Refusal.At(object.origin(), error.message())));
  }
}
