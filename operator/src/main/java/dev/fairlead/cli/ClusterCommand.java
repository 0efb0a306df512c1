package dev.fairlead.cli;

import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A verb that speaks to a cluster. */
abstract class ClusterCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private @Nullable CommandSpec spec;
  @Mixin private final ConnectionOptions connection = new ConnectionOptions();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Says how this is used")
  void help(boolean asked) {}

  ClusterCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What the verb does; returns what the process ends with. */
  abstract int run(Session session) throws CliException, InterruptedException;

  /** What can be said before any cluster is asked. */
  void check() {}

  /** What the verb ends with where no cluster has to be asked. */
  OptionalInt withoutCluster() {
    return OptionalInt.empty();
  }

  /** The conversation that the verb is for. */
  Session open() throws CliException {
    return Session.open(connection, terminal);
  }

  @Override
  public final Integer call() throws CliException, InterruptedException {
    check();
    OptionalInt done = withoutCluster();
    if (done.isPresent()) {
      return done.getAsInt();
    }
    try (Session session = open()) {
      return run(session);
    } finally {
      terminal.out().flush();
    }
  }

  final Terminal terminal() {
    return terminal;
  }

  final ConnectionOptions connection() {
    return connection;
  }

  /** Wrong usage. */
  final ParameterException wrong(String message) {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("picocli sets it");
    }
    return new ParameterException(known.commandLine(), message);
  }
}
