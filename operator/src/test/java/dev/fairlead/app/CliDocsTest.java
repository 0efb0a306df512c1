package dev.fairlead.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cli.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** docs/cli.md has every verb and every option that there is, and no other. */
final class CliDocsTest {
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--?[a-zA-Z][a-z-]*");
  private static final Set<String> OF_ALL =
      Set.of("-h", "--help", "-n", "--namespace", "--context", "--kubeconfig");

  private static String docs() throws IOException {
    return Files.readString(Path.of("..", "docs", "cli.md"));
  }

  private static Map<String, CommandLine> verbs() {
    return Main.commandLine(Terminal.ofProcess()).getSubcommands();
  }

  /** What is said under the heading that has the verb in it. */
  private static String section(String docs, String verb) {
    for (String section : docs.split("\n## ", -1)) {
      String heading = section.lines().findFirst().orElse("");
      if (List.of(heading.split(", ", -1)).contains(verb)) {
        return section;
      }
    }
    return "";
  }

  @Test
  void every_verb_has_its_section_with_every_option() throws IOException {
    String docs = docs();
    List<String> missing = new ArrayList<>();
    verbs()
        .forEach((verb, line) -> {
          if (line.getCommandSpec().usageMessage().hidden()) {
            return;
          }
          String section = section(docs, verb);
          if (section.isEmpty()) {
            missing.add("a section of " + verb);
          }
          if (!verb.equals("operator")) {
            for (OptionSpec option : line.getCommandSpec().options()) {
              for (String name : option.names()) {
                String where = OF_ALL.contains(name) ? docs + "--help-h" : section;
                if (!where.contains(name)) {
                  missing.add(verb + " " + name);
                }
              }
            }
          }
        });

    assertThat(missing).isEmpty();
  }

  @Test
  void no_section_names_an_option_that_does_not_exist() throws IOException {
    String docs = docs();
    List<String> unknown = new ArrayList<>();
    verbs()
        .forEach((verb, line) -> {
          Set<String> known = new TreeSet<>(OF_ALL);
          line.getCommandSpec().options().forEach(o -> known.addAll(List.of(o.names())));
          Matcher option =
              OPTION.matcher(
                  String.join(
                      "\n",
                      section(docs, verb)
                          .lines()
                          .filter(l -> l.startsWith("| `-") || l.contains("fairlead " + verb + " "))
                          .toList()));
          while (option.find()) {
            if (!known.contains(option.group()) && !siblings(docs, verb, option.group())) {
              unknown.add(verb + " " + option.group());
            }
          }
        });

    assertThat(unknown).isEmpty();
  }

  /** Whether a verb under the same heading has it. */
  private static boolean siblings(String docs, String verb, String option) {
    String section = section(docs, verb);
    return verbs().entrySet().stream()
        .filter(e -> section(docs, e.getKey()).equals(section))
        .flatMap(e -> e.getValue().getCommandSpec().options().stream())
        .anyMatch(o -> List.of(o.names()).contains(option));
  }

  @Test
  void every_option_and_verb_says_what_it_does() {
    List<String> silent = new ArrayList<>();
    verbs()
        .forEach((verb, line) -> {
          if (line.getCommandSpec().usageMessage().description().length == 0) {
            silent.add(verb);
          }
          for (OptionSpec option : line.getCommandSpec().options()) {
            if (option.description().length == 0) {
              silent.add(verb + " " + option.longestName());
            }
          }
        });

    assertThat(silent).isEmpty();
  }
}
