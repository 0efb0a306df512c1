package dev.fairlead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ApplyOrderTest {
  @Test
  void whatOthersNeedComesFirstAndInterceptorsLast() {
    List<Manifest> sorted =
        ApplyOrder.sorted(
            List.of(
                manifest("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "a"),
                manifest("example.org/v1", "Ship", "a"),
                manifest("apps/v1", "Deployment", "b"),
                manifest("v1", "Service", "a"),
                manifest("apps/v1", "Deployment", "a"),
                manifest("rbac.authorization.k8s.io/v1", "RoleBinding", "a"),
                manifest("v1", "ServiceAccount", "a"),
                manifest("v1", "ConfigMap", "a"),
                manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", "a"),
                manifest("serving.example.org/v1", "Service", "a"),
                manifest("v1", "Namespace", "a")));

    assertThat(sorted)
        .extracting(m -> m.gvk().groupKind() + " " + m.name())
        .containsExactly(
            "Namespace a",
            "CustomResourceDefinition.apiextensions.k8s.io a",
            "ServiceAccount a",
            "RoleBinding.rbac.authorization.k8s.io a",
            "ConfigMap a",
            "Service a",
            "Deployment.apps b",
            "Deployment.apps a",
            "Ship.example.org a",
            "Service.serving.example.org a",
            "ValidatingWebhookConfiguration.admissionregistration.k8s.io a");
  }

  private static Manifest manifest(String apiVersion, String kind, String name) {
    return new Manifest(
        GroupVersionKind.of(apiVersion, kind), "", name, Origin.ofFile("f.yaml"), Json.Obj.empty());
  }
}
