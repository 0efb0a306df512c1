package dev.fairlead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.Helm;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The chart as the real helm reads it, and its objects as the real API server takes them. */
@ExtendWith(ControlPlaneExtension.class)
final class ChartIT {
  private static final String NAMESPACE = "fairlead-system";

  /** A value, what it is set to, and what else has to be set for it. */
  record Row(String value, String argument, List<String> given) {
    static Row of(String value, String json, String... given) {
      return new Row(value, value + "=" + json, List.of(given));
    }

    List<String> arguments() {
      return Stream.concat(arguments(given), arguments(List.of(argument))).toList();
    }

    List<String> before() {
      return arguments(given).toList();
    }

    private static Stream<String> arguments(List<String> settings) {
      return settings.stream().flatMap(s -> Stream.of("--set-json", s));
    }

    @Override
    public String toString() {
      return argument;
    }
  }

  /** For each value one that changes what is rendered. */
  static final List<Row> ROWS =
      List.of(
          Row.of("image.repository", "\"registry.example.org/fairlead\""),
          Row.of("image.tag", "\"1.2.3\""),
          Row.of("image.digest", "\"sha256:" + "0".repeat(64) + "\""),
          Row.of("image.pullPolicy", "\"Always\""),
          Row.of("imagePullSecrets", "[{\"name\":\"registry\"}]"),
          Row.of("mode", "\"restricted\""),
          Row.of("clusterRole", "\"edit\""),
          Row.of("defaultServiceAccount", "\"gitops\""),
          Row.of("noCrossNamespaceRefs", "true"),
          Row.of(
              "restricted.tenants",
              "[{\"namespace\":\"default\",\"serviceAccounts\":[\"deployer\"]}]",
              "mode=\"restricted\""),
          Row.of("restricted.watchSecrets", "false", "mode=\"restricted\""),
          Row.of(
              "restricted.kinds",
              "[{\"apiGroups\":[\"cert-manager.io\"],\"resources\":[\"certificates\"]}]",
              "mode=\"restricted\""),
          Row.of("rbac.aggregate", "false"),
          Row.of("namespace.create", "true"),
          Row.of("replicas", "2"),
          Row.of("podDisruptionBudget.enabled", "false", "replicas=2"),
          Row.of("podDisruptionBudget.minAvailable", "2", "replicas=3"),
          Row.of("logLevel", "\"debug\""),
          Row.of("logFormat", "\"text\""),
          Row.of("extraArgs", "[\"--concurrency=40\"]"),
          Row.of("extraEnv", "[{\"name\":\"FAIRLEAD_VERIFY_RATE\",\"value\":\"400\"}]"),
          Row.of("resources", "{\"limits\":{\"memory\":\"256Mi\"}}"),
          Row.of("cache.sizeLimit", "\"2Gi\""),
          Row.of("cache.persistence.enabled", "true"),
          Row.of("cache.persistence.size", "\"2Gi\"", "cache.persistence.enabled=true"),
          Row.of("cache.persistence.storageClass", "\"fast\"", "cache.persistence.enabled=true"),
          Row.of(
              "cache.persistence.accessModes",
              "[\"ReadWriteOncePod\"]",
              "cache.persistence.enabled=true"),
          Row.of("cache.persistence.existingClaim", "\"mine\"", "cache.persistence.enabled=true"),
          Row.of("podLabels", "{\"team\":\"a\"}"),
          Row.of("podAnnotations", "{\"team\":\"a\"}"),
          Row.of("serviceAccountAnnotations", "{\"team\":\"a\"}"),
          Row.of("priorityClassName", "\"system-cluster-critical\""),
          Row.of("nodeSelector", "{\"kubernetes.io/arch\":\"arm64\"}"),
          Row.of("tolerations", "[{\"operator\":\"Exists\"}]"),
          Row.of("affinity", "{\"nodeAffinity\":{}}"),
          Row.of(
              "topologySpreadConstraints",
              "[{\"maxSkew\":1,\"topologyKey\":\"zone\",\"whenUnsatisfiable\":\"DoNotSchedule\"}]"),
          Row.of("hooks.service.enabled", "true"),
          Row.of("hooks.service.type", "\"LoadBalancer\"", "hooks.service.enabled=true"),
          Row.of("hooks.service.annotations", "{\"a\":\"b\"}", "hooks.service.enabled=true"),
          Row.of(
              "hooks.ingress.enabled",
              "true",
              "hooks.service.enabled=true",
              "hooks.ingress.host=\"hooks.example.org\""),
          ingress("hooks.ingress.host", "\"git.example.org\""),
          ingress("hooks.ingress.className", "\"traefik\""),
          ingress("hooks.ingress.tlsSecret", "\"tls\""),
          ingress("hooks.ingress.annotations", "{\"a\":\"b\"}"),
          Row.of("metrics.annotations", "false"),
          Row.of("metrics.serviceMonitor.enabled", "true"),
          Row.of(
              "metrics.serviceMonitor.interval", "\"1m\"", "metrics.serviceMonitor.enabled=true"),
          Row.of(
              "metrics.serviceMonitor.labels",
              "{\"release\":\"prometheus\"}",
              "metrics.serviceMonitor.enabled=true"),
          Row.of("networkPolicy.enabled", "false"),
          Row.of("metrics.rules.enabled", "true"),
          Row.of(
              "metrics.rules.labels", "{\"release\":\"prometheus\"}", "metrics.rules.enabled=true"),
          Row.of("metrics.dashboard.enabled", "true"),
          Row.of("metrics.dashboard.labels", "{\"a\":\"b\"}", "metrics.dashboard.enabled=true"),
          Row.of("networkPolicy.metricsFrom", "[{\"namespaceSelector\":{}}]"),
          Row.of("networkPolicy.hooksFrom", "[{\"namespaceSelector\":{}}]"),
          Row.of("networkPolicy.egress.enabled", "true"),
          egress("networkPolicy.egress.apiServerPorts", "[6443]"),
          egress("networkPolicy.egress.apiServerTo", "[{\"ipBlock\":{\"cidr\":\"192.0.2.1/32\"}}]"),
          egress("networkPolicy.egress.gitPorts", "[443,3000]"),
          egress("networkPolicy.egress.gitTo", "[{\"ipBlock\":{\"cidr\":\"192.0.2.0/24\"}}]"));

  /** What is refused, and a part of the sentence. */
  static final List<List<String>> REFUSED =
      List.of(
          List.of("replica=2", "additional properties 'replica' not allowed"),
          List.of("replicas=0", "at '/replicas': minimum: got 0, want 1"),
          List.of("replicas=\"two\"", "at '/replicas': got string, want integer"),
          List.of("mode=\"strict\"", "at '/mode': value must be one of 'default', 'restricted'"),
          List.of("logLevel=\"loud\"", "value must be one of 'error', 'warn', 'info', 'debug'"),
          List.of("image.tag=\"a b\"", "at '/image/tag': 'a b' does not match pattern"),
          List.of("extraArgs=[\"operator\"]", "at '/extraArgs/0': 'operator' does not match"),
          List.of(
              "restricted.tenants=[{\"namespace\":\"a\"}]", "missing property 'serviceAccounts'"),
          List.of(
              "restricted.tenants=[{\"namespace\":\"a\",\"serviceAccounts\":[\"b\"]}]",
              "restricted.tenants: has an effect with mode restricted only; set mode to"),
          List.of(
              "restricted.kinds=[{\"apiGroups\":[\"a\"],\"resources\":[\"b\"]}]",
              "restricted.kinds: has an effect with mode restricted only"),
          List.of(
              "cache.persistence.enabled=true;replicas=2",
              "cache.persistence.accessModes: several replicas need a volume that several nodes can"),
          List.of(
              "cache.sizeLimit=\"1Gi\";extraArgs=[\"--max-cache-bytes=1073741825\"]",
              "--max-cache-bytes=1073741825 is more than cache.sizeLimit, 1Gi"),
          List.of("hooks.ingress.enabled=true", "set hooks.service.enabled to true too"),
          List.of(
              "hooks.ingress.enabled=true;hooks.service.enabled=true",
              "hooks.ingress.host: has to be set, for example hooks.example.org"),
          List.of(
              "replicas=2;extraArgs=[\"--leader-elect=false\"]",
              "would let several replicas write at the same time"),
          List.of("image=null", "at '': missing property 'image'"),
          List.of("hooks.service=null", "at '/hooks': missing property 'service'"),
          List.of("logLevel=null", "at '': missing property 'logLevel'"),
          List.of(
              "resources={\"limit\":{\"memory\":\"1Gi\"}}", "resources: limit is none of limits"),
          List.of("networkPolicy.egress.gitPorts=[]", "minItems: got 0, want 1"),
          List.of(
              "replicas=2;podDisruptionBudget.minAvailable=2",
              "podDisruptionBudget.minAvailable: has to be less than replicas"),
          List.of("restricted.watchSecrets=false", "restricted.watchSecrets: has an effect with"),
          List.of("mode=\"restricted\";clusterRole=\"edit\"", "clusterRole: has an effect with"),
          List.of(
              "podLabels={\"app.kubernetes.io/name\":\"x\"}",
              "podLabels: app.kubernetes.io/name is the chart's own label; remove it"),
          List.of(
              "metrics.serviceMonitor.labels={\"app.kubernetes.io/part-of\":\"x\"}",
              "metrics.serviceMonitor.labels: app.kubernetes.io/part-of is the chart's own label"),
          List.of("extraArgs=[\"--concurrency 40\"]", "'--concurrency 40' does not match pattern"),
          List.of(
              "extraArgs=[\"--concurrency=40\",\"--concurrency=41\"]",
              "extraArgs: --concurrency is there twice, and Fairlead would not start"),
          List.of(
              "extraArgs=[\"--log-level=debug\"]",
              "extraArgs: --log-level is the value logLevel; set that"),
          List.of("extraArgs=[\"--restricted\"]", "extraArgs: --restricted is the value mode"),
          List.of(
              "extraArgs=[\"--listen=0.0.0.0:9090\"]",
              "extraArgs: --listen cannot be set, since Prometheus and the Service ask at port"),
          List.of(
              "extraArgs=[\"--probe-listen=off\"]",
              "extraArgs: --probe-listen cannot be set, since the probes ask at port 8083"),
          List.of(
              "extraEnv=[{\"name\":\"FAIRLEAD_PROBE_LISTEN\",\"value\":\"off\"}]",
              "extraEnv: FAIRLEAD_PROBE_LISTEN cannot be set, since the probes ask at port 8083"),
          List.of(
              "extraEnv=[{\"name\":\"FAIRLEAD_LOG_FORMAT\",\"value\":\"text\"}]",
              "extraEnv: FAIRLEAD_LOG_FORMAT is the value logFormat; set that"),
          List.of(
              "extraEnv=[{\"name\":\"FAIRLEAD_NAMESPACE\",\"value\":\"x\"}]",
              "extraEnv: FAIRLEAD_NAMESPACE cannot be set"),
          List.of(
              "extraArgs=[\"--concurrency=40\"];"
                  + "extraEnv=[{\"name\":\"FAIRLEAD_CONCURRENCY\",\"value\":\"41\"}]",
              "extraEnv: FAIRLEAD_CONCURRENCY has no effect beside --concurrency of extraArgs"));

  private static final String VOLUME = "cache.persistence.enabled=true;";
  private static final String SHARED =
      VOLUME + "cache.persistence.accessModes=[\"ReadWriteMany\"];";

  /** What is said of the cache, the limit that Fairlead is given, and how pods are replaced. */
  static final List<List<String>> CACHES =
      List.of(
          List.of("replicas=1", "", "RollingUpdate"),
          List.of("cache.sizeLimit=\"2560Mi\"", "2147483648", "RollingUpdate"),
          List.of("cache.sizeLimit=\"1.5G\"", "1200000000", "RollingUpdate"),
          List.of("cache.sizeLimit=\"1000000\"", "800000", "RollingUpdate"),
          List.of(
              "cache.sizeLimit=\"1Gi\";extraArgs=[\"--max-cache-bytes=900000000\"]",
              "900000000",
              "RollingUpdate"),
          List.of(
              "cache.sizeLimit=\"1Gi\";"
                  + "extraEnv=[{\"name\":\"FAIRLEAD_MAX_CACHE_BYTES\",\"value\":\"1\"}]",
              "",
              "RollingUpdate"),
          List.of("cache.persistence.enabled=true", "858993459", "Recreate"),
          List.of(VOLUME + "cache.persistence.size=\"10Gi\"", "8589934592", "Recreate"),
          List.of(VOLUME + "cache.persistence.existingClaim=\"mine\"", "", "Recreate"),
          List.of(SHARED + "replicas=2", "858993459", "RollingUpdate"),
          List.of(
              SHARED + "replicas=2;cache.persistence.existingClaim=\"mine\"", "", "RollingUpdate"));

  private final ControlPlane cluster;
  private final Helm helm;

  ChartIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.helm = Helm.in(directory);
  }

  private static Row ingress(String value, String json) {
    return Row.of(
        value,
        json,
        "hooks.service.enabled=true",
        "hooks.ingress.enabled=true",
        "hooks.ingress.host=\"hooks.example.org\"");
  }

  private static Row egress(String value, String json) {
    return Row.of(value, json, "networkPolicy.egress.enabled=true");
  }

  private String render(List<String> arguments) {
    return helm.template(NAMESPACE, arguments.toArray(String[]::new)).orFail();
  }

  @Test
  void install_yaml_is_what_the_chart_makes_of_its_defaults() {
    assertThat(Path.of("..", "manifests", "install.yaml"))
        .as("run 'make manifests'")
        .hasContent(Helm.installYaml());
  }

  @Test
  void every_value_has_a_row() throws IOException {
    Set<String> documented = new TreeSet<>();
    Matcher rows =
        Pattern.compile("(?m)^\\| `([a-zA-Z.]+)` \\|")
            .matcher(Files.readString(Path.of("..", "docs", "values.md")));
    while (rows.find()) {
      documented.add(rows.group(1));
    }

    assertThat(ROWS.stream().map(Row::value)).containsExactlyInAnyOrderElementsOf(documented);
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void every_value_changes_something_that_the_server_takes(Row row) {
    String before = render(row.before());
    String after = render(row.arguments());
    ProgramRun lint = helm.lint(row.arguments().toArray(String[]::new));

    assertThat(after).isNotEqualTo(before);
    assertThat(lint.exitCode()).as(lint.output() + lint.errors()).isZero();
    // Their definitions are another project's.
    List<String> objects = new ArrayList<>(List.of(after.split("(?m)^---$")));
    objects.removeIf(o -> o.contains("apiVersion: monitoring.coreos.com/"));
    cluster
        .tryKubectl(
            String.join("---", objects).replace("namespace: " + NAMESPACE, "namespace: default"),
            "apply",
            "--server-side",
            "--dry-run=server",
            "--force-conflicts",
            "-f",
            "-")
        .orFail();
  }

  @ParameterizedTest
  @FieldSource("CACHES")
  void the_cache_is_bounded_by_its_size_and_shared_where_it_can_be(List<String> row) {
    String rendered =
        render(
            Stream.of(row.getFirst().split(";")).flatMap(s -> Stream.of("--set-json", s)).toList());

    String limit =
        Pattern.compile("--max-cache-bytes=(\\d+)")
            .matcher(rendered)
            .results()
            .map(r -> r.group(1))
            .collect(Collectors.joining(" "));
    assertThat(limit).isEqualTo(row.get(1));
    assertThat(rendered).containsPattern("strategy:\\s*\\{?type: " + row.get(2));
  }

  @Test
  void what_the_pod_is_annotated_with_may_be_said_otherwise() {
    String rendered =
        render(
            List.of(
                "--set-json", "podAnnotations={\"prometheus.io/scrape\":\"false\",\"a\":\"b\"}"));

    assertThat(rendered)
        .contains("prometheus.io/scrape: \"false\"", "prometheus.io/port: \"8080\"", "a: b")
        .doesNotContain("prometheus.io/scrape: \"true\"");
  }

  /** At any other of them Prometheus would ask in vain, for ever. */
  @Test
  void a_service_monitor_finds_the_service_of_the_metrics_alone() {
    String rendered =
        render(List.of("--set", "metrics.serviceMonitor.enabled=true,hooks.service.enabled=true"));

    List<String> services =
        Stream.of(rendered.split("(?m)^---$")).filter(o -> o.contains("kind: Service\n")).toList();
    assertThat(services).hasSize(2);
    String port = found(rendered, "- \\{port: (\\w+), path: /metrics");
    assertThat(
            services.stream()
                .filter(s -> s.contains("{name: " + port + ","))
                .map(s -> found(s, "name: ([a-z-]+)")))
        .containsExactly("fairlead");
  }

  private static String found(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
    return matcher.group(1);
  }

  @ParameterizedTest
  @FieldSource("REFUSED")
  void what_is_wrong_is_refused_with_a_sentence(List<String> row) {
    List<String> arguments =
        Stream.of(row.getFirst().split(";")).flatMap(s -> Stream.of("--set-json", s)).toList();

    ProgramRun run = helm.template(NAMESPACE, arguments.toArray(String[]::new));

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.errors()).contains(row.getLast());
  }
}
