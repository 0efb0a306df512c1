package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.health.PodTrouble.Rank;
import dev.fairlead.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What keeps one pod from serving, if anything does. Pure. */
final class PodTroubles {
  /** How long after its time a pod may still be there. */
  private static final Duration LINGER = Duration.ofSeconds(30);

  private static final String PREEMPTION = ". preemption: ";

  private PodTroubles() {}

  /**
   * The worst that is wrong with a pod.
   *
   * @param clean makes what a container has written fit to be told
   */
  static Optional<PodTrouble> of(Pod pod, Instant now, UnaryOperator<String> clean) {
    if (pod.deleting()) {
      return lingering(pod, now);
    }
    Optional<PodTrouble> unplaced =
        pod.phase().equals("Pending") ? unplaced(pod) : Optional.empty();
    if (unplaced.isPresent()) {
      return unplaced;
    }
    if (pod.phase().equals("Failed") && !text(pod.live().status(), "reason").isEmpty()) {
      return Optional.of(refused(pod));
    }
    Optional<PodTrouble> worst =
        Stream.of(true, false)
            .flatMap(init ->
                pod.statuses(init).stream()
                    .flatMap(
                        s -> new ContainerTroubles(pod, init, s, now, clean).trouble().stream()))
            .min(Comparator.comparing(PodTrouble::rank));
    if (worst.isPresent()) {
      return worst;
    }
    return switch (pod.phase()) {
      case "Pending" -> Optional.of(starting(pod));
      case "Running" -> pod.ready() ? Optional.empty() : notReady(pod);
      case "Unknown" -> Optional.of(unreachable(pod, "NodeLost"));
      default -> Optional.empty();
    };
  }

  private static Optional<PodTrouble> unplaced(Pod pod) {
    Optional<Json.Obj> placed =
        pod.condition("PodScheduled").filter(c -> text(c, "status").equals("False"));
    if (placed.isEmpty()) {
      return Optional.empty();
    }
    Instant since = Pod.time(placed.get(), "lastTransitionTime").orElse(pod.created());
    String message = text(placed.get(), "message");
    if (text(placed.get(), "reason").equals("SchedulingGated")) {
      String gates =
          String.join(
              ", ",
              Pod.objects(pod.live().spec(), "schedulingGates").stream()
                  .map(g -> text(g, "name"))
                  .toList());
      return Optional.of(
          of(
              pod,
              Rank.GATED,
              "SchedulingGated",
              "cannot be scheduled before somebody removes the scheduling gate " + gates,
              since,
              "schedulingGates"));
    }
    if (message.contains("unbound immediate PersistentVolumeClaims")
        || message.startsWith("persistentvolumeclaim ")) {
      return Optional.of(
          of(pod, Rank.VOLUME, "NotBound", "cannot be scheduled", since, "volumes")
              .withDetail(": a PersistentVolumeClaim is not bound"));
    }
    return Optional.of(
        of(
            pod,
            Rank.UNSCHEDULABLE,
            "Unschedulable",
            "cannot be scheduled" + (message.isEmpty() ? "" : ": " + scheduler(message)),
            since,
            ""));
  }

  /** The scheduler's sentence, without what its search for pods to push out came to. */
  private static String scheduler(String message) {
    int end = message.indexOf(PREEMPTION);
    String sentence = (end < 0 ? message : message.substring(0, end)).strip();
    return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
  }

  /** The kubelet would not have it, or threw it out. */
  private static PodTrouble refused(Pod pod) {
    Json.Obj status = pod.live().status();
    String message = text(status, "message").strip();
    String reason = text(status, "reason");
    return of(
        pod,
        Rank.ENDED,
        reason,
        "cannot run on " + where(pod) + ": " + (message.isEmpty() ? reason : message),
        pod.unreadySince(),
        "");
  }

  private static Optional<PodTrouble> notReady(Pod pod) {
    Optional<Json.Obj> ready = pod.condition("Ready");
    if (ready.isEmpty()) {
      return Optional.empty();
    }
    String reason = text(ready.get(), "reason");
    if (reason.equals("ReadinessGatesNotReady")) {
      String message = text(ready.get(), "message");
      return Optional.of(
          of(
              pod,
              Rank.PROBE,
              reason,
              "cannot become ready: "
                  + (message.isEmpty() ? "a readiness gate is not true" : message),
              pod.unreadySince(),
              "readinessGates"));
    }
    boolean works =
        !pod.statuses(false).isEmpty()
            && pod.statuses(false).stream().allMatch(s -> s.bool("ready").orElse(false));
    return works ? Optional.of(unreachable(pod, "NodeNotReady")) : Optional.empty();
  }

  private static PodTrouble unreachable(Pod pod, String reason) {
    return of(
        pod,
        Rank.UNREACHABLE,
        reason,
        "cannot be reached: " + where(pod) + " does not report",
        pod.unreadySince(),
        "");
  }

  private static PodTrouble starting(Pod pod) {
    return of(pod, Rank.STARTING, "ContainerCreating", "are being started", pod.unreadySince(), "");
  }

  private static Optional<PodTrouble> lingering(Pod pod, Instant now) {
    // The time at which it should be gone, its grace period over.
    Instant due = Pod.time(pod.live().metadata(), "deletionTimestamp").orElse(now);
    if (due.plus(LINGER).isAfter(now)) {
      return Optional.empty();
    }
    String held =
        String.join(
            ", ",
            pod.live().metadata().items("finalizers").stream()
                .flatMap(f -> f instanceof Json.Str s ? Stream.of(s.value()) : Stream.empty())
                .toList());
    return Optional.of(
        of(
            pod,
            Rank.LINGERING,
            "Terminating",
            "cannot end although deleted: "
                + (held.isEmpty()
                    ? where(pod) + " does not confirm it"
                    : "finalizers hold it (" + held + ")"),
            due,
            ""));
  }

  private static String where(Pod pod) {
    return pod.node().isEmpty() ? "its node" : "node " + pod.node();
  }

  private static PodTrouble of(
      Pod pod, Rank rank, String reason, String clause, Instant since, String field) {
    return new PodTrouble(rank, reason, clause, "", since, pod.name(), pod.uid(), "", field);
  }
}
