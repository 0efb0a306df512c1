package dev.fairlead.app;

import dev.fairlead.cli.Cli;
import dev.fairlead.cli.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The one entry point of the jar. Exit codes: 0 fine, 1 a problem was found, 2 wrong usage. */
@Command(
    name = "fairlead",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Keeps a Kubernetes cluster as a Git repository says.")
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(commandLine(Terminal.ofProcess()).execute(args));
  }

  /** The whole of it, with every verb. */
  public static CommandLine commandLine(Terminal terminal) {
    Cli cli = new Cli(terminal);
    CommandLine line = new CommandLine(new Main());
    cli.verbs().forEach(line::addSubcommand);
    return cli.tame(line.addSubcommand(new OperatorCommand()));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a verb; 'fairlead help' lists them");
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"fairlead " + (version == null ? "(not packaged)" : version)};
    }
  }
}
