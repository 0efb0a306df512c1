package dev.fairlead.cli;

import dev.fairlead.model.Json;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the operator is alive, as the Lease says that its leader renews every few seconds. Pure.
 */
sealed interface Heartbeat {
  /** What the Lease and the Deployment are named. */
  String NAME = "fairlead";

  /** A leader renews it often enough that one which was silent for so long is dead, or cut off. */
  Duration SILENT = Duration.ofMinutes(1);

  /** It is alive. */
  record Alive(String leader, Instant renewed) implements Heartbeat {}

  /** The leader has said nothing any more, and nobody has taken its place. */
  record Silent(String leader, Instant since) implements Heartbeat {}

  /** The last one was stopped in an orderly way, and nobody has taken its place. */
  record Stopped(Instant since) implements Heartbeat {}

  /** There is no Lease that says anything: it is elsewhere, or was never there. */
  record Unknown() implements Heartbeat {}

  /**
   * What a Lease says.
   *
   * @param now by the clock of the cluster
   */
  static Heartbeat of(Json.Obj lease, Instant now) {
    Json.Obj spec = lease.object("spec").orElse(Json.Obj.empty());
    String leader = spec.string("holderIdentity").orElse("");
    Optional<Instant> renewed = spec.string("renewTime").flatMap(Heartbeat::time);
    if (renewed.isEmpty()) {
      return new Unknown();
    }
    boolean silent = renewed.get().plus(SILENT).isBefore(now);
    if (leader.isEmpty()) {
      // While one hands over to another nobody has it.
      return silent ? new Stopped(renewed.get()) : new Alive("", renewed.get());
    }
    return silent ? new Silent(leader, renewed.get()) : new Alive(leader, renewed.get());
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /**
   * What is wrong, as a sentence without its end; empty when nothing is known to be.
   *
   * @param home the namespace of the operator
   */
  default Optional<String> trouble(String home, Instant now) {
    return switch (this) {
      case Silent(String _, Instant since) ->
          Optional.of(
              "the operator was last alive %s: kubectl get pods -n %s; kubectl logs -n %s deploy/%s"
                  .formatted(Ages.ago(since, now), home, home, NAME));
      case Stopped(Instant since) ->
          Optional.of(
              "the operator was stopped %s: kubectl get deploy,pods -n %s"
                  .formatted(Ages.ago(since, now), home));
      case Alive _, Unknown _ -> Optional.empty();
    };
  }
}
