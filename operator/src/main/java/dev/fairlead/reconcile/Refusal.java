package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.manifest.Locator;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Labels;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Cause;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Replacement;
import dev.fairlead.plan.SelfProtection;
import dev.fairlead.plan.Waves;
import dev.fairlead.schema.FieldFinding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why the API server, or we, did not take one object of a change.
 *
 * @param desired absent when the sync as a whole is concerned
 * @param retryable whether the same object may pass later without anybody touching it
 * @param error what the API server answered; absent when it was not its answer
 * @param findings at least one, each with its line
 * @param rivals the other syncs that have the object; usually none
 */
record Refusal(
    Optional<DesiredObject> desired,
    Reason reason,
    boolean retryable,
    Optional<ApiError> error,
    List<At> findings,
    List<SyncKey> rivals) {
  /**
   * One thing that is wrong, where it is written.
   *
   * @param column 0 when it is not known
   */
  record At(Origin origin, int column, String message) {
    At(Origin origin, String message) {
      this(origin, 0, message);
    }
  }

  Refusal {
    requireNonNull(desired);
    requireNonNull(reason);
    requireNonNull(error);
    findings = List.copyOf(findings);
    rivals = List.copyOf(rivals);
  }

  Refusal(
      Optional<DesiredObject> desired,
      Reason reason,
      boolean retryable,
      Optional<ApiError> error,
      List<At> findings) {
    this(desired, reason, retryable, error, findings, List.of());
  }

  DesiredObject object() {
    return desired.orElseThrow();
  }

  static Refusal of(DesiredObject object, Build build, ApiException e) {
    ApiError error = e.error();
    List<Cause> causes =
        switch (error) {
          case ApiError.BadManifest bad -> bad.causes();
          case ApiError.Invalid invalid -> invalid.causes();
          case ApiError.ImmutableField immutable -> immutable.causes();
          case ApiError.Conflict _,
              ApiError.StaleVersion _,
              ApiError.AlreadyExists _,
              ApiError.NotFound _,
              ApiError.Terminating _,
              ApiError.Forbidden _,
              ApiError.Denied _,
              ApiError.Unauthorized _,
              ApiError.TooLarge _,
              ApiError.Throttled _,
              ApiError.Unavailable _,
              ApiError.Expired _,
              ApiError.Rejected _ ->
              List.of();
        };
    Manifest manifest = build.manifests().get(object.key());
    List<At> findings = new ArrayList<>();
    for (Cause cause : causes) {
      findings.add(new At(locate(object.origin(), manifest, cause.field()), cause.toString()));
    }
    if (error instanceof ApiError.ImmutableField && !findings.isEmpty()) {
      At last = findings.removeLast();
      findings.add(
          new At(
              last.origin(),
              last.message()
                  + "; give the object a new name, or remove it in one commit and bring it back in"
                  + " the next"
                  + mayBeReplaced(object)));
    }
    if (error instanceof ApiError.NotFound missing
        && missing.missing() == ApiError.NotFound.Missing.NAMESPACE) {
      findings.add(
          new At(
              locate(object.origin(), manifest, "metadata.namespace"),
              "there is no namespace "
                  + missing.name()
                  + ": add a Namespace of that name to the manifests, or correct the name"));
    }
    if (findings.isEmpty()) {
      findings.add(new At(object.origin(), withoutSubject(error.message(), object)));
    }
    return new Refusal(
        Optional.of(object), reasonOf(error), error.retryable(), Optional.of(error), findings);
  }

  private static String mayBeReplaced(DesiredObject object) {
    return object.treatment().replaceable() || Replacement.isNever(object.key().groupKind())
        ? ""
        : ", or let Fairlead delete it and create it again, with the annotation "
            + Labels.REPLACE
            + ": allowed";
  }

  /** Whom it is about stands before the message already. */
  static String withoutSubject(String message, DesiredObject object) {
    String subject = object.key() + ": ";
    return message.startsWith(subject) ? message.substring(subject.length()) : message;
  }

  private static Origin locate(Origin origin, @Nullable Manifest manifest, String field) {
    if (manifest == null || field.isEmpty()) {
      return origin;
    }
    int line = Locator.locate(manifest.body(), field);
    return line > 0 ? origin.atLine(line) : origin;
  }

  static Reason reasonOf(ApiError error) {
    return switch (error) {
      case ApiError.BadManifest _,
          ApiError.Invalid _,
          ApiError.ImmutableField _,
          ApiError.NotFound _,
          ApiError.TooLarge _,
          ApiError.Denied _,
          ApiError.Rejected _ ->
          Reason.VALIDATION_FAILED;
      case ApiError.Forbidden _, ApiError.Unauthorized _ -> Reason.ACCESS_DENIED;
      case ApiError.Conflict _,
          ApiError.StaleVersion _,
          ApiError.AlreadyExists _,
          ApiError.Terminating _,
          ApiError.Throttled _,
          ApiError.Unavailable _,
          ApiError.Expired _ ->
          Reason.APPLY_FAILED;
    };
  }

  static Refusal rival(DesiredObject object, RivalException e) {
    return rival(
        object,
        e.managers().stream()
            .flatMap(m -> SyncKey.ofFieldManager(m).stream())
            .distinct()
            .sorted()
            .toList());
  }

  /** Other syncs have it. */
  static Refusal rival(DesiredObject object, List<SyncKey> rivals) {
    String named = rivals.stream().map(r -> "GitSync " + r).collect(Collectors.joining(" and "));
    return rival(object, rivals, named + (rivals.size() == 1 ? " has it" : " have it"));
  }

  static Refusal rival(DesiredObject object, List<SyncKey> rivals, String message) {
    return new Refusal(
        Optional.of(object),
        Reason.OWNED_ELSEWHERE,
        false,
        Optional.empty(),
        List.of(new At(object.origin(), message)),
        rivals);
  }

  /** Of what the schema of its kind does not allow. */
  static Refusal malformed(DesiredObject object, List<FieldFinding> findings) {
    return new Refusal(
        Optional.of(object),
        Reason.VALIDATION_FAILED,
        false,
        Optional.empty(),
        findings.stream()
            .map(f ->
                f.line() == 0
                    ? new At(object.origin(), f.message())
                    : new At(object.origin().atLine(f.line()), f.column(), f.message()))
            .toList());
  }

  /** It cannot be written before an object that is of a later wave. */
  static Refusal tooLate(DesiredObject object, DesiredObject late) {
    String message =
        "needs %s (%s), which is of a later wave (%s) and would never come: give it the same %s or a lower one"
            .formatted(
                late.key(),
                late.origin(),
                Waves.waveOf(late).map(String::valueOf).orElse("0"),
                Labels.WAVE);
    return new Refusal(
        Optional.of(object),
        Reason.VALIDATION_FAILED,
        false,
        Optional.empty(),
        List.of(new At(object.origin(), message)));
  }

  /** It would break Fairlead itself. */
  static Refusal breaking(
      DesiredObject object, Manifest manifest, List<SelfProtection.Breach> breaches) {
    return new Refusal(
        Optional.of(object),
        Reason.VALIDATION_FAILED,
        false,
        Optional.empty(),
        breaches.stream()
            .map(b ->
                new At(locate(object.origin(), manifest, b.path()), b.path() + ": " + b.message()))
            .toList());
  }

  static Refusal unknownKind(DesiredObject object) {
    return new Refusal(
        Optional.of(object),
        Reason.VALIDATION_FAILED,
        false,
        Optional.empty(),
        List.of(
            new At(
                object.origin(),
                "the API server knows no kind "
                    + object.gvk().kind()
                    + " in "
                    + object.gvk().apiVersion()
                    + "; is its CustomResourceDefinition missing?")));
  }

  static Refusal notEstablished(DesiredObject definition, Duration waited) {
    return new Refusal(
        Optional.of(definition),
        Reason.APPLY_FAILED,
        true,
        Optional.empty(),
        List.of(
            new At(definition.origin(), "is not usable yet after " + waited.toSeconds() + " s")));
  }

  /** The object could not be read from Git again. */
  static Refusal unreadable(DesiredObject object, Reason reason, String message) {
    return new Refusal(
        Optional.of(object),
        reason,
        true,
        Optional.empty(),
        List.of(new At(object.origin(), message)));
  }

  static Refusal ofSync(ApiException e) {
    return new Refusal(
        Optional.empty(),
        reasonOf(e.error()),
        e.error().retryable(),
        Optional.of(e.error()),
        List.of(new At(Origin.ofFile(""), e.getMessage())));
  }

  /** The same, of an object that cannot be written before another one that cannot without it. */
  Refusal stuck() {
    return new Refusal(
        desired,
        reason,
        retryable,
        error,
        findings.stream()
            .map(at ->
                new At(
                    at.origin(),
                    at.column(),
                    at.message()
                        + "; objects of this commit wait for each other here: bring them in two"
                        + " commits"))
            .toList());
  }

  /** The same with another message for its first finding, and no more findings. */
  Refusal withMessage(String message) {
    Origin origin = findings.getFirst().origin();
    return new Refusal(desired, reason, retryable, error, List.of(new At(origin, message)));
  }

  List<Problem> problems(Instant now) {
    return findings.stream()
        .map(at ->
            new Problem(
                desired.map(d -> d.key().toString()).orElse(""),
                at.origin().file(),
                at.origin().line(),
                at.column(),
                reason.toString(),
                at.message(),
                now))
        .toList();
  }
}
