package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.desired;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Cause;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalTest {
  private static final DesiredObject WEB = desired("Deployment.apps", "web");

  record Row(String sentence, ApiError error, Reason reason, boolean retryable) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void anErrorHasItsReasonAndMayPassOrNot(Row row) {
    Refusal refusal = Refusal.of(WEB, build(), new ApiException(row.error()));

    assertThat(refusal.reason()).isEqualTo(row.reason());
    assertThat(refusal.retryable()).isEqualTo(row.retryable());
    assertThat(refusal.findings().getFirst()).isEqualTo(new Refusal.At(WEB.origin(), "said so"));
  }

  static List<Row> anErrorHasItsReasonAndMayPassOrNot() {
    String said = "said so";
    return List.of(
        row(
            "an unknown field",
            new ApiError.BadManifest(said, List.of()),
            "ValidationFailed",
            false),
        row("a wrong value", new ApiError.Invalid(said, List.of()), "ValidationFailed", false),
        row(
            "what is not there",
            new ApiError.NotFound(said, ApiError.NotFound.Missing.OBJECT, "x"),
            "ValidationFailed",
            false),
        row("what is too large", new ApiError.TooLarge(said), "ValidationFailed", false),
        row("a policy's no", new ApiError.Denied(said), "ValidationFailed", false),
        row("any other refusal", new ApiError.Rejected(said, 418), "ValidationFailed", false),
        row("a missing right", forbidden(said), "AccessDenied", false),
        row("a token that ran out", new ApiError.Unauthorized(said), "AccessDenied", true),
        row("a field of another", new ApiError.Conflict(said, List.of()), "ApplyFailed", false),
        row("a write in between", new ApiError.StaleVersion(said), "ApplyFailed", true),
        row("an object of that name", new ApiError.AlreadyExists(said), "ApplyFailed", false),
        row("a namespace that goes", new ApiError.Terminating(said, "apps"), "ApplyFailed", true),
        row("a server that asks for patience", throttled(said), "ApplyFailed", true),
        row("a server that is down", new ApiError.Unavailable(said), "ApplyFailed", true),
        row("a list that is forgotten", new ApiError.Expired(said), "ApplyFailed", true));
  }

  private static Row row(String sentence, ApiError error, String reason, boolean retryable) {
    for (Reason known : Reason.values()) {
      if (known.toString().equals(reason)) {
        return new Row(sentence + " is " + reason, error, known, retryable);
      }
    }
    throw new IllegalArgumentException(reason);
  }

  @Test
  void aMissingNamespaceIsToldAtTheLineThatNamesIt() {
    Manifest manifest =
        manifest(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: apps\n");

    Refusal refusal =
        Refusal.of(WEB, build(manifest), new ApiException(notFound("namespaces not found")));

    assertThat(refusal.problems(NOON).stream().map(ProblemText::describe))
        .containsExactly(
            "deploy/web.yaml:5: Deployment apps/web: there is no namespace apps: add a Namespace of"
                + " that name to the manifests, or correct the name");
    assertThat(refusal.reason()).isEqualTo(Reason.VALIDATION_FAILED);
  }

  @Test
  void whomAnErrorIsAboutIsSaidOnce() {
    ApiError error = new ApiError.Unavailable("Deployment apps/web: the API server answered 500");

    assertThat(
            Refusal.of(WEB, build(), new ApiException(error)).problems(NOON).stream()
                .map(ProblemText::describe))
        .containsExactly("deploy/web.yaml:3: Deployment apps/web: the API server answered 500");
  }

  @Test
  void eachCauseIsOnTheLineOfItsField() {
    Manifest manifest =
        manifest(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: apps}
            spec:
              replicas: three
              paused: maybe
            """);
    ApiError error =
        new ApiError.BadManifest(
            "two errors",
            List.of(
                new Cause("spec.replicas", "expected an integer, got \"three\""),
                new Cause("spec.paused", "expected a boolean, got \"maybe\""),
                new Cause("", "and one without a field")));

    Refusal refusal = Refusal.of(WEB, build(manifest), new ApiException(error));

    assertThat(refusal.problems(NOON).stream().map(ProblemText::describe))
        .containsExactly(
            "deploy/web.yaml:5: Deployment apps/web: spec.replicas: expected an integer, got"
                + " \"three\"",
            "deploy/web.yaml:6: Deployment apps/web: spec.paused: expected a boolean, got"
                + " \"maybe\"",
            "deploy/web.yaml:3: Deployment apps/web: and one without a field");
  }

  @Test
  void anImmutableFieldComesWithAdvice() {
    ApiError error =
        new ApiError.ImmutableField(
            "cannot change", List.of(new Cause("spec.selector", "field is immutable")));

    Refusal refusal = Refusal.of(WEB, build(), new ApiException(error));

    assertThat(refusal.reason()).isEqualTo(Reason.VALIDATION_FAILED);
    assertThat(refusal.findings().stream().map(Refusal.At::message))
        .containsExactly(
            "spec.selector: field is immutable; give the object a new name, or remove it in one"
                + " commit and bring it back in the next, or let Fairlead delete it and create it"
                + " again, with the annotation fairlead.dev/replace: allowed");
  }

  @Test
  void aClaimIsNotAdvisedToBeReplaced() {
    ApiError error =
        new ApiError.ImmutableField("cannot change", List.of(new Cause("spec", "is immutable")));

    Refusal refusal =
        Refusal.of(desired("PersistentVolumeClaim", "data"), build(), new ApiException(error));

    assertThat(refusal.findings().getFirst().message()).endsWith("bring it back in the next");
  }

  @Test
  void anUnknownKindSaysWhatMayBeMissing() {
    DesiredObject thing = desired("Thing.example.org", "it");

    assertThat(Refusal.unknownKind(thing).problems(NOON))
        .containsExactly(
            new Problem(
                "Thing apps/it",
                "deploy/it.yaml",
                3,
                "ValidationFailed",
                "the API server knows no kind Thing in example.org/v1; is its"
                    + " CustomResourceDefinition missing?",
                NOON));
  }

  @Test
  void anObjectThatCannotBeReadAgainMayBeReadLater() {
    Refusal refusal = Refusal.unreadable(WEB, Reason.FETCH_FAILED, "no route to host");

    assertThat(refusal.retryable()).isTrue();
    assertThat(refusal.problems(NOON).stream().map(ProblemText::describe))
        .containsExactly("deploy/web.yaml:3: Deployment apps/web: no route to host");
  }

  @Test
  void aDefinitionThatIsNotUsableInTimeMayBeLater() {
    Refusal refusal = Refusal.notEstablished(WEB, Duration.ofSeconds(30));

    assertThat(refusal.retryable()).isTrue();
    assertThat(refusal.findings().getFirst().message()).isEqualTo("is not usable yet after 30 s");
  }

  @Test
  void aRefusalOfTheSyncAsAWholeNamesNoObject() {
    Refusal refusal = Refusal.ofSync(new ApiException(new ApiError.Unavailable("no answer")));

    assertThat(refusal.problems(NOON))
        .containsExactly(new Problem("", "", 0, "ApplyFailed", "no answer", NOON));
  }

  private static ApiError notFound(String message) {
    return new ApiError.NotFound(message, ApiError.NotFound.Missing.NAMESPACE, "apps");
  }

  private static ApiError forbidden(String message) {
    return new ApiError.Forbidden(message, Optional.empty());
  }

  private static ApiError throttled(String message) {
    return new ApiError.Throttled(message, Optional.empty());
  }

  private static Build build(Manifest... manifests) {
    return new Build(
        new Target("a".repeat(40), 1),
        "tree",
        "print",
        List.of(WEB),
        Map.of(),
        Set.of(),
        List.of(),
        Arrays.stream(manifests).collect(Collectors.toMap(Manifest::key, Function.identity())));
  }

  private static Manifest manifest(String text) {
    return new ManifestReader(Limits.DEFAULT)
        .read(WEB.origin().file(), text.getBytes(UTF_8))
        .manifests()
        .getFirst();
  }
}
