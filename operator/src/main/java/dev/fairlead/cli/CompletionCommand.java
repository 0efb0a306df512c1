package dev.fairlead.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fairlead completion}: what a shell has to know to complete what is typed. */
@Command(
    name = "completion",
    description = {
      "Prints what makes a shell complete verbs, options and names of GitSyncs.",
      "bash:  source <(fairlead completion bash)",
      "zsh:  source <(fairlead completion zsh)",
      "fish:  fairlead completion fish | source",
      "PowerShell:  fairlead completion powershell | Out-String | Invoke-Expression"
    })
final class CompletionCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(arity = "1", paramLabel = "bash|zsh|fish|powershell", description = "The shell")
  private Shell shell = Shell.BASH;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Says how this is used")
  void help(boolean asked) {}

  /** Shells, each with what it is told: to ask us. */
  enum Shell {
    BASH(
        """
        _fairlead() {
          local IFS=$'\\n'
          COMPREPLY=($(fairlead __complete "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null))
        }
        complete -o default -F _fairlead fairlead
        """),
    ZSH(
        """
        #compdef fairlead
        _fairlead() {
          local -a found
          found=("${(@f)$(fairlead __complete "$((CURRENT - 1))" "${words[@]}" 2>/dev/null)}")
          [[ -n ${found[1]} ]] && compadd -a found || _files
        }
        compdef _fairlead fairlead
        """),
    FISH(
        """
        complete -c fairlead -f -a '(fairlead __complete (count (commandline -opc)) (commandline -opc) (commandline -ct) 2>/dev/null)'
        """),
    POWERSHELL(
        """
        Register-ArgumentCompleter -Native -CommandName fairlead -ScriptBlock {
          param($word, $ast, $cursor)
          $words = @($ast.CommandElements | ForEach-Object { "$_" })
          $index = if ($word -eq '') { $words.Count } else { $words.Count - 1 }
          fairlead __complete $index $words 2>$null | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_)
          }
        }
        """);

    private final String script;

    Shell(String script) {
      this.script = script;
    }

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal.out().print(shell.script);
    terminal.out().flush();
    return 0;
  }
}
