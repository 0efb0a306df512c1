package dev.fairlead.app;

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
    subcommands = OperatorCommand.class,
    description = "Keeps a Kubernetes cluster as a Git repository says.")
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Main())
            .setExecutionExceptionHandler((e, command, parsed) -> {
              command.getErr().println("fairlead: " + e.getMessage());
              return 1;
            })
            .execute(args));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
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
