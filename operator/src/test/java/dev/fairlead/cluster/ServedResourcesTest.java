package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ServedResourcesTest {
  private static ServedResources read(String text) throws Exception {
    try (JsonAnswer answer = new JsonAnswer(text.getBytes(StandardCharsets.UTF_8))) {
      return ServedResources.read(Objects.requireNonNull(answer.nextObject())).orElseThrow();
    }
  }

  private static String group(String versions) {
    return """
    {"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.org"},"versions":[%s]}]}\
    """
        .formatted(versions);
  }

  private static String version(String version, String freshness, String resources) {
    return "{\"version\":\"%s\",\"freshness\":\"%s\",\"resources\":[%s]}"
        .formatted(version, freshness, resources);
  }

  private static final String WIDGETS =
      """
      {"resource":"widgets","responseKind":{"group":"","version":"","kind":"Widget"},
       "scope":"Namespaced","verbs":["delete","list","patch","watch"],
       "subresources":[{"subresource":"status"}]}\
      """;
  private static final GroupVersionKind V2 = new GroupVersionKind("example.org", "v2", "Widget");

  @Test
  void the_first_version_is_the_preferred_one() throws Exception {
    ServedResources served =
        read(group(version("v2", "Current", WIDGETS) + "," + version("v1", "Current", WIDGETS)));

    Resource preferred = served.preferred(new GroupKind("example.org", "Widget")).orElseThrow();
    assertThat(preferred.version()).isEqualTo("v2");
    assertThat(preferred.plural()).isEqualTo("widgets");
    assertThat(preferred.namespaced()).isTrue();
    assertThat(preferred.manageable()).isTrue();
    assertThat(served.all()).hasSize(2);
  }

  @Test
  void a_group_whose_server_is_down_keeps_its_kinds_and_one_that_is_gone_does_not()
      throws Exception {
    ServedResources before = read(group(version("v2", "Current", WIDGETS)));

    assertThat(read(group(version("v2", "Stale", ""))).completedBy(before).find(V2)).isPresent();
    assertThat(read(group("")).completedBy(before).find(V2)).isEmpty();
  }

  @Test
  void another_document_is_no_discovery() {
    assertThat(ServedResources.read(Json.Obj.empty())).isEmpty();
  }
}
