package dev.fairlead.cli;

import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code fairlead sync}. */
@Command(
    name = "sync",
    description =
        "Has the operator look at Git and reconcile now, and waits until the GitSync is Ready. Ends"
            + " with 1 when it does not become so.")
final class SyncCommand extends ClusterCommand {
  @Mixin private final Chosen chosen = new Chosen();
  @Mixin private final WaitOptions wait = new WaitOptions();

  SyncCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void check() {
    if (!chosen.isClear()) {
      throw wrong("name the GitSyncs, or say --all");
    }
    wait.problem()
        .ifPresent(p -> {
          throw wrong(p);
        });
  }

  @Override
  int run(Session session) throws CliException, InterruptedException {
    List<SyncItem> syncs = chosen.of(session);
    for (SyncItem sync : syncs) {
      if (sync.suspended()) {
        throw new CliException(
            "%s is suspended, so nothing of it is reconciled. To go on:  fairlead resume %s"
                .formatted(sync.key().name(), sync.key().name()));
      }
    }
    Map<SyncKey, Waiting.Goal> goals = new LinkedHashMap<>();
    String request = terminal().clock().instant().truncatedTo(ChronoUnit.MICROS).toString();
    for (SyncItem sync : syncs) {
      session.annotate(sync, Labels.REQUESTED_AT, request);
      goals.put(sync.key(), s -> s.status().handledRequest().filter(request::equals).isPresent());
    }
    if (!wait.waits()) {
      syncs.forEach(s -> terminal().err().println(s.key().name() + ": asked"));
      return 0;
    }
    Map<SyncKey, SyncItem> done = new Waiting(session, terminal().err()).until(goals, wait.limit());
    return Waiting.conclude(List.copyOf(done.values()), goals, terminal(), session);
  }
}
