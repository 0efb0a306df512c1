package dev.fairlead.cli;

import dev.fairlead.plan.Lease;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where in the cluster the operator is. */
final class OperatorPlace {
  @Option(
      names = "--operator-namespace",
      paramLabel = "NAMESPACE",
      defaultValue = ConnectionOptions.USUAL_NAMESPACE,
      description = "Where the operator runs. Default: ${DEFAULT-VALUE}")
  private String namespace = ConnectionOptions.USUAL_NAMESPACE;

  String namespace() {
    return namespace;
  }

  /**
   * Whether it is alive.
   *
   * @param clock whose time counts unless it makes a living operator look dead; then the server is
   *     asked for its own
   */
  Heartbeat heartbeat(Session session, Instant clock) throws CliException, InterruptedException {
    var lease = session.read(Lease.RESOURCE, Lease.RESOURCE.key(namespace, Heartbeat.NAME));
    if (lease.isEmpty()) {
      return new Heartbeat.Unknown();
    }
    Heartbeat seen = Heartbeat.of(lease.get(), clock);
    return seen instanceof Heartbeat.Alive
        ? seen
        : Heartbeat.of(lease.get(), session.time().orElse(clock));
  }

  /** What is wrong with it; empty also where one may not know. */
  Optional<String> trouble(Session session, Instant clock) throws InterruptedException {
    try {
      return heartbeat(session, clock).trouble(namespace, clock);
    } catch (CliException e) {
      return Optional.empty();
    }
  }
}
