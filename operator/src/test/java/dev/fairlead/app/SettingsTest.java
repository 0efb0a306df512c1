package dev.fairlead.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.ResourceWatch;
import dev.fairlead.git.GitLimits;
import dev.fairlead.manifest.Limits;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every setting has a flag, an environment variable, a default, and a row in docs/settings.md. */
final class SettingsTest {
  private static final Pattern DEFAULT =
      Pattern.compile("\\$\\{env:(FAIRLEAD_[A-Z_]+)(?::-(.*))?}");

  /** Whose default is a sentence in the documentation. */
  private static final Set<String> DESCRIBED =
      Set.of("--kubeconfig", "--cache-dir", "--default-service-account", "--hook-advertise");

  private static Settings parse(String... arguments) {
    OperatorCommand command = new OperatorCommand();
    new CommandLine(command).parseArgs(arguments);
    return command.settings();
  }

  @Test
  void the_defaults_are_those_of_the_limits() {
    Settings settings = parse();

    assertThat(settings.limits())
        .isEqualTo(Limits.DEFAULT.withMaxMemory(Runtime.getRuntime().maxMemory() / 2));
    assertThat(settings.git()).isEqualTo(GitLimits.DEFAULT);
    assertThat(settings.finishPatience()).hasMinutes(10);
    assertThat(settings.watchSilence()).isEqualTo(ResourceWatch.Timing.DEFAULT.silence());
  }

  @Test
  void every_limit_can_be_set() {
    Settings settings =
        parse(
            "--max-file-bytes=1",
            "--max-files=2",
            "--max-objects=3",
            "--max-nesting=4",
            "--max-values=5",
            "--max-manifest-memory=6",
            "--max-tree-entries=6",
            "--max-directory-bytes=7",
            "--max-directory-depth=8",
            "--max-fetch-bytes=9",
            "--max-fetch-objects=10",
            "--max-git-object-bytes=11",
            "--min-free-bytes=12",
            "--max-mirror-bytes=15",
            "--max-cache-bytes=16",
            "--git-concurrency=13",
            "--allow-file-urls=true",
            "--watch-silence=14s",
            "--finish-patience=90s");

    assertThat(settings.limits()).isEqualTo(new Limits(1, 2, 3, 4, 5, 6));
    GitLimits.Disk disk = GitLimits.Disk.DEFAULT;
    assertThat(settings.git())
        .isEqualTo(
            new GitLimits(
                true,
                13,
                new GitLimits.Pack(9, 10, 11),
                new GitLimits.Disk(12, 15, 16, disk.packs(), disk.keepUnused()),
                new GitLimits.Tree(6, 7, 8, 2)));
    assertThat(settings.watchSilence()).hasSeconds(14);
    assertThat(settings.finishPatience()).hasSeconds(90);
  }

  @Test
  void the_default_account_is_nobodys_unless_it_is_named() {
    assertThat(parse().defaultServiceAccount()).isEmpty();
    assertThat(parse("--default-service-account=").defaultServiceAccount()).isEmpty();
    assertThat(parse("--default-service-account=deployer").defaultServiceAccount())
        .contains("deployer");
  }

  @ParameterizedTest(name = "--ui-listen={0}")
  @CsvSource({"off, nowhere", "'', nowhere", "127.0.0.1:9000, 127.0.0.1:9000", "[::1]:0, [::1]:0"})
  void the_json_api_is_served_where_it_is_said_or_nowhere(String text, String where) {
    assertThat(parse("--ui-listen=" + text).uiListen().map(Settings.Address::toString))
        .isEqualTo(where.equals("nowhere") ? Optional.empty() : Optional.of(where));
  }

  @ParameterizedTest(name = "--probe-listen={0}")
  @CsvSource({"off, nowhere", "'', nowhere", "127.0.0.1:9000, 127.0.0.1:9000"})
  void the_probes_have_a_port_of_their_own_where_it_is_said_or_none(String text, String where) {
    assertThat(parse("--probe-listen=" + text).probeListen().map(Settings.Address::toString))
        .isEqualTo(where.equals("nowhere") ? Optional.empty() : Optional.of(where));
    assertThat(parse().probeListen().map(Settings.Address::toString)).contains("0.0.0.0:8083");
  }

  @ParameterizedTest(name = "--hook-listen={0}")
  @CsvSource({"off, nowhere", "'', nowhere", "127.0.0.1:9000, 127.0.0.1:9000"})
  void webhooks_are_listened_for_where_it_is_said_or_nowhere(String text, String where) {
    assertThat(parse("--hook-listen=" + text).hookListen().map(Settings.Address::toString))
        .isEqualTo(where.equals("nowhere") ? Optional.empty() : Optional.of(where));
    assertThat(parse().hookListen().map(Settings.Address::toString)).contains("0.0.0.0:8082");
    assertThat(parse().hookAdvertise()).isEmpty();
    assertThat(parse("--hook-advertise=10.0.0.7:80").hookAdvertise().map(Object::toString))
        .contains("10.0.0.7:80");
  }

  @ParameterizedTest
  @CsvSource({
    "--default-service-account=kube-system:admin",
    "--namespace=Fair_lead",
    "--max-cache-bytes=1Gi",
    "--min-free-bytes=-1",
    "--api-concurrency=0",
    "--verify-rate=-3",
    "--max-file-bytes=0",
    "--max-nesting=1001",
    "--max-fetch-bytes=-1",
    "--watch-silence=5",
    "--watch-silence=100ms",
    "--finish-patience=100ms",
    "--concurrency=0",
    "--git-concurrency=0",
    "--git-host-concurrency=0",
    "--listen=8080",
    "--ui-listen=8081",
    "--ui-listen=on",
    "--hook-listen=8082",
    "--probe-listen=8083",
    "--hook-advertise=everywhere",
  })
  void what_is_no_setting_is_wrong_usage_and_says_which(String argument) {
    CommandLine.ParameterException wrong =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            CommandLine.ParameterException.class, () -> parse(argument));

    assertThat(wrong).as(argument).isNotNull();
    assertThat(wrong.getMessage())
        .contains(argument.substring(0, argument.indexOf('=')))
        .contains(argument.substring(argument.indexOf('=') + 1));
  }

  @Test
  void every_setting_is_documented_with_its_variable_and_default() throws IOException {
    List<String> rows = new ArrayList<>();
    for (OptionSpec option : new CommandLine(new OperatorCommand()).getCommandSpec().options()) {
      String name = option.longestName();
      if (option.usageHelp() || option.versionHelp()) {
        continue;
      }
      CommandLine.Option written =
          ((AnnotatedElement) option.userObject()).getAnnotation(CommandLine.Option.class);
      Matcher matcher = DEFAULT.matcher(written.defaultValue());
      assertThat(matcher.matches()).as(name + " has a variable").isTrue();
      assertThat(matcher.group(1))
          .isEqualTo(
              "FAIRLEAD_" + name.substring(2).replace('-', '_').toUpperCase(java.util.Locale.ROOT));
      rows.add(
          "| `%s".formatted(name)
              + ".*?` \\| `"
              + matcher.group(1)
              + "` \\| "
              + (DESCRIBED.contains(name) ? ".*" : "`" + Pattern.quote(matcher.group(2)) + "` ")
              + "\\|.*");
    }
    List<String> documented =
        Files.readAllLines(Path.of("..", "docs", "settings.md")).stream()
            .filter(line -> line.startsWith("| `--"))
            .toList();

    assertThat(documented).hasSameSizeAs(rows);
    for (String row : rows) {
      assertThat(documented).anyMatch(line -> line.substring(2).matches(row.substring(2)));
    }
  }
}
