package dev.fairlead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/permissions.md explains every rule that Fairlead's account has, and no other. */
final class PermissionsTest {
  private static final Path DOCS = Path.of("..", "docs", "permissions.md");
  private static final Path TEMPLATE =
      Path.of("..", "charts", "fairlead", "templates", "rbac.yaml");
  private static final Path INSTALL = Path.of("..", "manifests", "install.yaml");

  /** Where a value of the chart is a part of the rule, the text about that value explains it. */
  private static Set<String> rules(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("- {apiGroups") && !line.contains("{{"))
        .map(line -> line.substring(2))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> documented(String text) {
    return Pattern.compile("(?m)^\\| `(\\{apiGroups.*?})` \\| .+ \\|$")
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .toList();
  }

  @Test
  void every_rule_is_explained() throws IOException {
    assertThat(documented(Files.readString(DOCS)))
        .containsExactlyInAnyOrderElementsOf(rules(TEMPLATE));
  }

  @Test
  void the_rules_of_install_yaml_are_those_of_the_default_role() throws IOException {
    String text = Files.readString(DOCS);
    String chapter =
        text.substring(text.indexOf("## The default role"), text.indexOf("## Mode restricted"));
    Set<String> own = rules(INSTALL);
    // Those of roles for people.
    own.removeIf(rule -> rule.contains("gitsyncs") && rule.contains("create"));
    own.remove("{apiGroups: [fairlead.dev], resources: [gitsyncs], verbs: [get, list, watch]}");

    assertThat(documented(chapter)).containsExactlyInAnyOrderElementsOf(own);
  }
}
