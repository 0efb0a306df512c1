package dev.fairlead.plan;

import static dev.fairlead.plan.IgnoredFieldsTest.json;
import static dev.fairlead.plan.IgnoredFieldsTest.pointers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who owns what before and after the patch, case by case. */
final class OwnershipTest {
  private static final String OURS = "fairlead/shop/web";
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Json.Obj BODY = json("{'spec':{'replicas':3,'image':'a'}}");

  /** {@code manager operation subresource: field field}; fields as {@code spec/replicas}. */
  private static Owner entry(String text) {
    String[] halves = text.split(": *", 2);
    String[] who = halves[0].split(" ", -1);
    Map<String, Json> fields = new LinkedHashMap<>();
    for (String path : halves[1].split(" ", -1)) {
      if (!path.isEmpty()) {
        put(fields, Arrays.asList(path.split("/")));
      }
    }
    return new Owner(
        who[0].equals("ours") ? OURS : who[0],
        who[1].equals("Apply"),
        who.length > 2 && !who[2].contains("=") ? who[2] : "",
        Optional.of(NOON),
        FieldSet.of(text.contains("v=") ? "v2" : "v1", obj(fields)));
  }

  @SuppressWarnings("unchecked")
  private static void put(Map<String, Json> into, List<String> path) {
    String key = path.getFirst().equals(".") ? "." : "f:" + path.getFirst().replace("!", "/");
    if (path.size() == 1) {
      into.putIfAbsent(key, Json.Obj.empty());
      return;
    }
    Map<String, Json> child =
        new LinkedHashMap<>(
            into.get(key) instanceof Json.Obj o ? o.members() : new LinkedHashMap<>());
    put(child, path.subList(1, path.size()));
    into.put(key, Json.of(child));
  }

  private static Json.Obj obj(Map<String, Json> members) {
    return Json.of(members);
  }

  private static Live live(List<Owner> owners) {
    return new Live(
        new ObjectKey("apps", "Deployment", "shop", "web"),
        "uid",
        "7",
        OptionalLong.of(1),
        false,
        Map.of(),
        Map.of(),
        owners);
  }

  /** What the server makes of the patch. */
  private static List<Owner> patched(List<Owner> owners, Ownership.Patch patch) {
    List<Owner> all = new ArrayList<>(owners);
    for (Json item : patch.operations().items()) {
      Json.Obj o = (Json.Obj) item;
      String path = o.string("path").orElseThrow();
      String rest = path.replace("/metadata/managedFields/", "");
      String op = o.string("op").orElseThrow();
      if (path.equals("/metadata/resourceVersion")) {
        assertThat(o.string("value")).contains("7");
      } else if (op.equals("remove")) {
        all.remove(Integer.parseInt(rest));
      } else if (op.equals("add")) {
        Json.Obj value = o.object("value").orElseThrow();
        assertThat(rest).isEqualTo("-");
        assertThat(value.string("fieldsType")).contains("FieldsV1");
        all.add(
            new Owner(
                value.string("manager").orElseThrow(),
                value.string("operation").orElseThrow().equals("Apply"),
                "",
                value.string("time").map(Instant::parse),
                FieldSet.of(
                    value.string("apiVersion").orElseThrow(),
                    value.object("fieldsV1").orElseThrow())));
      } else {
        int index = Integer.parseInt(rest.replace("/fieldsV1", ""));
        Owner old = all.get(index);
        all.set(
            index,
            new Owner(
                old.manager(),
                old.applied(),
                old.subresource(),
                old.time(),
                FieldSet.of(old.fields().apiVersion(), o.object("value").orElseThrow())));
      }
    }
    return all;
  }

  /**
   * @param then the entries after the patch; null when there is to be none
   */
  record Case(
      String name,
      boolean adopting,
      List<JsonPointer> ignored,
      List<String> given,
      List<String> then,
      boolean widened) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case member(String name, String... entries) {
    return of(name, false, List.of(), entries);
  }

  private static Case adopted(String name, String... entries) {
    return of(name, true, List.of(), entries);
  }

  /** Entries before, {@code "=>"}, entries after; without an arrow nothing is to be done. */
  private static Case of(
      String name, boolean adopting, List<JsonPointer> ignored, String... entries) {
    List<String> all = Arrays.asList(entries);
    int arrow = all.indexOf("=>") < 0 ? all.indexOf("=>+") : all.indexOf("=>");
    return arrow < 0
        ? new Case(name, adopting, ignored, all, List.of(), false)
        : new Case(
            name,
            adopting,
            ignored,
            all.subList(0, arrow),
            all.subList(arrow + 1, all.size()),
            all.get(arrow).equals("=>+"));
  }

  static Stream<Case> cases() {
    return Stream.of(
        member("an object that only we wrote needs nothing", "ours Apply: spec/a"),
        member("others have other fields", "ours Apply: spec/a", "kubectl-edit Update: spec/b"),
        member(
            "what kubectl has besides us becomes ours alone",
            "ours Apply: spec/a spec/b",
            "kubectl-edit Update: spec/a spec/c",
            "=>",
            "ours Apply: spec/a spec/b",
            "kubectl-edit Update: spec/c"),
        member(
            "an entry that has nothing left goes, the maps that it made with it",
            "kubectl-client-side-apply Update: spec/. spec/a",
            "ours Apply: spec/a",
            "=>",
            "ours Apply: spec/a"),
        member(
            "a controller keeps what it has besides us",
            "ours Apply: spec/a",
            "kube-controller-manager Update: spec/a",
            "argocd-controller Apply: spec/a"),
        member(
            "a subresource is left alone, whoever wrote it",
            "ours Apply: spec/replicas",
            "kubectl Update scale: spec/replicas",
            "kubectl-edit Update status: spec/replicas"),
        member(
            "another sync is left alone",
            "ours Apply: spec/a",
            "fairlead/shop/other Apply: spec/a"),
        member(
            "an object whose entries were cleared",
            "before-first-apply Update: spec/a spec/b",
            "ours Apply: spec/a",
            "=>",
            "before-first-apply Update: spec/b",
            "ours Apply: spec/a"),
        member(
            "what we wrote other than by an apply becomes ours, so that an apply can remove it",
            "ours Apply: spec/a",
            "ours Update: metadata/annotations/fairlead.dev!reconcile",
            "=>+",
            "ours Apply: spec/a metadata/annotations/fairlead.dev!reconcile"),
        member(
            "we have two entries, which the next apply makes one",
            "ours Apply v=2: spec/a",
            "ours Apply: spec/a",
            "kubectl-edit Update: spec/a"),
        adopted(
            "kubectl apply: all that it wrote is ours",
            "kubectl-client-side-apply Update: metadata/annotations/last spec/a spec/b",
            "kube-controller-manager Update status: status/x",
            "=>+",
            "kube-controller-manager Update status: status/x",
            "ours Apply: metadata/annotations/last spec/a spec/b"),
        adopted(
            "kubectl create and then edit: both",
            "kubectl-create Update: spec/a",
            "kubectl-edit Update: spec/b",
            "=>+",
            "ours Apply: spec/a spec/b"),
        adopted(
            "kubectl apply --server-side", "kubectl Apply: spec/a", "=>+", "ours Apply: spec/a"),
        adopted(
            "Helm 3 and Helm 4",
            "helm Update: spec/a metadata/labels/app",
            "Helm Apply: spec/b",
            "=>+",
            "ours Apply: spec/a spec/b metadata/labels/app"),
        adopted(
            "a rollout restart is not undone",
            "kubectl-create Update: spec/a",
            "kubectl-rollout Update: spec/restartedAt",
            "=>+",
            "kubectl-rollout Update: spec/restartedAt",
            "ours Apply: spec/a"),
        adopted(
            "what people told Fairlead stays theirs",
            "kubectl-annotate Update: metadata/annotations/fairlead.dev!prune metadata/annotations/a",
            "=>+",
            "kubectl-annotate Update: metadata/annotations/fairlead.dev!prune",
            "ours Apply: metadata/annotations/a"),
        adopted(
            "an autoscaler and a controller keep theirs",
            "kube-controller-manager Update scale: spec/replicas",
            "helm-controller Update: spec/a"),
        adopted(
            "our entry is there already, from a try that broke off",
            "ours Apply: spec/a",
            "kubectl-edit Update: spec/b",
            "=>+",
            "ours Apply: spec/a spec/b"),
        adopted(
            "much of what an object without entries has is the server's",
            "before-first-apply Update: spec/a spec/clusterIP"),
        adopted(
            "of entries in two versions one is ours",
            "kubectl-edit Update v=2: spec/a",
            "kubectl-create Update: spec/a spec/b",
            "=>+",
            "kubectl-edit Update v=2:",
            "ours Apply: spec/a spec/b"),
        of(
            "a field that is left to others is not ours any more",
            false,
            pointers("/spec/replicas"),
            "ours Apply: spec/replicas spec/image",
            "=>",
            "ours Apply: spec/image"),
        of(
            "a field that others have already",
            false,
            pointers("/spec/replicas"),
            "ours Apply: spec/image",
            "kube-controller-manager Update scale: spec/replicas"),
        of(
            "an adopted object keeps what is left to others",
            true,
            pointers("/spec/replicas"),
            "kubectl-create Update: spec/replicas spec/image",
            "=>+",
            "ours Apply: spec/image"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_patch_makes_the_claim_true(Case c) {
    List<Owner> given = c.given().stream().map(OwnershipTest::entry).toList();
    Ownership.Claim claim = new Ownership.Claim(OURS, BODY, c.ignored(), c.adopting());

    Optional<Ownership.Patch> patch = Ownership.patch(live(given), claim);

    if (c.then().isEmpty()) {
      assertThat(patch).isEmpty();
      return;
    }
    List<Owner> after = patched(given, patch.orElseThrow());
    List<String> expected = c.then().stream().filter(e -> !e.endsWith(":")).toList();
    assertThat(after)
        .containsExactlyElementsOf(expected.stream().map(OwnershipTest::entry).toList());
    assertThat(patch.get().widened()).isEqualTo(c.widened());
    // It is stable.
    assertThat(Ownership.patch(live(after), claim)).isEmpty();
  }

  @Test
  void only_what_needs_it_is_asked_about() {
    assertThat(hasAdoptable("kube-controller-manager Update: spec/a")).isFalse();
    assertThat(hasAdoptable("before-first-apply Update: spec/a")).isFalse();
    assertThat(hasAdoptable("kubectl Update scale: spec/replicas")).isFalse();
    assertThat(hasAdoptable("kubectl-create Update: spec/a")).isTrue();
    assertThat(hasAdoptable("helm Update: spec/a")).isTrue();
  }

  private static boolean hasAdoptable(String entry) {
    return Ownership.hasAdoptable(live(List.of(entry(entry))), OURS);
  }
}
