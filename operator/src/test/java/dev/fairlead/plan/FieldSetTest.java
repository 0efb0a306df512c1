package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FieldSetTest {
  private static final Json.Obj LEAF = Json.Obj.empty();

  /** An object of alternating names and objects. */
  private static Json.Obj object(Object... members) {
    Map<String, Json> map = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      map.put((String) members[i], (Json) members[i + 1]);
    }
    return Json.of(map);
  }

  private static FieldSet set(Object... members) {
    return FieldSet.of("apps/v1", object(members));
  }

  private static Json.Obj container(String... fields) {
    Map<String, Json> map = new LinkedHashMap<>();
    map.put(".", LEAF);
    for (String field : fields) {
      map.put("f:" + field, LEAF);
    }
    return Json.of(map);
  }

  private static FieldSet containers(Json.Obj container) {
    return set(
        "f:spec",
        object(
            "f:template",
            object("f:spec", object("f:containers", object("k:{\"name\":\"web\"}", container)))));
  }

  @Test
  void what_is_lost_reads_as_the_path_of_the_field() {
    FieldSet before = containers(container("image", "name"));
    FieldSet after = containers(container("name"));

    assertThat(before.minus(after).paths())
        .containsExactly("spec.template.spec.containers[name=\"web\"].image");
    assertThat(after.minus(before).isEmpty()).isTrue();
  }

  @Test
  void an_item_that_is_lost_as_a_whole_is_named_once() {
    FieldSet before = containers(container("image", "name"));
    FieldSet after = set("f:spec", object("f:replicas", LEAF));

    assertThat(before.minus(after).paths())
        .containsExactly("spec.template.spec.containers[name=\"web\"]");
  }

  @Test
  void a_map_can_be_lost_while_its_members_stay() {
    FieldSet before = set("f:data", object(".", LEAF, "f:a", LEAF));
    FieldSet after = set("f:data", object("f:a", LEAF));

    assertThat(before.minus(after).paths()).containsExactly("data");
    assertThat(after.minus(before).isEmpty()).isTrue();
  }

  @Test
  void a_leaf_and_a_map_with_itself_and_members_are_both_owned() {
    FieldSet leaf = set("f:data", LEAF);
    FieldSet map = set("f:data", object(".", LEAF, "f:a", LEAF));

    assertThat(leaf.minus(map).isEmpty()).isTrue();
    assertThat(map.minus(leaf).paths()).containsExactly("data.a");
    assertThat(leaf.intersect(map).paths()).containsExactly("data");
  }

  @Test
  void names_with_dots_and_keys_of_every_kind_are_readable() {
    FieldSet all =
        set(
            "f:metadata",
            object(
                "f:annotations",
                object("f:kubectl.kubernetes.io/restartedAt", LEAF),
                "f:finalizers",
                object("v:\"example.org/wait\"", LEAF)),
            "f:spec",
            object(
                "f:ports",
                object("k:{\"containerPort\":80,\"protocol\":\"TCP\"}", LEAF),
                "f:odd",
                object("k:{\"name\":\"a:\\\"b,c\"}", LEAF),
                "f:list",
                object("i:3", LEAF)));

    assertThat(all.paths())
        .isEqualTo(
            List.of(
                "metadata.annotations[kubectl.kubernetes.io/restartedAt]",
                "metadata.finalizers[=\"example.org/wait\"]",
                "spec.list[3]",
                "spec.odd[name=\"a:\\\"b,c\"]",
                "spec.ports[containerPort=80,protocol=\"TCP\"]"));
  }

  @Test
  void the_digest_ignores_order_and_sees_everything_else() {
    FieldSet ab = set("f:data", object("f:a", LEAF, "f:b", LEAF));
    FieldSet ba = set("f:data", object("f:b", LEAF, "f:a", LEAF));
    FieldSet deeper = set("f:data", object("f:a", object("f:b", LEAF)));
    FieldSet self = set("f:data", object(".", LEAF, "f:a", LEAF, "f:b", LEAF));
    FieldSet version = FieldSet.of("v1", object("f:data", object("f:a", LEAF, "f:b", LEAF)));

    assertThat(ab).isEqualTo(ba).hasSameHashCodeAs(ba);
    assertThat(ab.digest()).isEqualTo(ba.digest());
    assertThat(List.of(ab.digest(), deeper.digest(), self.digest(), version.digest()))
        .doesNotHaveDuplicates();
  }

  @Test
  void no_fields_are_an_empty_set() {
    assertThat(set().isEmpty()).isTrue();
    assertThat(set().paths()).isEmpty();
  }
}
