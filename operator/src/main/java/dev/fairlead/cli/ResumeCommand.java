package dev.fairlead.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code fairlead resume}. */
@Command(name = "resume", description = "Lets GitSyncs that were suspended go on.")
final class ResumeCommand extends ClusterCommand {
  @Mixin private final Chosen chosen = new Chosen();

  ResumeCommand(Terminal terminal) {
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
    Suspension.set(false, chosen.of(session), session, terminal());
    return 0;
  }
}
