package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Cause;
import dev.fairlead.plan.ApiError.FieldConflict;
import dev.fairlead.plan.ApiError.NotFound.Missing;
import dev.fairlead.plan.MissingRights;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells what an answer of the API server that is no success means. Pure and total: an answer that
 * makes no sense is still classified, by its status.
 */
final class ErrorAnswer {
  private static final Pattern PERMISSION =
      Pattern.compile(
          "User \"([^\"]*)\" cannot (\\S+) resource \"([^\"]*)\" in API group \"([^\"]*)\""
              + "(?: in the namespace \"([^\"]*)\"| at the cluster scope)");
  private static final String RBAC = ": RBAC: ";
  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"");
  private static final List<String> POLICIES =
      List.of("denied the request", "denied request:", "ValidatingAdmissionPolicy");
  private static final List<String> IMMUTABLE =
      List.of(
          "field is immutable",
          "may not change once set",
          "may not be changed",
          "is immutable after creation",
          "updates to statefulset spec for fields other than",
          "pod updates may not change fields other than",
          "cannot change roleRef");

  private final Subject subject;
  private final int status;
  private final Json.Obj details;
  private final String reason;
  private final String message;
  private final boolean json;
  private final Optional<Duration> retryAfter;

  private ErrorAnswer(
      Subject subject, int status, Json.Obj body, String plain, Optional<String> retryAfter) {
    this.subject = subject;
    this.status = status;
    this.json = !body.members().isEmpty();
    this.details = body.object("details").orElse(Json.Obj.empty());
    this.reason = body.string("reason").orElse("");
    this.message = body.string("message").orElse(plain);
    this.retryAfter =
        retryAfter
            .flatMap(ErrorAnswer::seconds)
            .or(() -> details.integer("retryAfterSeconds"))
            .filter(s -> s >= 0)
            .map(s -> Duration.ofSeconds(Math.min(s, 3600)));
  }

  /**
   * Whom a request was about.
   *
   * @param text for people, for example {@code Deployment shop/web}
   * @param kind the kind; empty when no resource is concerned
   */
  record Subject(String text, String kind, String namespace) {
    Subject {
      requireNonNull(text);
      requireNonNull(kind);
      requireNonNull(namespace);
    }

    static Subject of(Resource resource, ObjectKey key) {
      return new Subject(key.toString(), resource.kind(), key.namespace());
    }

    static Subject of(Resource resource) {
      return new Subject(resource.toString(), resource.kind(), "");
    }

    boolean secret() {
      return kind.equals("Secret");
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Classifies an answer by its status, type and content. */
  static ApiError classify(
      Subject subject, int status, String contentType, Optional<String> retryAfter, byte[] body) {
    if (contentType.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      try (JsonAnswer answer = new JsonAnswer(body)) {
        Json.Obj object = answer.nextObject();
        if (object != null) {
          return new ErrorAnswer(subject, status, object, "", retryAfter).classify();
        }
      } catch (IOException e) {
        // A proxy's page with the wrong type: the status alone must do.
        return new ErrorAnswer(subject, status, Json.Obj.empty(), "", retryAfter).classify();
      }
    }
    // Any other page is a proxy's, and written for a browser.
    String plain =
        contentType.toLowerCase(Locale.ROOT).startsWith("text/plain")
            ? new String(body, StandardCharsets.UTF_8).strip()
            : "";
    return new ErrorAnswer(subject, status, Json.Obj.empty(), plain, retryAfter).classify();
  }

  /** Classifies the Status object of an ERROR event in a watch. */
  static ApiError classify(Subject subject, Json.Obj status) {
    int code = status.integer("code").map(Long::intValue).orElse(500);
    return new ErrorAnswer(subject, code, status, "", Optional.empty()).classify();
  }

  private ApiError classify() {
    if (status < 500 && POLICIES.stream().anyMatch(message::contains)) {
      return new ApiError.Denied(text());
    }
    return switch (status) {
      case 400 ->
          message.startsWith("error strict decoding") || message.startsWith("error decoding")
              ? badManifest()
              : new ApiError.Rejected(text(), status);
      case 401 ->
          new ApiError.Unauthorized(
              "the API server does not accept Fairlead's credentials for " + subject);
      case 403 -> forbidden();
      case 404 -> notFound();
      case 409 -> conflict();
      case 410 -> new ApiError.Expired(text());
      case 413 -> tooLarge();
      case 422 -> invalid();
      case 429 -> new ApiError.Throttled(answered(), retryAfter);
      case 408 -> new ApiError.Unavailable(answered());
      default -> status >= 500 ? serverError() : new ApiError.Rejected(text(), status);
    };
  }

  private ApiError serverError() {
    // The API server says 500 without a reason for what is wrong with the manifest.
    if (message.startsWith("failed to create typed") || message.startsWith("failed to convert")) {
      return badManifest();
    }
    return message.contains("etcdserver: request is too large")
            || message.contains("trying to send message larger than max")
        ? tooLarge()
        : new ApiError.Unavailable(answered());
  }

  private ApiError badManifest() {
    List<Cause> causes = ErrorText.causes(message, subject.secret());
    return new ApiError.BadManifest(ErrorText.summary(subject + " is malformed", causes), causes);
  }

  private ApiError invalid() {
    List<Json.Obj> all = causeObjects();
    if (all.isEmpty()) {
      return new ApiError.Invalid(text(), List.of());
    }
    if (all.stream().anyMatch(ErrorAnswer::wholeIsTooLong)) {
      return tooLarge();
    }
    List<Cause> causes =
        all.stream()
            .limit(ApiError.MAX_CAUSES)
            .map(c ->
                new Cause(
                    ErrorText.field(c.string("field").orElse("")),
                    ErrorText.value(c.string("message").orElse(""), subject.secret())))
            .toList();
    boolean immutable =
        all.stream()
            .allMatch(c -> IMMUTABLE.stream().anyMatch(c.string("message").orElse("")::contains));
    return immutable
        ? new ApiError.ImmutableField(
            ErrorText.summary(subject + " cannot be changed in place", causes), causes)
        : new ApiError.Invalid(ErrorText.summary(subject + " is invalid", causes), causes);
  }

  private ApiError conflict() {
    List<FieldConflict> conflicts =
        causeObjects().stream()
            .filter(c -> c.string("reason").orElse("").equals("FieldManagerConflict"))
            .limit(ApiError.MAX_CAUSES)
            .map(c ->
                new FieldConflict(
                    quoted(c.string("message").orElse("")),
                    ErrorText.field(c.string("field").orElse(""))))
            .toList();
    if (!conflicts.isEmpty()) {
      return new ApiError.Conflict(text(), conflicts);
    }
    return reason.equals("AlreadyExists")
        ? new ApiError.AlreadyExists(text())
        : new ApiError.StaleVersion(text());
  }

  private ApiError notFound() {
    String name = details.string("name").orElse("");
    String kind = details.string("kind").orElse("");
    if (!json || name.isEmpty()) {
      return new ApiError.NotFound(
          "the API server does not serve the kind of " + subject, Missing.KIND, "");
    }
    boolean namespace =
        kind.equals("namespaces")
            && !subject.kind().equals("Namespace")
            && name.equals(subject.namespace());
    return new ApiError.NotFound(text(), namespace ? Missing.NAMESPACE : Missing.OBJECT, name);
  }

  private ApiError forbidden() {
    if (causeObjects().stream()
        .anyMatch(c -> c.string("reason").orElse("").equals("NamespaceTerminating"))) {
      return new ApiError.Terminating(text(), subject.namespace());
    }
    // Without a cause of its own; it passes as soon as the definition is gone.
    if (message.contains("custom resource definition is terminating")) {
      return new ApiError.Terminating(text(), subject.namespace());
    }
    Matcher missing = PERMISSION.matcher(message);
    if (missing.find()) {
      String namespace = missing.group(5);
      var permission =
          new ApiError.Permission(
              missing.group(1),
              missing.group(2),
              missing.group(3),
              missing.group(4),
              namespace == null ? "" : namespace);
      String advice = MissingRights.advice(permission) + brokenBinding();
      return new ApiError.Forbidden(cut(subject + ": " + advice), Optional.of(permission));
    }
    if (MissingRights.isEscalation(message)) {
      boolean binding = subject.kind().endsWith("Binding");
      return new ApiError.Forbidden(
          cut(subject + ": " + MissingRights.escalation(message, binding)), Optional.empty());
    }
    return message.contains(" cannot ")
        ? new ApiError.Forbidden(text(), Optional.empty())
        : new ApiError.Denied(text());
  }

  /** A binding is there, but the role is not. */
  private String brokenBinding() {
    int at = message.indexOf(RBAC);
    return at < 0 ? "" : " (" + message.substring(at + 2).strip() + ")";
  }

  private ApiError tooLarge() {
    return new ApiError.TooLarge(subject + " is too large for the API server");
  }

  /** Over 1 MiB a ConfigMap's or Secret's data is invalid, its field {@code []} or data. */
  private static boolean wholeIsTooLong(Json.Obj cause) {
    String field = cause.string("field").orElse("");
    return (field.equals("[]") || field.equals("data") || field.isEmpty())
        && cause.string("message").orElse("").startsWith("Too long: may not be more than 10485");
  }

  private List<Json.Obj> causeObjects() {
    return details.items("causes").stream()
        .filter(Json.Obj.class::isInstance)
        .map(Json.Obj.class::cast)
        .toList();
  }

  /** The server's words, bounded and without a Secret's values. */
  private String text() {
    return message.isEmpty() ? answered() : cut(subject + ": " + words());
  }

  /** The same for what is no judgement of the object: whose answer it was, and which. */
  private String answered() {
    return cut(
        subject
            + (json || !message.isEmpty()
                ? ": the API server answered "
                : ": the API server, or a proxy before it, answered ")
            + status
            + (message.isEmpty() ? "" : ": " + words()));
  }

  private String words() {
    return ErrorText.value(message, subject.secret()).replaceAll("\\s*\\R\\s*", " ");
  }

  private static String quoted(String text) {
    Matcher quoted = QUOTED.matcher(text);
    return quoted.find() ? quoted.group(1).replace("\\\"", "\"").replace("\\\\", "\\") : "";
  }

  private static Optional<Long> seconds(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  static String cut(String text) {
    return text.length() <= ApiError.MAX_MESSAGE
        ? text
        : text.substring(0, ApiError.MAX_MESSAGE - 1) + "…";
  }
}
