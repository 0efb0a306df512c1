package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ObjectDiffTest {
  private static final ObjectKey WEB = new ObjectKey("apps", "Deployment", "a", "web");
  private static final ObjectKey SECRET = new ObjectKey("", "Secret", "a", "s");

  /**
   * @param owned {@code fieldsV1} of the manager {@code kubectl}
   * @param changes as people read them, one a line
   */
  record Case(
      String name,
      ObjectKey key,
      boolean adopting,
      String owned,
      String from,
      String to,
      String changes) {
    Case(String name, String owned, String from, String to, String changes) {
      this(name, WEB, false, owned, from, to, changes);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final String CONTAINERS =
      "{\"f:c\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:name\":{},\"f:image\":{}},"
          + "\"k:{\\\"name\\\":\\\"b\\\"}\":{\".\":{},\"f:name\":{}}}}";
  private static final String PORTS =
      "{\"f:p\":{\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:port\":{}}}}";
  private static final String SET = "{\"f:finalizers\":{\"v:\\\"x\\\"\":{}}}";
  private static final String LABEL = "applyset.kubernetes.io/part-of";

  private static Stream<Case> cases() {
    return Stream.of(
        new Case("equal objects have no changes", "{}", "{'a':1}", "{'a':1}", ""),
        new Case("the order of members is no change", "{}", "{'a':1,'b':2}", "{'b':2,'a':1}", ""),
        new Case("a value that changes", "{}", "{'s':{'r':3}}", "{'s':{'r':1}}", "s.r: 3 -> 1"),
        new Case("a field that comes", "{}", "{'s':{}}", "{'s':{'r':1}}", "s.r: none -> 1"),
        new Case(
            "a field that goes, with who has it",
            "{\"f:s\":{\"f:r\":{}}}",
            "{'s':{'r':1,'x':1}}",
            "{'s':{'x':1}}",
            "s.r: 1 -> none by kubectl"),
        new Case(
            "a map that comes is told field by field",
            "{}",
            "{}",
            "{'s':{'a':{'b':1},'c':2}}",
            "s.a.b: none -> 1\ns.c: none -> 2"),
        new Case(
            "what the server keeps of an object is no change",
            "{}",
            "{'status':{'a':1},'metadata':{'resourceVersion':'1','generation':1,'managedFields':[1]}}",
            "{'status':{'a':2},'metadata':{'resourceVersion':'2','generation':2,'managedFields':[2]}}",
            ""),
        new Case(
            "a field of that name elsewhere is one",
            "{}",
            "{'spec':{'status':1,'generation':1}}",
            "{'spec':{'status':2,'generation':2}}",
            "spec.status: 1 -> 2\nspec.generation: 1 -> 2"),
        new Case(
            "what tools note down for themselves is no change",
            "{}",
            "{'metadata':{'annotations':{'kubectl.kubernetes.io/last-applied-configuration':'x','meta.helm.sh/release-name':'r'}}}",
            "{'metadata':{}}",
            ""),
        new Case(
            "another annotation is one",
            "{}",
            "{'metadata':{'annotations':{'example.org/a':'x'}}}",
            "{'metadata':{'annotations':{}}}",
            "metadata.annotations[example.org/a]: \"x\" -> none"),
        new Case(
            "our label is no news on an object that we take over",
            WEB,
            true,
            "{}",
            "{'metadata':{}}",
            "{'metadata':{'labels':{'" + LABEL + "':'x'}}}",
            ""),
        new Case(
            "our label is news on an object that had it",
            "{}",
            "{'metadata':{}}",
            "{'metadata':{'labels':{'" + LABEL + "':'x'}}}",
            "metadata.labels[" + LABEL + "]: none -> \"x\""),
        new Case(
            "items are told apart by their keys, whatever their order",
            CONTAINERS,
            "{'c':[{'name':'a','image':'1'},{'name':'b'}]}",
            "{'c':[{'name':'b'},{'name':'a','image':'2'}]}",
            "c[a].image: \"1\" -> \"2\" by kubectl"),
        new Case(
            "another order alone is told",
            CONTAINERS,
            "{'c':[{'name':'a'},{'name':'b'}]}",
            "{'c':[{'name':'b'},{'name':'a'}]}",
            "c: [a],[b] -> [b],[a] by kubectl"),
        new Case(
            "an item that goes is told as one",
            CONTAINERS,
            "{'c':[{'name':'a'},{'name':'b'}]}",
            "{'c':[{'name':'a'}]}",
            "c[b]: {\"name\":\"b\"} -> none by kubectl"),
        new Case(
            "items by two keys, of which the server filled in one",
            PORTS,
            "{'p':[{'port':80,'protocol':'TCP','name':'x'}]}",
            "{'p':[{'port':80,'protocol':'TCP','name':'y'}]}",
            "p[port=80,protocol=\"TCP\"].name: \"x\" -> \"y\""),
        new Case(
            "a set of values",
            SET,
            "{'finalizers':['x','y']}",
            "{'finalizers':['y','z']}",
            "finalizers[=\"z\"]: none -> \"z\"\nfinalizers[=\"x\"]: \"x\" -> none by kubectl"),
        new Case(
            "a list with one owner is told whole",
            "{\"f:args\":{}}",
            "{'args':['a','b']}",
            "{'args':['a']}",
            "args: [\"a\",\"b\"] -> [\"a\"] by kubectl"),
        new Case(
            "items without known keys are told apart by their names",
            "{}",
            "{'c':[{'name':'a','v':1},{'name':'b','v':1}]}",
            "{'c':[{'name':'a','v':1},{'name':'b','v':2}]}",
            "c[b].v: 1 -> 2"),
        new Case(
            "items without names by their places",
            "{}",
            "{'c':[{'v':1},{'v':1}]}",
            "{'c':[{'v':1},{'v':2}]}",
            "c[1].v: 1 -> 2"),
        new Case(
            "two items of one name by their places",
            "{}",
            "{'c':[{'name':'a','v':1},{'name':'a','v':1}]}",
            "{'c':[{'name':'a','v':1},{'name':'a','v':2}]}",
            "c[1].v: 1 -> 2"),
        new Case(
            "another kind of value", "{}", "{'a':{'b':1}}", "{'a':[1]}", "a: {\"b\":1} -> [1]"),
        new Case(
            "a Secret's values are masked, its keys are not",
            SECRET,
            false,
            "{}",
            "{'data':{'a':'aHVudGVyMg==','gone':'aHVudGVyMg=='}}",
            "{'data':{'a':'b3RoZXI=','new':'b3RoZXI='}}",
            "data.a: *** -> ***\ndata.new: none -> ***\ndata.gone: *** -> none"),
        new Case(
            "annotations of a Secret may have its values in them",
            SECRET,
            false,
            "{}",
            "{'metadata':{'annotations':{'x':'hunter2'},'labels':{'l':'1'}},'type':'Opaque'}",
            "{'metadata':{'annotations':{'x':'hunter3'},'labels':{'l':'2'}},'type':'t'}",
            "metadata.annotations.x: *** -> ***\nmetadata.labels.l: \"1\" -> \"2\"\ntype: \"Opaque\" -> \"t\""));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tells(Case c) {
    Owner kubectl = owner("kubectl", c.owned());
    ObjectDiff.Changes changes =
        ObjectDiff.between(
            parse(c.from()),
            parse(c.to()),
            new ObjectDiff.Scope(
                c.key(), List.of(kubectl), List.of(kubectl), c.adopting(), List.of()));
    assertThat(
            changes.fields().stream()
                .map(
                    f -> f + (f.holders().isEmpty() ? "" : " by " + String.join(",", f.holders()))))
        .isEqualTo(c.changes().isEmpty() ? List.of() : c.changes().lines().toList());
  }

  @Test
  void what_is_left_to_others_is_no_change() {
    ObjectDiff.Scope scope =
        new ObjectDiff.Scope(
            WEB, List.of(), List.of(), false, List.of(List.of("f:spec", "f:replicas")));
    assertThat(
            ObjectDiff.between(
                    parse("{'spec':{'replicas':1,'x':1}}"),
                    parse("{'spec':{'replicas':2,'x':2}}"),
                    scope)
                .fields())
        .extracting(ObjectDiff.Change::path)
        .containsExactly("spec.x");
  }

  @Test
  void fields_and_values_are_bounded() {
    StringBuilder from = new StringBuilder("{'data':{'a':'" + "x".repeat(500) + "'");
    IntStream.range(0, 200).forEach(i -> from.append(",'k").append(i).append("':1"));
    ObjectDiff.Scope scope = new ObjectDiff.Scope(WEB, List.of(), List.of(), false, List.of());
    ObjectDiff.Changes changes = ObjectDiff.between(parse(from + "}}"), parse("{}"), scope);
    assertThat(changes.fields()).hasSize(ObjectDiff.MAX_FIELDS);
    assertThat(changes.more()).isEqualTo(101);
    assertThat(changes.fields().getFirst().from().orElseThrow()).hasSize(ObjectDiff.MAX_VALUE);
  }

  static Owner owner(String manager, String fieldsV1) {
    return new Owner(
        manager,
        false,
        "",
        Optional.empty(),
        FieldSet.of("v1", parse(fieldsV1.replace('\'', '"'))));
  }

  /** With single quotes for double ones, unless there are any. */
  static Json.Obj parse(String json) {
    try {
      String text = json.contains("\"") ? json : json.replace('\'', '"');
      return (Json.Obj) JsonReader.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
