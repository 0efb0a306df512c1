package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.Live;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LiveReaderTest {
  private static final Resource DEPLOYMENTS =
      new Resource("apps", "v1", "deployments", "Deployment", true, Set.of());
  private static final String MANAGER = "fairlead/shop/one";

  private static Json.Obj json(String text) throws Exception {
    try (JsonAnswer answer = new JsonAnswer(text.getBytes(StandardCharsets.UTF_8))) {
      return Objects.requireNonNull(answer.nextObject());
    }
  }

  private static final String ENTRY =
      """
      {"manager":"%s","operation":"%s","apiVersion":"apps/v1","fieldsType":"FieldsV1",%s
       "fieldsV1":{"f:spec":{"f:replicas":{}}}}\
      """;

  private static String object(String... entries) {
    return """
    {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{
      "name":"web","namespace":"shop","uid":"u","resourceVersion":"42","generation":3,
      "deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["example.org/hold"],
      "labels":{"app":"x","applyset.kubernetes.io/part-of":"p","fairlead.dev/name":"one"},
      "annotations":{"last":"y","fairlead.dev/prune":"disabled","helm.sh/resource-policy":"keep"},
      "managedFields":[%s]}}\
    """
        .formatted(String.join(",", entries));
  }

  @Test
  void metadata_is_read_without_what_nobody_needs() throws Exception {
    Live live =
        LiveReader.read(
            DEPLOYMENTS,
            json(object(ENTRY.formatted(MANAGER, "Apply", "\"time\":\"2026-01-01T00:00:00Z\","))));

    assertThat(live.key()).isEqualTo(new ObjectKey("apps", "Deployment", "shop", "web"));
    assertThat(live.generation()).isEqualTo(OptionalLong.of(3));
    assertThat(live.deleting()).isTrue();
    assertThat(live.finalizers()).containsExactly("example.org/hold");
    assertThat(live.labels())
        .containsOnlyKeys("applyset.kubernetes.io/part-of", "fairlead.dev/name");
    assertThat(live.annotations())
        .containsOnlyKeys("fairlead.dev/prune", "helm.sh/resource-policy");
    assertThat(live.owned(MANAGER).orElseThrow().paths()).containsExactly("spec.replicas");
    assertThat(Baseline.of(live, MANAGER).time()).contains(Instant.parse("2026-01-01T00:00:00Z"));
  }

  @Test
  void our_set_is_the_one_apply_entry_without_subresource() throws Exception {
    String ours = ENTRY.formatted(MANAGER, "Apply", "");
    String update = ENTRY.formatted(MANAGER, "Update", "");
    String scale = ENTRY.formatted(MANAGER, "Apply", "\"subresource\":\"scale\",");

    assertThat(LiveReader.read(DEPLOYMENTS, json(object(update, ours, scale))).applied(MANAGER))
        .hasValueSatisfying(o -> assertThat(o.time()).isEmpty());
    assertThat(LiveReader.read(DEPLOYMENTS, json(object(update, scale))).applied(MANAGER))
        .isEmpty();
    assertThat(LiveReader.read(DEPLOYMENTS, json(object(ours, ours))).applied(MANAGER)).isEmpty();
  }

  @Test
  void a_cleared_or_odd_entry_is_no_reason_to_fail() throws Exception {
    Live live = LiveReader.read(DEPLOYMENTS, json(object("{}", "3", "{\"time\":\"yesterday\"}")));

    assertThat(live.managers()).hasSize(2);
    assertThat(live.applied(MANAGER)).isEmpty();
    assertThat(Baseline.of(live, MANAGER).set()).isEmpty();
  }

  @Test
  void an_object_without_metadata_is_read_as_one_without_names() throws Exception {
    assertThat(LiveReader.read(DEPLOYMENTS, json("{}")).uid()).isEmpty();
  }

  @Test
  void content_has_its_kind_and_no_managed_fields() throws Exception {
    Json.Obj content =
        LiveReader.content(
            DEPLOYMENTS, json(object(ENTRY.formatted(MANAGER, "Apply", ""))).without("kind"));

    assertThat(content.string("kind")).contains("Deployment");
    assertThat(content.string("apiVersion")).contains("apps/v1");
    assertThat(content.object("metadata").orElseThrow().get("managedFields")).isEmpty();
    assertThat(content.object("metadata").orElseThrow().string("name")).contains("web");
  }
}
