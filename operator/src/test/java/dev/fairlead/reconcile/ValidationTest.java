package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.Validation.Answer;
import dev.fairlead.schema.FieldFinding;
import dev.fairlead.schema.FieldFinding.Weight;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("of what a schema does not allow is told")
class ValidationTest {
  private static final FieldFinding UNKNOWN =
      new FieldFinding(Weight.MALFORMED, "spec.a", 3, 5, "unknown field \"spec.a\"");
  private static final FieldFinding MISSING =
      new FieldFinding(Weight.INVALID, "spec.b", 2, 1, "spec.b: Required value");
  private static final List<FieldFinding> BOTH = List.of(MISSING, UNKNOWN);
  private static final DesiredObject OBJECT =
      new DesiredObject(
          new ObjectKey("", "ConfigMap", "shop", "a"),
          new GroupVersionKind("", "v1", "ConfigMap"),
          Digest.of("a"),
          new Origin("a.yaml", 0, 1),
          "blob");

  record Row(
      String sentence,
      List<FieldFinding> findings,
      Optional<Answer> answer,
      List<FieldFinding> told) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  private static Optional<Answer> refused(ApiError error) {
    return Optional.of(new Answer.Refused(refusal(error)));
  }

  private static Optional<Answer> putOff(ApiError error) {
    return Optional.of(new Answer.PutOff(refusal(error)));
  }

  private static Refusal refusal(ApiError error) {
    return new Refusal(
        Optional.of(OBJECT),
        Reason.VALIDATION_FAILED,
        false,
        Optional.of(error),
        List.of(new Refusal.At(OBJECT.origin(), error.message())));
  }

  private static final ApiError UNREADABLE = new ApiError.BadManifest("bad", List.of());
  private static final ApiError INVALID = new ApiError.Invalid("invalid", List.of());
  private static final ApiError FORBIDDEN = new ApiError.Forbidden("no right", Optional.empty());
  private static final ApiError DENIED = new ApiError.Denied("a policy");

  static Stream<Row> rows() {
    return Stream.of(
        new Row("nothing, where there is nothing", List.of(), refused(UNREADABLE), List.of()),
        new Row("nothing, if the server would take it", BOTH, Optional.empty(), List.of()),
        new Row("all, if the server cannot read it either", BOTH, refused(UNREADABLE), BOTH),
        new Row(
            "nothing, if the server has judged it: its own list is whole",
            BOTH,
            refused(INVALID),
            List.of()),
        new Row(
            "what validation would say, if a policy was faster",
            BOTH,
            refused(DENIED),
            List.of(MISSING)),
        new Row("all, if the account may not even ask", BOTH, refused(FORBIDDEN), BOTH),
        new Row(
            "all, if the server is down", BOTH, refused(new ApiError.Unavailable("down")), BOTH),
        new Row(
            "all of an instance of a definition of the change",
            BOTH,
            Optional.of(new Answer.NotAsked(false)),
            BOTH),
        new Row(
            "nothing of an instance that others may have completed",
            List.of(MISSING),
            Optional.of(new Answer.NotAsked(false)),
            List.of()),
        new Row(
            "all of an instance of a definition that is new",
            List.of(MISSING),
            Optional.of(new Answer.NotAsked(true)),
            List.of(MISSING)),
        new Row(
            "nothing of what the server has read and will judge later",
            BOTH,
            putOff(DENIED),
            List.of()),
        new Row("all of what waits for a right, and cannot be read", BOTH, putOff(FORBIDDEN), BOTH),
        new Row(
            "nothing of what waits for a right, and may be complete by then",
            List.of(MISSING),
            putOff(FORBIDDEN),
            List.of()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void a_row(Row row) {
    assertThat(Validation.believed(row.findings(), row.answer())).isEqualTo(row.told());
  }

  @Test
  void each_with_its_line_and_column() {
    Refusal refusal = Refusal.malformed(OBJECT, BOTH);

    assertThat(refusal.reason()).isEqualTo(Reason.VALIDATION_FAILED);
    assertThat(refusal.retryable()).isFalse();
    assertThat(refusal.problems(Instant.EPOCH).stream().map(ProblemText::describe))
        .containsExactly(
            "a.yaml:2:1: ConfigMap shop/a: spec.b: Required value",
            "a.yaml:3:5: ConfigMap shop/a: unknown field \"spec.a\"");
  }
}
