package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.model.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How a Pod is: as kstatus has it, one that has ended is healthy, whatever its exit code. */
final class PodRule {
  private static final String CRASH_LOOP = "CrashLoopBackOff";

  /** What a container waits for when all is well. */
  private static final Set<String> USUAL = Set.of("", "ContainerCreating", "PodInitializing");

  private PodRule() {}

  static Health judge(LiveObject pod, List<StatusCondition> conditions, Instant now) {
    String phase = text(pod.status(), "phase");
    return switch (phase) {
      case "Succeeded" -> Health.healthy("has completed");
      case "Failed" -> Health.healthy("has ended, but not successfully");
      case "Running" -> running(pod, conditions);
      case "Pending" -> pending(pod, conditions, now);
      case "" -> Health.progressing("PodNotObserved", "has no phase yet");
      default -> Health.unknown("UnknownPhase", "cannot be judged: its phase is " + phase);
    };
  }

  private static Health running(LiveObject pod, List<StatusCondition> conditions) {
    if (conditions.stream().anyMatch(c -> c.is("Ready") && c.isTrue())) {
      return Health.healthy("is ready");
    }
    List<Waiting> crashing =
        waiting(pod, "containerStatuses").stream()
            .filter(w -> w.reason().equals(CRASH_LOOP))
            .toList();
    if (!crashing.isEmpty()) {
      return Health.failed(CRASH_LOOP, crashing.getFirst().toString());
    }
    return problem(pod)
        .map(w -> Health.progressing(w.reason(), w.toString()))
        .orElseGet(() -> Health.progressing("PodRunningNotReady", notReady(conditions)));
  }

  private static Health pending(LiveObject pod, List<StatusCondition> conditions, Instant now) {
    // kstatus looks at the first condition that says so, whatever comes after it.
    Optional<StatusCondition> unscheduled =
        conditions.stream().filter(c -> c.is("PodScheduled") && c.isFalse()).findFirst();
    if (unscheduled.isPresent() && unscheduled.get().reason().equals("Unschedulable")) {
      String message = unscheduled.get().message();
      String words = message.isEmpty() ? "could not be scheduled" : message;
      return now.minus(Health.SCHEDULE_WINDOW).isBefore(created(pod))
          ? Health.progressing("Unschedulable", words)
          : Health.failed("Unschedulable", words);
    }
    return problem(pod)
        .map(w -> Health.progressing(w.reason(), w.toString()))
        .orElseGet(() -> Health.progressing("PodPending", "is pending"));
  }

  private static String notReady(List<StatusCondition> conditions) {
    return conditions.stream()
        .filter(c -> c.is("Ready") && !c.message().isEmpty())
        .map(c -> "runs but is not ready: " + c.message())
        .findFirst()
        .orElse("runs but is not ready");
  }

  /** The first container, init containers before the others, that waits for something unusual. */
  private static Optional<Waiting> problem(LiveObject pod) {
    List<Waiting> all = new ArrayList<>(waiting(pod, "initContainerStatuses"));
    all.addAll(waiting(pod, "containerStatuses"));
    return all.stream().filter(w -> !USUAL.contains(w.reason())).findFirst();
  }

  private static List<Waiting> waiting(LiveObject pod, String list) {
    List<Waiting> found = new ArrayList<>();
    for (Json item : pod.status().items(list)) {
      if (item instanceof Json.Obj container) {
        container
            .object("state")
            .flatMap(state -> state.object("waiting"))
            .ifPresent(w ->
                found.add(
                    new Waiting(text(container, "name"), text(w, "reason"), text(w, "message"))));
      }
    }
    return found;
  }

  private static Instant created(LiveObject pod) {
    String text = text(pod.metadata(), "creationTimestamp");
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  /** A container that does not run. */
  private record Waiting(String container, String reason, String message) {
    @Override
    public String toString() {
      return "container " + container + ": " + (message.isEmpty() ? reason : message);
    }
  }
}
