package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.model.Json;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** What events add to what an object's status tells. Pure. */
final class PodEvents {
  private static final int MOST = 300;
  private static final Set<String> MOUNT =
      Set.of("FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox");

  /** It says that a volume is not there, and others say why. */
  private static final String UNSPECIFIC = "Unable to attach or mount volumes";

  /** Sandboxes and containers have names that nobody knows, another one each time. */
  private static final Pattern ID = Pattern.compile("\"?[0-9a-f]{32,}\"?");

  private static final String FORBIDDEN = " is forbidden: ";

  private final List<Json.Obj> events;

  PodEvents(List<Json.Obj> events) {
    this.events = events;
  }

  /**
   * The trouble with what events tell of it; nothing when it is none without them.
   *
   * @param clean makes what a container has written fit to be told
   */
  Optional<PodTrouble> about(PodTrouble trouble, Pod pod, UnaryOperator<String> clean) {
    return switch (trouble.rank()) {
      case IMAGE -> Optional.of(trouble.detail().isEmpty() ? pull(trouble) : trouble);
      case PROBE -> Optional.of(probe(trouble, pod, clean));
      case CRASH -> Optional.of(liveness(trouble, pod, clean));
      case STARTING ->
          newest(e -> MOUNT.contains(text(e, "reason")) && !isUnspecific(e))
              .or(() -> newest(e -> MOUNT.contains(text(e, "reason"))))
              .map(e -> trouble.with(text(e, "reason"), "cannot be started", ": " + words(e)));
      case START, ENDED, VOLUME, UNSCHEDULABLE, GATED, UNREACHABLE, LINGERING ->
          Optional.of(trouble);
    };
  }

  private PodTrouble pull(PodTrouble trouble) {
    String why =
        newest(e ->
                text(e, "reason").equals("Failed")
                    && text(e, "message").startsWith("Failed to pull image"))
            .map(e -> PullError.words(text(e, "message")))
            .orElse("");
    return why.isEmpty() ? trouble : trouble.withDetail(" (" + why + ")");
  }

  private PodTrouble probe(PodTrouble trouble, Pod pod, UnaryOperator<String> clean) {
    String kind = trouble.reason().equals("StartupProbeFailed") ? "Startup" : "Readiness";
    return probe(kind, pod, clean).map(trouble::withDetail).orElse(trouble);
  }

  private PodTrouble liveness(PodTrouble trouble, Pod pod, UnaryOperator<String> clean) {
    if (!Diagnosis.wasKilled(trouble)) {
      return trouble;
    }
    for (String kind : List.of("Liveness", "Startup")) {
      Optional<String> detail = probe(kind, pod, clean);
      if (detail.isPresent()) {
        String whose = trouble.clause().replaceFirst("(container [^ ]+) crashes .*", "$1");
        return trouble.with(
            kind + "ProbeFailed",
            whose
                + " is killed, since its "
                + kind.toLowerCase(java.util.Locale.ROOT)
                + " probe fails",
            detail.get());
      }
    }
    return trouble;
  }

  /** How the probes of that kind fail, from a colon on. */
  private Optional<String> probe(String kind, Pod pod, UnaryOperator<String> clean) {
    String start = kind + " probe ";
    return newest(
            e -> text(e, "reason").equals("Unhealthy") && text(e, "message").startsWith(start))
        .map(e -> {
          String message = text(e, "message");
          int colon = message.indexOf(": ");
          String said = colon < 0 ? message : message.substring(colon + 2);
          String whose = pod.ip().isEmpty() ? said : said.replace(pod.ip(), "POD");
          return ": " + clean.apply(whose);
        });
  }

  /** Why a controller cannot make pods, if that was its last word. */
  Optional<String> notCreated() {
    return newest(e -> Set.of("FailedCreate", "SuccessfulCreate").contains(text(e, "reason")))
        .filter(e -> text(e, "reason").equals("FailedCreate"))
        .map(e -> refusal(text(e, "message")));
  }

  /** Why a claim is not bound. */
  Optional<String> notBound() {
    return newest(e -> text(e, "type").equals("Warning"))
        .or(() -> newest(_ -> true))
        .map(PodEvents::words);
  }

  /** The API server's own words, without the pod's name, which is another one each time. */
  static String refusal(String message) {
    int at = message.indexOf(FORBIDDEN);
    return Tidy.line(at < 0 ? message : message.substring(at + FORBIDDEN.length()), MOST);
  }

  private static boolean isUnspecific(Json.Obj event) {
    return text(event, "message").startsWith(UNSPECIFIC);
  }

  private static String words(Json.Obj event) {
    return Tidy.line(ID.matcher(text(event, "message")).replaceAll("…"), MOST);
  }

  private Optional<Json.Obj> newest(Predicate<Json.Obj> which) {
    return events.stream().filter(which).max(Comparator.comparing(PodEvents::time));
  }

  private static Instant time(Json.Obj event) {
    return event
        .object("series")
        .flatMap(s -> Pod.time(s, "lastObservedTime"))
        .or(() -> Pod.time(event, "lastTimestamp"))
        .or(() -> Pod.time(event, "eventTime"))
        .or(() -> Pod.time(event, "firstTimestamp"))
        .orElse(Instant.EPOCH);
  }
}
