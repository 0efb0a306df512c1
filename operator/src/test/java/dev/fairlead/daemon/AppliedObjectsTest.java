package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AppliedObjectsTest {
  private static final ObjectKey WEB = new ObjectKey("apps", "Deployment", "corpus", "web");

  private static Json.Obj object(String... entries) {
    return SyncClient.parse(
        """
        {"apiVersion": "apps/v1", "kind": "Deployment",
         "metadata": {"name": "web", "namespace": "corpus", "managedFields": [%s]}}
        """
            .formatted(String.join(",", entries)));
  }

  private static String entry(String manager, String operation) {
    return """
    {"manager": "%s", "operation": "%s", "apiVersion": "apps/v1", "time": "2026-01-01T00:00:00Z",
     "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    """
        .formatted(manager, operation);
  }

  @Test
  void an_object_counts_by_the_apply_of_its_manager_of_which_version_and_fields_stay() {
    Map<ObjectKey, Json.Obj> applied =
        AppliedObjects.of(
            "kubectl",
            Set.of(),
            List.of(object(entry("controller", "Update"), entry("kubectl", "Apply"))));

    assertThat(applied)
        .containsExactly(
            Map.entry(
                WEB,
                SyncClient.parse(
                    """
                    {"apiVersion": "apps/v1", "kind": "Deployment",
                     "metadata": {"name": "web", "namespace": "corpus", "managedFields":
                       {"apps/v1": {"f:spec": {"f:replicas": {}}}}}}
                    """)));
  }

  @Test
  void what_others_applied_or_the_manager_only_updated_does_not_count() {
    assertThat(
            AppliedObjects.of(
                "kubectl",
                Set.of(),
                List.of(object(entry("other", "Apply"), entry("kubectl", "Update")), object())))
        .isEmpty();
  }

  @Test
  void two_entries_of_one_manager_are_never_right() {
    assertThatThrownBy(() ->
            AppliedObjects.of(
                "kubectl",
                Set.of(),
                List.of(object(entry("kubectl", "Apply"), entry("kubectl", "Apply")))))
        .hasMessage("Deployment corpus/web has two entries of kubectl");
  }

  @Test
  void an_object_that_is_expected_counts_without_an_entry() {
    assertThat(AppliedObjects.of("kubectl", Set.of(WEB), List.of(object())))
        .containsExactly(
            Map.entry(
                WEB,
                SyncClient.parse(
                    """
                    {"apiVersion": "apps/v1", "kind": "Deployment",
                     "metadata": {"name": "web", "namespace": "corpus"}}
                    """)));
  }

  @Test
  void what_is_owned_as_stringData_of_a_secret_is_owned_as_data() {
    Json.Obj secret =
        SyncClient.parse(
            """
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "corpus",
              "managedFields": [{"manager": "kubectl", "operation": "Apply", "apiVersion": "v1",
                "fieldsV1": {"f:data": {"f:a": {}}, "f:stringData": {"f:a": {}, "f:b": {}}}}]}}
            """);

    assertThat(AppliedObjects.of("kubectl", Set.of(), List.of(secret)).values())
        .containsExactly(
            SyncClient.parse(
                """
                {"apiVersion": "v1", "kind": "Secret", "metadata": {
                  "name": "s", "namespace": "corpus",
                  "managedFields": {"v1": {"f:data": {"f:a": {}, "f:b": {}}}}}}
                """));
  }
}
