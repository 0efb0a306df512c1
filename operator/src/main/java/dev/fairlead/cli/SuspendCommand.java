package dev.fairlead.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code fairlead suspend}. */
@Command(
    name = "suspend",
    description =
        "Pauses GitSyncs: nothing is fetched, applied, repaired or pruned until they are resumed.")
final class SuspendCommand extends ClusterCommand {
  @Mixin private final Chosen chosen = new Chosen();

  SuspendCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void check() {
    if (!chosen.isClear()) {
      throw wrong("name the GitSyncs, or say --all");
    }
  }

  @Override
  int run(Session session) throws CliException, InterruptedException {
    Suspension.set(true, chosen.of(session), session, terminal());
    return 0;
  }
}
