package dev.fairlead.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fairlead help}: as {@code --help} after the verb. */
@Command(
    name = "help",
    helpCommand = true,
    description = "Says how a verb is used, or which verbs there are.")
final class HelpCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "VERB", description = "The verb")
  private @Nullable String verb;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Says how this is used")
  void help(boolean asked) {}

  HelpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("picocli sets it");
    }
    CommandLine all = known.root().commandLine();
    CommandLine about = verb == null ? all : all.getSubcommands().get(verb);
    if (about == null) {
      throw new ParameterException(known.commandLine(), "there is no verb " + verb);
    }
    about.usage(terminal.out());
    terminal.out().flush();
    return 0;
  }
}
