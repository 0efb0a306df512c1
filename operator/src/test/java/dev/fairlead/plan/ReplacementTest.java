package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReplacementTest {
  private static final SyncKey SYNC = new SyncKey("shop", "web");
  private static final Treatment ALLOWED =
      new Treatment(Treatment.Reconcile.ALWAYS, true, List.of());
  private static final Guard.Own OWN =
      new Guard.Own(
          Optional.of("fairlead-system"),
          Set.of(new ObjectKey("apps", "Deployment", "fairlead-system", "fairlead")));

  private static ObjectKey key(String groupKind, String name) {
    GroupKind kind = GroupKind.parse(groupKind);
    return new ObjectKey(
        kind.group(), kind.kind(), name.equals("fairlead") ? "fairlead-system" : "shop", name);
  }

  private static Live live(ObjectKey key, String partOf, String manager, String annotation) {
    String[] parts = annotation.split("=", 2);
    return new Live(
        key,
        "uid",
        "7",
        OptionalLong.empty(),
        false,
        partOf.isEmpty() ? Map.of() : Map.of(Labels.PART_OF, partOf),
        parts.length == 2 ? Map.of(parts[0], parts[1]) : Map.of(),
        List.of(
            new Owner(
                manager,
                true,
                "",
                Optional.empty(),
                FieldSet.of("v1", Json.of(Map.of("f:spec", Json.Obj.empty()))))));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a Job that says so                   | Job.batch             | a        | true  | ours   | ours   | -                            |
          one that does not say so             | Job.batch             | a        | false | ours   | ours   | -                            | may not be replaced
          a claim                              | PersistentVolumeClaim | a        | true  | ours   | ours   | -                            | never deleted
          a volume                             | PersistentVolume      | a        | true  | ours   | ours   | -                            | never deleted
          a Namespace                          | Namespace             | a        | true  | ours   | ours   | -                            | never deleted
          a definition                         | CustomResourceDefinition.apiextensions.k8s.io | a | true | ours | ours | -           | never deleted
          Fairlead itself                      | Deployment.apps       | fairlead | true  | ours   | ours   | -                            | never deleted
          another of that kind                 | Deployment.apps       | web      | true  | ours   | ours   | -                            |
          without the label                    | Job.batch             | a        | true  | nobody | ours   | -                            | has not made it
          with another sync's label            | Job.batch             | a        | true  | theirs | ours   | -                            | has not made it
          never applied by the sync            | Job.batch             | a        | true  | ours   | theirs | -                            | has not made it
          never to be deleted                  | Job.batch             | a        | true  | ours   | ours   | fairlead.dev/prune=disabled  | never to be deleted
          never to be deleted, in Helm's words | Job.batch             | a        | true  | ours   | ours   | helm.sh/resource-policy=Keep | never to be deleted
          """)
  void an_object_is_replaced_only_where_that_loses_nothing(
      String name,
      String kind,
      String object,
      boolean allowed,
      String label,
      String manager,
      String annotation,
      String refusal) {
    ObjectKey key = key(kind, object);
    String partOf =
        switch (label) {
          case "ours" -> Labels.applySetId(SYNC);
          case "theirs" -> Labels.applySetId(new SyncKey("shop", "other"));
          default -> "";
        };
    Live live =
        live(key, partOf, manager.equals("ours") ? SYNC.fieldManager() : "kubectl", annotation);

    Optional<String> why =
        Replacement.refusal(SYNC, key, allowed ? ALLOWED : Treatment.PLAIN, live, OWN);

    assertThat(why.isPresent()).isEqualTo(refusal != null);
    assertThat(why.orElse("")).contains(refusal == null ? "" : refusal);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          migrate   | migrate-fairlead
          a-        | a-fairlead
          a.b.c     | a.b.c-fairlead
          aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-fairlead
          """)
  void a_stand_in_has_a_name_that_is_allowed_wherever_the_name_is(String name, String standIn) {
    assertThat(Replacement.standIn(name)).isEqualTo(standIn).hasSizeLessThanOrEqualTo(63);
  }

  @Test
  void a_port_that_the_object_itself_has_is_no_reason() {
    assertThat(Replacement.isOfTheName(invalid("provided port is already allocated"))).isTrue();
    assertThat(Replacement.isOfTheName(invalid("must be between 1 and 65535"))).isFalse();
    assertThat(
            Replacement.isOfTheName(
                invalid("provided port is already allocated", "must be less than 10")))
        .isFalse();
    assertThat(Replacement.isOfTheName(new ApiError.Denied("a quota"))).isFalse();
  }

  private static ApiError invalid(String... messages) {
    return new ApiError.Invalid(
        "invalid",
        java.util.Arrays.stream(messages).map(m -> new ApiError.Cause("spec.x", m)).toList());
  }

  @Test
  void what_keeps_it_from_being_replaced_is_said_beside_what_cannot_be_changed() {
    ApiError.ImmutableField error =
        new ApiError.ImmutableField(
            "cannot be changed",
            List.of(new ApiError.Cause("a", "immutable"), new ApiError.Cause("b", "immutable")));

    assertThat(Replacement.with(error, "it is a claim").causes())
        .extracting(ApiError.Cause::toString)
        .containsExactly("a: immutable", "b: immutable; it is a claim");
  }
}
