package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ControlPlaneExtension.class)
class DiscoveryIT {
  @Test
  void kinds_are_found_with_their_scope_and_in_the_preferred_version(ControlPlane cluster)
      throws Exception {
    try (Served served = Served.by(cluster)) {
      served.discovery.refresh();

      Resource deployments =
          served.discovery.preferred(new GroupKind("apps", "Deployment")).orElseThrow();
      assertThat(deployments.toString()).isEqualTo("deployments.v1.apps");
      assertThat(deployments.namespaced()).isTrue();
      assertThat(deployments.manageable()).isTrue();
      assertThat(
              served.discovery.preferred(new GroupKind("autoscaling", "HorizontalPodAutoscaler")))
          .hasValueSatisfying(r -> assertThat(r.version()).isEqualTo("v2"));
      assertThat(served.discovery.find(GroupVersionKind.of("v1", "Namespace")))
          .hasValueSatisfying(r -> assertThat(r.namespaced()).isFalse());
      assertThat(served.discovery.find(GroupVersionKind.of("v1", "Pod")))
          .hasValueSatisfying(r -> assertThat(r.plural()).isEqualTo("pods"));
      assertThat(served.discovery.all()).filteredOn(Resource::manageable).hasSizeGreaterThan(40);
    }
  }

  @Test
  void a_kind_that_does_not_exist_is_asked_for_once(ControlPlane cluster) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    RequestListener counter = (verb, code, took) -> requests.incrementAndGet();
    try (Served served = Served.by(cluster.kubeconfig(), counter)) {
      Discovery patient =
          new Discovery(served.server, InstantSource.system(), Duration.ofMinutes(5));

      for (int i = 0; i < 5; i++) {
        assertThat(patient.resolve(GroupVersionKind.of("example.org/v1", "Nothing" + i))).isEmpty();
      }

      assertThat(requests).hasValue(2);
    }
  }

  @Test
  void a_new_crd_is_found_after_a_refresh(ControlPlane cluster) throws Exception {
    String group = cluster.createNamespace("crd") + ".example.org";
    GroupVersionKind kind = GroupVersionKind.of(group + "/v1", "Thing");
    try (Served served = Served.by(cluster)) {
      assertThat(served.discovery.resolve(kind)).isEmpty();

      cluster.apply(
          """
          apiVersion: apiextensions.k8s.io/v1
          kind: CustomResourceDefinition
          metadata: {name: things.%1$s}
          spec:
            group: %1$s
            scope: Cluster
            names: {kind: Thing, plural: things}
            versions:
            - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
          """
              .formatted(group));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            served.discovery.refresh();
            assertThat(served.discovery.find(kind))
                .hasValueSatisfying(r -> assertThat(r.namespaced()).isFalse());
          });
      cluster.kubectl("delete", "crd", "things." + group);
    }
  }
}
