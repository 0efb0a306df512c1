package dev.fairlead.cli;

import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.PendingPrune;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fairlead approve}. */
@Command(
    name = "approve",
    description =
        "Shows the prune that waits for approval, asks, and approves exactly this one. Then waits"
            + " until it is done.")
final class ApproveCommand extends ClusterCommand {
  @Parameters(
      arity = "1",
      paramLabel = "SYNC",
      completionCandidates = SyncNames.class,
      description = "The GitSync")
  private String name = "";

  @Option(
      names = {"-y", "--yes"},
      description = "Approves what is shown, without asking")
  private boolean yes;

  @Option(
      names = "--digest",
      paramLabel = "DIGEST",
      description = "Approves only the prune with this digest, as status.pendingPrune has it")
  private @Nullable String digest;

  @Mixin private final WaitOptions wait = new WaitOptions();

  ApproveCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void check() {
    wait.problem()
        .ifPresent(p -> {
          throw wrong(p);
        });
    if (!yes && terminal().answers().isEmpty()) {
      throw wrong("nobody can be asked here: say --yes to approve what status.pendingPrune shows");
    }
  }

  @Override
  int run(Session session) throws CliException, InterruptedException {
    SyncItem sync = session.get(name);
    Optional<PendingPrune> waiting = sync.status().pendingPrune();
    if (waiting.isEmpty()) {
      terminal().err().println(sync.key().name() + ": no prune waits for approval");
      return 0;
    }
    PendingPrune prune = waiting.get();
    if (digest != null && !digest.equals(prune.digest())) {
      throw new CliException(
          "another prune waits by now: its digest is %s, not %s".formatted(prune.digest(), digest));
    }
    show(sync, prune);
    if (sync.suspended()) {
      throw new CliException(
          "%s is suspended, so nothing is pruned. To go on:  fairlead resume %s"
              .formatted(sync.key().name(), sync.key().name()));
    }
    if (!yes
        && !terminal()
            .agrees(
                "Delete "
                    + (prune.objects() == 1 ? "it" : "these " + prune.objects() + " objects")
                    + "?")) {
      terminal().err().println("nothing was approved");
      return CliException.PROBLEM;
    }
    session.annotate(sync, Labels.APPROVE_PRUNE, prune.digest());
    terminal().err().println(sync.key().name() + ": approved");
    if (!wait.waits()) {
      return 0;
    }
    Map<SyncKey, Waiting.Goal> goals =
        Map.of(
            sync.key(),
            s ->
                s.status().pendingPrune().filter(p -> p.digest().equals(prune.digest())).isEmpty());
    Map<SyncKey, SyncItem> done = new Waiting(session, terminal().err()).until(goals, wait.limit());
    return Waiting.conclude(List.copyOf(done.values()), goals, terminal(), session);
  }

  private void show(SyncItem sync, PendingPrune prune) {
    terminal()
        .out()
        .println(
            sync.newest().map(c -> c.revision().shortForm()).orElse(sync.key().name())
                + " removes "
                + (prune.objects() == 1 ? "1 object" : prune.objects() + " objects")
                + " from Git, which would be deleted:");
    prune.first().forEach(o -> terminal().out().println("  " + Screen.line(o)));
    int more = prune.objects() - prune.first().size();
    if (more > 0) {
      terminal().out().println("  and " + more + " more");
    }
    terminal().out().flush();
  }
}
