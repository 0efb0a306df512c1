package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Managers are words: {@code a} and {@code b} the applies of the two syncs, {@code a/scale} one of
 * a subresource, {@code kubectl} anybody else. A patch is told as what becomes of them.
 */
final class OwnershipPatchTest {
  private static final SyncKey A = new SyncKey("team", "a");
  private static final SyncKey B = new SyncKey("team", "b");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the entry of the one becomes the other's            | a                | b
          others keep theirs                                  | kubectl a other  | kubectl b other
          what the other had before is not doubled            | a b              | b
          in either order                                     | b a              | b
          two entries of the one become one                   | a a              | b
          one of a subresource is not taken over              | a/scale a        | b
          nor is it taken for the object's own                | a/scale kubectl  | kubectl
          """)
  void transfers(String sentence, String before, String after) {
    Live live = live(labels(A), before);

    assertThat(managersAfter(OwnershipPatch.transfer(A, B, live, Instant.EPOCH), live))
        .isEqualTo(after);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the entries of the sync go                          | kubectl a other    | kubectl other
          all of them                                         | a/scale kubectl a  | kubectl
          an object that only the sync wrote has none left    | a                  | nobody
          """)
  void releases(String sentence, String before, String after) {
    Live live = live(labels(A), before);

    assertThat(managersAfter(OwnershipPatch.release(A, live), live)).isEqualTo(after);
  }

  @Test
  void a_transfer_replaces_the_labels_and_is_for_that_version_alone() {
    String patch = OwnershipPatch.transfer(A, B, live(labels(A), "a"), Instant.EPOCH).toJson();

    assertThat(patch)
        .startsWith("[{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"7\"}")
        .contains(
            "{\"op\":\"add\",\"path\":\"/metadata/labels/applyset.kubernetes.io~1part-of\",\"value\":\""
                + Labels.applySetId(B)
                + "\"}")
        .contains("/metadata/labels/fairlead.dev~1name\",\"value\":\"b\"")
        .contains("/metadata/labels/fairlead.dev~1namespace\",\"value\":\"team\"");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          now                                         | 2026-01-01T10:00:00Z | 2026-01-02T10:00:00.9Z | 2026-01-02T10:00:00Z
          later than the creation, in the same second | 2026-01-01T10:00:00Z | 2026-01-01T10:00:00.9Z | 2026-01-01T10:00:01Z
          or with a clock that is behind              | 2026-01-01T10:00:00Z | 2026-01-01T09:59:00Z   | 2026-01-01T10:00:01Z
          where the entry has no time                 |                      | 2026-01-01T10:00:00Z   | 2026-01-01T10:00:00Z
          """)
  void a_transfer_has_its_own_time(
      String sentence, @Nullable Instant before, Instant now, String after) {
    Live live = live(labels(A), "kubectl a");
    Owner owner = live.managers().getLast();
    Owner timed = new Owner(owner.manager(), true, "", Optional.ofNullable(before), owner.fields());
    Live given =
        new Live(
            live.key(),
            live.uid(),
            live.resourceVersion(),
            live.generation(),
            false,
            live.labels(),
            Map.of(),
            List.of(live.managers().getFirst(), timed));

    assertThat(OwnershipPatch.transfer(A, B, given, now).toJson())
        .contains(
            "{\"op\":\"add\",\"path\":\"/metadata/managedFields/1/time\",\"value\":\""
                + after
                + "\"}");
  }

  @Test
  void a_release_takes_off_the_labels_that_are_there() {
    Map<String, String> labels = labels(A);
    labels.remove(Labels.NAME);

    assertThat(OwnershipPatch.release(A, live(labels, "a")).toJson())
        .contains("\"remove\",\"path\":\"/metadata/labels/applyset.kubernetes.io~1part-of\"")
        .contains("\"remove\",\"path\":\"/metadata/labels/fairlead.dev~1namespace\"")
        .doesNotContain("fairlead.dev~1name\"");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          label and apply together prove it     | a    | a kubectl | true
          the label alone does not              | a    | kubectl   | false
          an apply alone does not               | none | a         | false
          another's label does not              | b    | a         | false
          a subresource does not                | a    | a/scale   | false
          """)
  void a_member_has_both_proofs(String sentence, String label, String managers, boolean member) {
    Map<String, String> labels =
        switch (label) {
          case "a" -> labels(A);
          case "b" -> labels(B);
          default -> Map.of();
        };

    assertThat(OwnershipPatch.isMember(A, live(labels, managers))).isEqualTo(member);
    assertThat(OwnershipPatch.member(live(labels, managers)).filter(A::equals).isPresent())
        .isEqualTo(member);
  }

  private static Map<String, String> labels(SyncKey sync) {
    return new HashMap<>(
        Map.of(
            Labels.PART_OF,
            Labels.applySetId(sync),
            Labels.NAME,
            sync.name(),
            Labels.NAMESPACE,
            sync.namespace()));
  }

  private static Live live(Map<String, String> labels, String managers) {
    List<Owner> owners = new ArrayList<>();
    for (String word : managers.split(" ", -1)) {
      String[] parts = word.split("/", -1);
      String manager =
          switch (parts[0]) {
            case "a" -> A.fieldManager();
            case "b" -> B.fieldManager();
            default -> parts[0];
          };
      owners.add(
          new Owner(
              manager,
              !parts[0].equals("kubectl"),
              parts.length > 1 ? parts[1] : "",
              Optional.empty(),
              FieldSet.of("v1", Json.Obj.empty())));
    }
    return new Live(
        new ObjectKey("", "ConfigMap", "apps", "x"),
        "uid",
        "7",
        OptionalLong.empty(),
        false,
        labels,
        Map.of(),
        owners);
  }

  /** Applies the operations on managedFields one after another, as the server does. */
  private static String managersAfter(Json.Arr patch, Live live) {
    List<String> managers =
        live.managers().stream()
            .map(o -> o.manager() + (o.subresource().isEmpty() ? "" : "/" + o.subresource()))
            .collect(Collectors.toCollection(ArrayList::new));
    for (Json item : patch.items()) {
      Json.Obj operation = (Json.Obj) item;
      String path = operation.string("path").orElseThrow();
      if (!path.startsWith("/metadata/managedFields")) {
        continue;
      }
      String[] parts = path.split("/", -1);
      if (parts.length == 3) {
        return "nobody";
      }
      int index = Integer.parseInt(parts[3]);
      if (parts[parts.length - 1].equals("time")) {
        continue;
      }
      switch (operation.string("op").orElseThrow()) {
        case "remove" -> managers.remove(index);
        case "replace" -> managers.set(index, operation.string("value").orElseThrow());
        default -> throw new AssertionError(path);
      }
    }
    return managers.stream()
        .map(m -> m.replace(A.fieldManager(), "a").replace(B.fieldManager(), "b"))
        .collect(Collectors.joining(" "));
  }
}
