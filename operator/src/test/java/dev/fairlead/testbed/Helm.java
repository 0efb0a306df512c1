package dev.fairlead.testbed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The real helm, which the first use on a machine builds, and the chart of this repository. It
 * reads and writes nothing but the chart. Any thread may call any method.
 */
public final class Helm {
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(20);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path SCRIPTS = ROOT.resolve("testbed").resolve("helm");

  private final String program;
  private final Map<String, String> environment;

  private Helm(String program, Path directory) {
    this.program = program;
    this.environment =
        Map.of(
            "HELM_CONFIG_HOME", directory.resolve("config").toString(),
            "HELM_CACHE_HOME", directory.resolve("cache").toString(),
            "HELM_DATA_HOME", directory.resolve("data").toString());
  }

  /**
   * Builds it where that is needed.
   *
   * @param directory for what helm keeps between two runs
   */
  public static Helm in(Path directory) {
    ProgramRun built =
        ProgramRun.of(List.of(SCRIPTS.resolve("build").toString()), Map.of(), "", BUILD_LIMIT);
    return new Helm(built.orFail().strip(), directory);
  }

  /** What manifests/install.yaml has to be. */
  public static String installYaml() {
    return ProgramRun.of(List.of(SCRIPTS.resolve("render").toString()), Map.of(), "", BUILD_LIMIT)
        .orFail();
  }

  /** What the chart makes of values; a failure is returned. */
  public ProgramRun template(String namespace, String... arguments) {
    return onChart("", List.of("template", "fairlead"), namespace, arguments);
  }

  /** The same with a file of values. */
  public ProgramRun templateOf(String values, String namespace) {
    return onChart(values, List.of("template", "fairlead"), namespace, "--values", "-");
  }

  /** What helm says of the chart with values. */
  public ProgramRun lint(String... arguments) {
    return onChart("", List.of("lint"), "fairlead-system", arguments);
  }

  /** Helm at work on a cluster: {@code install}, {@code upgrade} or {@code uninstall}. */
  public ProgramRun run(ControlPlane cluster, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--kubeconfig", cluster.kubeconfig().toString()));
    return ProgramRun.of(command, environment, "", LIMIT);
  }

  /** Where the chart lies. */
  public static String chart() {
    return ROOT.resolve("charts").resolve("fairlead").toString();
  }

  private ProgramRun onChart(
      String input, List<String> verb, String namespace, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(verb);
    command.addAll(List.of(chart(), "--namespace", namespace));
    command.addAll(List.of(arguments));
    return ProgramRun.of(command, environment, input, LIMIT);
  }
}
