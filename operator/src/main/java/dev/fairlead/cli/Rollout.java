package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.PodReader;
import dev.fairlead.health.Diagnosis;
import dev.fairlead.health.Diagnosis.Evidence;
import dev.fairlead.health.LabelSelector;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.runtime.Pause;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Waits until Fairlead's Deployment runs as it is wanted, and says what keeps it from that: one
 * line whenever it changes. For one thread.
 */
final class Rollout {
  private static final Duration TICK = Duration.ofMillis(500);

  /** Before that, why a pod is not ready is hardly ever worth a word. */
  private static final Duration YOUNG = Duration.ofSeconds(5);

  private static final int LINE = 300;

  private final Session session;
  private final PrintWriter progress;
  private final InstantSource clock;

  Rollout(Session session, Terminal terminal) {
    this.session = session;
    this.progress = terminal.err();
    this.clock = terminal.clock();
  }

  /** Returns when it runs, and throws why it does not within {@code limit}. */
  void await(String namespace, Duration limit) throws CliException, InterruptedException {
    ObjectKey key = InstallPart.DEPLOYMENTS.key(namespace, InstallPart.FAIRLEAD);
    long began = System.nanoTime();
    String said = "";
    while (true) {
      Optional<Json.Obj> deployment = session.read(InstallPart.DEPLOYMENTS, key);
      if (deployment.isEmpty()) {
        throw new CliException(key + " was deleted meanwhile");
      }
      Optional<String> missing = missing(deployment.get());
      if (missing.isEmpty()) {
        progress.println("the operator runs");
        progress.flush();
        return;
      }
      Duration waited = Duration.ofNanos(System.nanoTime() - began);
      String says = missing.get();
      if (waited.compareTo(YOUNG) > 0) {
        says = why(deployment.get()).map(why -> missing.get() + ": " + why).orElse(says);
      }
      if (!says.equals(said)) {
        progress.println(says);
        progress.flush();
        said = says;
      }
      if (waited.compareTo(limit) > 0) {
        throw new CliException(
            "the operator does not come up; %s. What is installed stays: mend it and install again; 'kubectl logs -n %s deployment/%s' and 'kubectl describe pods -n %s' tell more"
                .formatted(says, namespace, InstallPart.FAIRLEAD, namespace));
      }
      Pause.of(TICK);
    }
  }

  /** What is still to come, in words; empty when it runs as it is wanted. Pure. */
  static Optional<String> missing(Json.Obj deployment) {
    Json.Obj status = deployment.object("status").orElse(Json.Obj.empty());
    long generation = number(deployment.object("metadata"), "generation", 0);
    long wanted = number(deployment.object("spec"), "replicas", 1);
    long updated = number(Optional.of(status), "updatedReplicas", 0);
    long available = number(Optional.of(status), "availableReplicas", 0);
    long all = number(Optional.of(status), "replicas", 0);
    if (number(Optional.of(status), "observedGeneration", 0) < generation) {
      return Optional.of("waiting for the operator's pod");
    }
    if (updated < wanted || available < wanted) {
      return Optional.of(
          "waiting for the operator's pod: %d of %d ready"
              .formatted(Math.min(updated, available), wanted));
    }
    return all > updated
        ? Optional.of("waiting for the operator's old pod to end")
        : Optional.empty();
  }

  private static long number(Optional<Json.Obj> of, String name, long otherwise) {
    return of.flatMap(o -> o.integer(name)).orElse(otherwise);
  }

  /** From its pods, where they may be read. */
  private Optional<String> why(Json.Obj deployment) throws InterruptedException {
    PodReader reader = new PodReader(session.api());
    String namespace = deployment.object("metadata").flatMap(m -> m.string("namespace")).orElse("");
    String selector = LabelSelector.of(deployment).orElse("");
    try {
      PodReader.Pods pods = reader.pods(namespace, selector);
      Diagnosis diagnosis =
          Diagnosis.of(
              new Diagnosis.Facts(
                  deployment,
                  reader.replicaSets(namespace, selector),
                  pods.items(),
                  pods.more(),
                  clock.instant(),
                  Screen::line));
      String about = diagnosis.question(Optional.empty()).eventsOf();
      List<Json.Obj> events = about.isEmpty() ? List.of() : reader.events(namespace, about);
      return diagnosis
          .finding(new Evidence(events, Optional.empty(), Optional.empty()))
          .map(finding -> Screen.cut(Screen.line(finding.message(_ -> Optional.empty())), LINE));
    } catch (ApiException e) {
      // The count has been told, and is what matters.
      return Optional.empty();
    }
  }
}
