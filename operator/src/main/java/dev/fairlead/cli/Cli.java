package dev.fairlead.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The verbs, and how a command line ends: 0 fine, 1 a problem was found, 2 wrong usage. Whatever
 * goes wrong is a sentence on standard error, never a stack trace.
 */
public final class Cli {
  private final Terminal terminal;

  public Cli(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Every verb but the daemon, in the order of the help. */
  public List<Object> verbs() {
    return List.of(
        new InstallCommand(terminal),
        new StatusCommand(terminal),
        new SyncCommand(terminal),
        new SuspendCommand(terminal),
        new ResumeCommand(terminal),
        new ApproveCommand(terminal),
        new BuildCommand(terminal),
        new VersionCommand(terminal),
        new UninstallCommand(terminal),
        new CompletionCommand(terminal),
        new HelpCommand(terminal),
        new CompleteCommand(terminal));
  }

  /** Makes a command line with all its subcommands end as this class says. */
  public CommandLine tame(CommandLine line) {
    // What follows its first word are words of another command line.
    line.getSubcommands().values().stream()
        .filter(sub -> sub.getCommandSpec().usageMessage().hidden())
        .forEach(sub -> sub.setStopAtPositional(true));
    return line.setOut(terminal.out())
        .setErr(terminal.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                terminal.style() == Style.COLOURED ? Ansi.ON : Ansi.OFF))
        .setUsageHelpWidth(Math.clamp(terminal.width(), 80, 120))
        .setParameterExceptionHandler(this::misused)
        .setExecutionExceptionHandler(this::failed);
  }

  private int misused(ParameterException e, String[] arguments) {
    CommandLine line = e.getCommandLine();
    terminal.err().println("fairlead: " + lowerFirst(words(e)));
    if (!UnmatchedArgumentException.printSuggestions(e, terminal.err())) {
      terminal
          .err()
          .println("How it is used:  " + line.getCommandSpec().qualifiedName() + " --help");
    }
    terminal.err().flush();
    return CliException.USAGE;
  }

  private static String words(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched
        && e.getCommandLine().getParent() == null
        && !unmatched.getUnmatched().isEmpty()
        && !unmatched.getUnmatched().getFirst().startsWith("-")) {
      return "there is no verb "
          + unmatched.getUnmatched().getFirst()
          + "; 'fairlead help' lists them";
    }
    return String.valueOf(e.getMessage());
  }

  private static String lowerFirst(String text) {
    return text.isEmpty() || text.startsWith("GitSync")
        ? text
        : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    terminal.out().flush();
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      terminal.err().println("fairlead: interrupted");
      return CliException.PROBLEM;
    }
    terminal.err().println("fairlead: " + (e instanceof CliException ? e.getMessage() : fault(e)));
    terminal.err().flush();
    return e instanceof CliException known ? known.code() : CliException.PROBLEM;
  }

  /** A defect of ours: its place helps whoever is told of it. */
  private static String fault(Exception e) {
    StackTraceElement[] trace = e.getStackTrace();
    return "a fault of fairlead itself, please report it: "
        + e
        + (trace.length == 0 ? "" : " at " + trace[0]);
  }
}
