package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;
import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.health.PodTrouble.Rank;
import dev.fairlead.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What keeps one container of a pod from serving. Pure. */
final class ContainerTroubles {
  /** A container that was started again so short a time ago has not proven anything. */
  private static final Duration PROOF = Duration.ofMinutes(1);

  /** After so long a run the kubelet itself forgets that a container crashed before. */
  private static final Duration RESET = Duration.ofMinutes(10);

  private static final Set<String> PULL =
      Set.of("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError");
  private static final String NEVER = "ErrImageNeverPull";
  private static final String INVALID_NAME = "InvalidImageName";
  private static final Set<String> USUAL = Set.of("", "ContainerCreating", "PodInitializing");
  private static final String PROCESS = "unable to start container process: ";

  /** A last word that is longer than that may have been cut off at its beginning. */
  private static final int WHOLE = 2_000;

  static final String SAYS = "; it says: ";
  private static final String CRASH = "CrashLoopBackOff";

  /** What exit codes mean by convention. */
  private static final Map<Long, String> CODES =
      Map.of(
          126L, " (the command cannot be executed)",
          127L, " (the command is not found)",
          134L, " (SIGABRT)",
          137L, " (SIGKILL)",
          139L, " (SIGSEGV)",
          143L, " (SIGTERM)");

  private final Pod pod;
  private final String name;
  private final boolean init;
  private final Json.Obj spec;
  private final Json.Obj status;
  private final Instant now;
  private final UnaryOperator<String> clean;

  /**
   * @param clean makes what a container has written fit to be told
   */
  ContainerTroubles(
      Pod pod, boolean init, Json.Obj status, Instant now, UnaryOperator<String> clean) {
    this.pod = pod;
    this.init = init;
    this.status = status;
    this.name = text(status, "name");
    this.spec = pod.container(init, name);
    this.now = now;
    this.clean = clean;
  }

  Optional<PodTrouble> trouble() {
    String waits = waiting().map(w -> text(w, "reason")).orElse("");
    String message = waiting().map(w -> text(w, "message")).orElse("");
    if (PULL.contains(waits)) {
      String why = PullError.words(message);
      return Optional.of(
          of(
              Rank.IMAGE,
              waits.equals("ErrImagePull") ? "ImagePullBackOff" : waits,
              "cannot pull " + image(),
              why.isEmpty() ? "" : " (" + why + ")",
              ".image"));
    }
    if (waits.equals(NEVER)) {
      return Optional.of(
          of(
              Rank.IMAGE,
              NEVER,
              "cannot use " + image() + ": it is not on the node, and imagePullPolicy is Never",
              "",
              ".image"));
    }
    if (waits.equals(INVALID_NAME)) {
      return Optional.of(
          of(Rank.IMAGE, INVALID_NAME, "cannot use the image name " + image(), "", ".image"));
    }
    if (waits.equals(CRASH) || isCrashing()) {
      return Optional.of(crash());
    }
    if (!USUAL.contains(waits)) {
      return Optional.of(
          of(Rank.START, waits, "cannot start " + title(), runtime(message, waits), ""));
    }
    Optional<Json.Obj> terminated = state("state", "terminated");
    if (terminated.isPresent() && exitCode(terminated.get()) != 0) {
      return Optional.of(ended(terminated.get()));
    }
    return state("state", "running").isPresent() && !ready() ? probe() : Optional.empty();
  }

  /** A container that ended badly, or by itself, and was or will be started again. */
  private boolean isCrashing() {
    if ((init && exitedWell("state")) || pod.restartsNever()) {
      return false;
    }
    if (number(status, "restartCount", 0) < 1) {
      return false;
    }
    if (state("state", "terminated").isPresent()) {
      return true;
    }
    Optional<Json.Obj> running = state("state", "running");
    if (running.isEmpty() || state("lastState", "terminated").isEmpty()) {
      return false;
    }
    Instant started = time(running.get(), "startedAt");
    boolean unproven = started.plus(PROOF).isAfter(now) && !exitedWell("lastState");
    return (ready() || init) ? unproven : started.plus(RESET).isAfter(now);
  }

  private boolean exitedWell(String when) {
    return state(when, "terminated").filter(t -> exitCode(t) == 0).isPresent();
  }

  private PodTrouble crash() {
    Optional<Json.Obj> end =
        state("state", "terminated").or(() -> state("lastState", "terminated"));
    if (end.isEmpty()) {
      return of(Rank.CRASH, CRASH, "cannot stay up: " + title() + " crashes", "", "");
    }
    if (isUnstartable(end.get())) {
      return unstartable(end.get());
    }
    if (isOutOfMemory(end.get())) {
      return of(
          Rank.CRASH,
          "OOMKilled",
          "cannot stay up: " + title() + " is killed, since it uses more memory than " + limit(),
          "",
          ".resources");
    }
    long code = exitCode(end.get());
    return of(
        Rank.CRASH,
        CRASH,
        code == 0
            ? "cannot stay up: " + title() + " ends by itself (exit code 0), but has to run on"
            : "cannot stay up: " + title() + " crashes with exit code " + code(end.get()),
        said(end.get()),
        "");
  }

  /** A container that ended and is not started again. */
  private PodTrouble ended(Json.Obj end) {
    if (isUnstartable(end)) {
      return unstartable(end);
    }
    if (isOutOfMemory(end)) {
      return of(
          Rank.ENDED,
          "OOMKilled",
          "cannot finish: " + title() + " was killed, since it used more memory than " + limit(),
          "",
          ".resources");
    }
    String reason = text(end, "reason");
    return of(
        Rank.ENDED,
        reason.isEmpty() ? "Error" : reason,
        "cannot finish: " + title() + " ended with exit code " + code(end),
        said(end),
        "");
  }

  private static boolean isUnstartable(Json.Obj end) {
    return Set.of("StartError", "ContainerCannotRun").contains(text(end, "reason"));
  }

  private PodTrouble unstartable(Json.Obj end) {
    return of(
        Rank.START,
        text(end, "reason"),
        "cannot start " + title(),
        runtime(text(end, "message"), text(end, "reason")),
        "");
  }

  private static boolean isOutOfMemory(Json.Obj end) {
    return text(end, "reason").equals("OOMKilled");
  }

  private String limit() {
    return spec.object("resources")
        .flatMap(r -> r.object("limits"))
        .flatMap(l -> l.get("memory"))
        .map(m -> m instanceof Json.Str s ? s.value() : m.toJson())
        .map(m -> "its limit of " + m)
        .orElse("the node has left");
  }

  /** What the container left as its last words, if it did. */
  private String said(Json.Obj end) {
    String message = text(end, "message");
    return Tidy.lastLine(message)
        .filter(line -> line.length() < message.strip().length() || line.length() < WHOLE)
        .map(clean)
        .filter(words -> !words.isEmpty())
        .map(words -> SAYS + '"' + words + '"')
        .orElse("");
  }

  private Optional<PodTrouble> probe() {
    if (init && !isSidecar()) {
      return Optional.empty();
    }
    boolean started = status.bool("started").orElse(true);
    if (!started && spec.object("startupProbe").isPresent()) {
      return Optional.of(probe("Startup", "startup", ".startupProbe"));
    }
    return spec.object("readinessProbe").isPresent()
        ? Optional.of(probe("Readiness", "readiness", ".readinessProbe"))
        : Optional.empty();
  }

  private PodTrouble probe(String word, String words, String field) {
    return of(
        Rank.PROBE,
        word + "ProbeFailed",
        "cannot become ready before the " + words + " probe of " + title() + " succeeds",
        "",
        field);
  }

  private boolean isSidecar() {
    return text(spec, "restartPolicy").equals("Always");
  }

  private boolean ready() {
    return status.bool("ready").orElse(false);
  }

  private Optional<Json.Obj> waiting() {
    return state("state", "waiting");
  }

  private Optional<Json.Obj> state(String when, String which) {
    return status.object(when).flatMap(s -> s.object(which));
  }

  private static long exitCode(Json.Obj end) {
    return number(end, "exitCode", 0);
  }

  private static String code(Json.Obj end) {
    long code = exitCode(end);
    return code + CODES.getOrDefault(code, "");
  }

  private String image() {
    String image = text(spec, "image");
    return image.isEmpty() ? text(status, "image") : image;
  }

  private String title() {
    return (init ? "init container " : "container ") + name;
  }

  private Instant time(Json.Obj in, String field) {
    return Pod.time(in, field).orElse(Instant.EPOCH);
  }

  private PodTrouble of(
      Rank rank, String reason, String clause, String detail, String fieldOfContainer) {
    return new PodTrouble(
        rank,
        reason,
        clause,
        detail,
        pod.unreadySince(),
        pod.name(),
        pod.uid(),
        name,
        (init ? "initContainers" : "containers")
            + "[name="
            + Json.of(name).toJson()
            + "]"
            + fieldOfContainer);
  }

  /** The container runtime's words, without how it came to them. */
  private String runtime(String message, String otherwise) {
    int at = message.lastIndexOf(PROCESS);
    String words = clean.apply(at < 0 ? message : message.substring(at + PROCESS.length()));
    return ": " + (words.isEmpty() ? otherwise : words);
  }
}
