package dev.fairlead.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The GitSyncs that a verb is for: those that are named, or all of the namespace. */
final class Chosen {
  @Parameters(
      arity = "0..*",
      paramLabel = "SYNC",
      completionCandidates = SyncNames.class,
      description = "The GitSyncs")
  private List<String> names = new ArrayList<>();

  @Option(names = "--all", description = "All GitSyncs of the namespace")
  private boolean all;

  /** Whether exactly one of the two was said. */
  boolean isClear() {
    return all == names.isEmpty();
  }

  List<SyncItem> of(Session session) throws CliException, InterruptedException {
    if (all) {
      List<SyncItem> syncs = session.list(false);
      if (syncs.isEmpty()) {
        throw new CliException(
            "no GitSync in namespace " + session.namespace() + ": choose another with -n");
      }
      return syncs;
    }
    List<SyncItem> syncs = new ArrayList<>();
    // All are there before anything is done about one.
    for (String name : names.stream().distinct().toList()) {
      syncs.add(session.get(name));
    }
    return syncs;
  }
}
