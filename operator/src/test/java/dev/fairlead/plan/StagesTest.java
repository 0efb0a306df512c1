package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StagesTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          others depend on a Namespace                | Namespace                                          | definitions
          others depend on a definition               | CustomResourceDefinition.apiextensions.k8s.io      | definitions
          another group's Namespace is a custom one   | Namespace.example.org                              | 3
          an account is needed by workloads           | ServiceAccount                                     | 0
          so are rights                               | ClusterRoleBinding.rbac.authorization.k8s.io       | 1
          so are settings                             | ConfigMap                                          | 1
          a token's Secret needs its account          | Secret                                             | 1
          a quota counts what comes after it          | ResourceQuota                                      | 0
          so are volumes                              | PersistentVolumeClaim                              | 1
          a Service goes with the workloads           | Service                                            | 2
          a workload                                  | Deployment.apps                                    | 2
          an Ingress is the last of what is built in  | Ingress.networking.k8s.io                          | 2
          a custom resource may need its operator     | Certificate.cert-manager.io                        | 3
          an APIService intercepts requests           | APIService.apiregistration.k8s.io                  | 4
          a webhook intercepts requests               | ValidatingWebhookConfiguration.admissionregistration.k8s.io | 4
          """)
  void aKindHasItsStage(String sentence, String kind, String stage) {
    // One of each tier, so that a tier's number is its place.
    List<DesiredObject> others =
        Stream.of(
                "ServiceAccount",
                "ConfigMap",
                "Service",
                "Thing.example.org",
                "APIService.apiregistration.k8s.io")
            .map(k -> object(k, "", "other"))
            .toList();
    DesiredObject object = object(kind, "", "it");

    Stages stages =
        Stages.of(Stream.concat(others.stream(), Stream.of(object)).collect(Collectors.toList()));

    assertThat(stages.definitions().contains(object)).isEqualTo(stage.equals("definitions"));
    for (int tier = 0; tier < 5; tier++) {
      assertThat(stages.rest().get(tier).contains(object))
          .as("in tier %s", tier)
          .isEqualTo(stage.equals(Integer.toString(tier)));
    }
  }

  @Test
  void thereIsNoEmptyTierAndTheOrderWithinOneIsTheCommits() {
    DesiredObject web = object("Deployment.apps", "apps", "web");
    DesiredObject api = object("Deployment.apps", "apps", "api");
    DesiredObject hook =
        object("MutatingWebhookConfiguration.admissionregistration.k8s.io", "", "hook");

    Stages stages = Stages.of(List.of(hook, web, api));

    assertThat(stages.definitions()).isEmpty();
    assertThat(stages.rest()).containsExactly(List.of(web, api), List.of(hook));
  }

  @Test
  void nothingToApplyHasNoStages() {
    assertThat(Stages.of(List.of())).isEqualTo(new Stages(List.of(), List.of()));
  }

  private static DesiredObject object(String groupKind, String namespace, String name) {
    GroupKind kind = GroupKind.parse(groupKind);
    return new DesiredObject(
        new ObjectKey(kind.group(), kind.kind(), namespace, name),
        new GroupVersionKind(kind.group(), "v1", kind.kind()),
        Digest.of(name),
        Origin.ofFile("all.yaml"),
        "blob");
  }
}
