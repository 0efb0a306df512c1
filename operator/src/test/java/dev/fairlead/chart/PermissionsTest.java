package dev.fairlead.chart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

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

  @Test
  void the_role_for_a_cluster_with_tenants_is_the_default_one_without_the_right_to_apply()
      throws IOException {
    String block =
        Pattern.compile("(?ms)^```yaml\n(.*?)^```$")
            .matcher(Files.readString(Path.of("..", "docs", "tenants.md")))
            .results()
            .map(m -> m.group(1))
            .filter(b -> b.contains("resources: [leases]"))
            .collect(Collectors.joining());

    assertThat(rights(block))
        .hasSizeGreaterThan(10)
        .containsExactlyInAnyOrderElementsOf(rights(Files.readString(INSTALL)));
  }

  /** What the roles and bindings called fairlead give, each right once, and to whom. */
  private static Set<String> rights(String yaml) {
    Set<String> rights = new TreeSet<>();
    Set<String> anywhere = new TreeSet<>();
    for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
      Map<?, ?> object = (Map<?, ?>) document;
      Map<?, ?> metadata = (Map<?, ?>) requireNonNull(object.get("metadata"));
      if (!"fairlead".equals(metadata.get("name"))) {
        continue;
      }
      String where = object.get("kind") + " in " + metadata.get("namespace");
      if (object.get("rules") instanceof List<?> rules) {
        for (Object rule : rules) {
          rights(where, (Map<?, ?>) rule, rights, anywhere);
        }
      } else if (object.containsKey("roleRef")) {
        rights.add(where + " of " + object.get("roleRef") + " for " + object.get("subjects"));
      }
    }
    // Said of one kind again, a right to all is no other.
    rights.removeIf(
        right -> !right.contains(" * *") && anywhere.stream().anyMatch(right::startsWith));
    return rights;
  }

  private static void rights(
      String where, Map<?, ?> rule, Set<String> rights, Set<String> anywhere) {
    for (Object verb : list(rule, "verbs")) {
      String may = where + " may " + verb + " ";
      for (Object group : list(rule, "apiGroups")) {
        for (Object resource : list(rule, "resources")) {
          if (group.equals("*") && resource.equals("*")) {
            anywhere.add(may);
          }
          rights.add(may + resource + " " + group + " " + list(rule, "resourceNames"));
        }
      }
    }
  }

  private static List<?> list(Map<?, ?> rule, String key) {
    return rule.get(key) instanceof List<?> list ? list : List.of();
  }
}
