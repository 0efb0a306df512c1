package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus.Inventory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MetadataPatchTest {
  private static final SyncKey KEY = new SyncKey("infra", "app");
  private static final String ID = Labels.applySetId(KEY);
  private static final Inventory INVENTORY =
      new Inventory(
          List.of(
              new GroupKind("", "Service"),
              new GroupKind("apps", "Deployment"),
              new GroupKind("", "ConfigMap")),
          List.of("web", "infra", "api"));

  @Test
  void makesANewGitSyncTheParentOfItsSet() {
    assertThat(MetadataPatch.adopt(metadata(false, List.of(), Map.of(), Map.of()), INVENTORY))
        .contains(
            Trees.object(
                """
                metadata:
                  uid: u1
                  resourceVersion: "7"
                  finalizers: [fairlead.dev/finalizer]
                  labels: {applyset.kubernetes.io/id: ID}
                  annotations:
                    applyset.kubernetes.io/tooling: fairlead/v1
                    applyset.kubernetes.io/contains-group-kinds: ConfigMap,Deployment.apps,Service
                    applyset.kubernetes.io/additional-namespaces: api,web
                """
                    .replace("ID", ID)));
  }

  @Test
  void writesNothingWhenAllIsThere() {
    assertThat(
            MetadataPatch.adopt(adopted("ConfigMap,Deployment.apps,Service", "api,web"), INVENTORY))
        .isEmpty();
  }

  @Test
  void widensTheInventoryWithoutNamingAResourceVersion() {
    assertThat(MetadataPatch.adopt(adopted("ConfigMap", "api,web"), INVENTORY))
        .contains(
            Trees.object(
                """
                metadata:
                  uid: u1
                  annotations:
                    applyset.kubernetes.io/contains-group-kinds: ConfigMap,Deployment.apps,Service
                """));
  }

  @Test
  void leavesOutTheOwnNamespaceAndNeverWritesTheReservedEmptyValue() {
    Inventory own = new Inventory(List.of(new GroupKind("", "Service")), List.of("infra"));
    assertThat(MetadataPatch.adopt(adopted("Service", "api"), own).map(Json.Obj::toJson))
        .contains(
            "{\"metadata\":{\"uid\":\"u1\",\"annotations\":"
                + "{\"applyset.kubernetes.io/additional-namespaces\":null}}}");
  }

  @Test
  void keepsTheFinalizersOfOthers() {
    SyncMetadata now =
        metadata(false, List.of("example.org/b", "example.org/a"), Map.of(), Map.of());
    assertThat(finalizers(MetadataPatch.adopt(now, INVENTORY).orElseThrow()))
        .containsExactly("example.org/b", "example.org/a", Labels.FINALIZER);

    SyncMetadata held =
        metadata(
            true, List.of("example.org/b", Labels.FINALIZER, "example.org/a"), Map.of(), Map.of());
    Json.Obj release = MetadataPatch.release(held).orElseThrow();
    assertThat(finalizers(release)).containsExactly("example.org/b", "example.org/a");
    assertThat(release.object("metadata").flatMap(m -> m.string("resourceVersion"))).contains("7");
  }

  @Test
  void addsNoFinalizerToWhatIsBeingDeleted() {
    SyncMetadata now = metadata(true, List.of("example.org/a"), Map.of(), Map.of());
    assertThat(
            MetadataPatch.adopt(now, INVENTORY)
                .orElseThrow()
                .object("metadata")
                .orElseThrow()
                .get("finalizers"))
        .isEmpty();
  }

  @Test
  void releasesNothingThatIsNotHeld() {
    assertThat(MetadataPatch.release(metadata(true, List.of("example.org/a"), Map.of(), Map.of())))
        .isEmpty();
  }

  @Test
  void takesTheWiderOfAnnotationsAndStatus() {
    Inventory status = new Inventory(List.of(new GroupKind("batch", "Job")), List.of("jobs"));
    assertThat(MetadataPatch.inventory(adopted("Service,Deployment.apps", "api"), status))
        .isEqualTo(
            new Inventory(
                List.of(
                    new GroupKind("", "Service"),
                    new GroupKind("apps", "Deployment"),
                    new GroupKind("batch", "Job")),
                List.of("api", "infra", "jobs")));
  }

  @Test
  void takesTheStatusAloneWhereThereAreNoAnnotations() {
    Inventory status = new Inventory(List.of(new GroupKind("batch", "Job")), List.of("jobs"));
    assertThat(MetadataPatch.inventory(metadata(false, List.of(), Map.of(), Map.of()), status))
        .isEqualTo(status);
  }

  @Test
  void readsAnnotationsThatAPersonTouched() {
    assertThat(
            MetadataPatch.inventory(
                adopted(" Service,,.apps,Deployment.apps ", ",api ,"), Inventory.EMPTY))
        .isEqualTo(
            new Inventory(
                List.of(new GroupKind("", "Service"), new GroupKind("apps", "Deployment")),
                List.of("api", "infra")));
  }

  private static List<String> finalizers(Json.Obj patch) {
    return patch.object("metadata").orElseThrow().items("finalizers").stream()
        .map(f -> ((Json.Str) f).value())
        .toList();
  }

  private static SyncMetadata adopted(String kinds, String namespaces) {
    return metadata(
        false,
        List.of(Labels.FINALIZER),
        Map.of(Labels.APPLYSET_ID, ID),
        Map.of(
            Labels.TOOLING, Labels.TOOLING_VALUE,
            Labels.CONTAINS_GROUP_KINDS, kinds,
            Labels.ADDITIONAL_NAMESPACES, namespaces));
  }

  private static SyncMetadata metadata(
      boolean deleting,
      List<String> finalizers,
      Map<String, String> labels,
      Map<String, String> annotations) {
    return new SyncMetadata(KEY, "u1", "7", 1, deleting, finalizers, labels, annotations);
  }
}
