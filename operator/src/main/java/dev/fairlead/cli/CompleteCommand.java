package dev.fairlead.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fairlead __complete}: asked by shells, not by people. */
@Command(name = "__complete", hidden = true, description = "Lists what a word may become.")
final class CompleteCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", description = "Which of the words is typed, from 0")
  private int index;

  @Parameters(index = "1..*", description = "All words, the program's name first")
  private List<String> words = new ArrayList<>();

  CompleteCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    CommandSpec known = spec;
    if (known == null || index < 1 || words.isEmpty()) {
      return 0;
    }
    // Some shells leave out the word that is still empty.
    List<String> arguments = new ArrayList<>(words.subList(1, Math.min(words.size(), index + 1)));
    while (arguments.size() < index) {
      arguments.add("");
    }
    if (arguments.size() == 2 && arguments.getFirst().equals("help")) {
      arguments.removeFirst();
    }
    String begun = arguments.getLast();
    List<CharSequence> rests = new ArrayList<>();
    int _ =
        AutoComplete.complete(
            known.root(),
            arguments.toArray(String[]::new),
            arguments.size() - 1,
            begun.length(),
            String.join(" ", arguments).length(),
            rests);
    rests.stream()
        .map(rest -> begun + rest)
        .filter(word -> !word.equals("__complete") && !word.equals(begun))
        .filter(word -> begun.startsWith("-") || !word.startsWith("-"))
        .distinct()
        .sorted()
        .forEach(terminal.out()::println);
    terminal.out().flush();
    return 0;
  }
}
