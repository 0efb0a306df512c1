package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.manifest.MalformedJson;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.Prometheus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart's rules and dashboard, as the real Prometheus evaluates them on a running daemon. */
final class PrometheusIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path DASHBOARD = Path.of("..", "charts", "fairlead", "dashboard.json");
  private static final Path CASES =
      Path.of("src", "test", "resources", "prometheus", "rules-test.yaml");

  /** A metric in an expression: what is followed neither by a call nor by more of a name. */
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:fairlead|jvm|process)_[a-z0-9_]+(?![a-z0-9_(])");

  private final Path directory;

  PrometheusIT(ControlPlane cluster, @TempDir Path directory) {
    super("prometheus", cluster, directory);
    this.directory = directory;
  }

  @Test
  void each_alert_is_raised_when_it_is_due() {
    assertThat(Prometheus.promtool("test", "rules", CASES.toString()).orFail()).contains("SUCCESS");
    assertThat(Prometheus.promtool("check", "rules", Prometheus.RULES.toString()).orFail())
        .contains("SUCCESS");
  }

  @Test
  void no_rule_and_no_panel_asks_for_what_is_not_there() throws IOException {
    String good =
        repository.commit(
            Map.of("web/x.yaml", configMap("x", "1"), "plan/z.yaml", configMap("z", "1")), "one");
    follow("web", "path: web");
    syncs.awaitReady("web", good);
    follow("lost", "path: nowhere");
    syncs.awaitReason("lost", "PathNotFound");
    follow("plan", "path: plan", "mode: Plan");
    syncs.awaitReason("plan", "OutOfSync");
    Path files = Files.createDirectory(directory.resolve("tls"));
    try (GitServer tls = GitServer.startWithTls(files);
        Prometheus prometheus =
            Prometheus.start(operator.metricsAddress(), directory.resolve("prometheus"))) {
      // Its authority is good for ten days.
      secret("git", "--from-literal=ca.crt=" + tls.caCertificate());
      GitRepository secured = tls.create("secured");
      String first = secured.commit(Map.of("s.yaml", configMap("s", "1")), "one");
      syncs.apply(
          "secured", secured.url(), "secretRef: {name: git}", "defaultNamespace: " + namespace);
      syncs.awaitReady("secured", first);
      SyncClient.await(PATIENCE, "a scrape", () -> scraped(prometheus), operator::log);

      Map<String, String> panels = panels();
      assertThat(panels).hasSizeGreaterThan(20);
      Set<String> known = names(prometheus);
      rules(prometheus)
          .forEach((rule, expression) ->
              assertThat(metrics(expression)).as(rule).isNotEmpty().isSubsetOf(known));
      panels.forEach((panel, expression) ->
          assertThat(metrics(expression)).as(panel).isNotEmpty().isSubsetOf(known));
      panels.forEach((panel, expression) ->
          SyncClient.await(
              PATIENCE,
              panel + " shows something",
              () -> prometheus.series(expression) > 0,
              () -> expression));

      SyncClient.await(
          PATIENCE,
          "the alerts of lost and of the Secret, and no other",
          () ->
              alerts(prometheus)
                  .equals(
                      Set.of(
                          "FairleadSyncNotReady lost",
                          "FairleadSyncStalled lost",
                          "FairleadCredentialExpires git")),
          () -> alerts(prometheus).toString());
      String open = panels.getOrDefault("Is everything I pushed running? A", "");
      assertThat(value(prometheus, open)).isEqualTo("1");
      syncs.delete("lost");
      SyncClient.await(
          PATIENCE,
          "yes, it is running",
          () -> value(prometheus, open).equals("0"),
          () -> value(prometheus, open));
    }
  }

  /** Without anybody to tell otherwise nothing is not Ready. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nothing can be scraped           |                                             |
          there are standbys, none leads   | fairlead_leader=0                           |
          all are Ready                    | fairlead_leader=1 fairlead_sync_ready=1     | 0
          one is not                       | fairlead_leader=1 fairlead_sync_ready=0     | 1
          it leads, and there is no GitSync | fairlead_leader=1                          | 0
          """)
  void the_first_question_is_answered_by_a_fairlead_that_leads_alone(
      String sentence, @Nullable String series, @Nullable String answer) throws IOException {
    String open = panels().getOrDefault("Is everything I pushed running? A", "");
    StringBuilder cases = new StringBuilder("rule_files: []\ntests:\n- interval: 1m\n");
    cases.append("  input_series:\n");
    for (String one : (series == null ? "up=1" : series).split(" ", -1)) {
      cases.append(
          "  - {series: '%s{namespace=\"a\", name=\"web\"}', values: '%sx5'}\n"
              .formatted(one.substring(0, one.indexOf('=')), one.substring(one.indexOf('=') + 1)));
    }
    cases
        .append("  promql_expr_test:\n  - eval_time: 5m\n    expr: ")
        .append(Json.of(open).toJson());
    cases
        .append("\n    exp_samples: [")
        .append(answer == null ? "" : "{labels: '{}', value: " + answer + "}")
        .append("]\n");
    Path file = Files.writeString(directory.resolve("open.yaml"), cases);

    assertThat(Prometheus.promtool("test", "rules", file.toString()).orFail()).contains("SUCCESS");
  }

  @Test
  void what_the_docs_say_of_alerts_is_what_there_is() throws IOException {
    Set<String> documented = new TreeSet<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `(Fairlead[A-Za-z]+)` \\|")
            .matcher(Files.readString(Path.of("..", "docs", "metrics.md")));
    while (row.find()) {
      documented.add(row.group(1));
    }
    Set<String> alerts = new TreeSet<>();
    Matcher alert = Pattern.compile("- alert: (\\w+)").matcher(Files.readString(Prometheus.RULES));
    while (alert.find()) {
      alerts.add(alert.group(1));
    }
    assertThat(documented).isEqualTo(alerts).isNotEmpty();
  }

  private static boolean scraped(Prometheus prometheus) {
    try {
      return prometheus.series("fairlead_leader == 1") == 1 && rules(prometheus).size() > 0;
    } catch (AssertionError e) {
      return false;
    }
  }

  /** Each rule, which has been evaluated without an error. */
  private static Map<String, String> rules(Prometheus prometheus) {
    Map<String, String> rules = new LinkedHashMap<>();
    for (Json group : prometheus.ask("rules").object("data").orElseThrow().items("groups")) {
      for (Json item : ((Json.Obj) group).items("rules")) {
        Json.Obj rule = (Json.Obj) item;
        String name = rule.string("name").orElseThrow();
        assertThat(rule.string("lastError").orElse("")).as(name).isEmpty();
        rules.put(name, rule.string("query").orElseThrow());
      }
    }
    return rules;
  }

  private static Set<String> alerts(Prometheus prometheus) {
    return prometheus.ask("alerts").object("data").orElseThrow().items("alerts").stream()
        .map(a -> ((Json.Obj) a).object("labels").orElseThrow())
        .map(l -> l.string("alertname").orElse("") + " " + l.string("name").orElse(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(Prometheus prometheus) {
    return prometheus.ask("label/__name__/values").items("data").stream()
        .map(n -> ((Json.Str) n).value())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> metrics(String expression) {
    Set<String> metrics = new TreeSet<>();
    Matcher metric = METRIC.matcher(expression);
    while (metric.find()) {
      metrics.add(metric.group());
    }
    return metrics;
  }

  private static String value(Prometheus prometheus, String expression) {
    List<Json> result = prometheus.query(expression).object("data").orElseThrow().items("result");
    Json.Obj first = (Json.Obj) result.getFirst();
    return ((Json.Str) first.items("value").getLast()).value();
  }

  /** Each expression of the dashboard, with what a viewer would have chosen. */
  private static Map<String, String> panels() throws IOException {
    Map<String, String> panels = new LinkedHashMap<>();
    for (Json item : dashboard().items("panels")) {
      Json.Obj panel = (Json.Obj) item;
      for (Json target : panel.items("targets")) {
        panels.put(
            panel.string("title").orElseThrow()
                + " "
                + ((Json.Obj) target).string("refId").orElseThrow(),
            chosen(((Json.Obj) target).string("expr").orElseThrow()));
      }
    }
    return panels;
  }

  private static String chosen(String expression) {
    return expression.replace("$namespace", ".*").replace("$__rate_interval", "1m");
  }

  @Test
  void the_questions_that_the_dashboard_asks_beside_its_panels_are_right() throws IOException {
    List<String> beside = new ArrayList<>();
    Json.Obj annotations = dashboard().object("annotations").orElseThrow();
    for (Json item : annotations.items("list")) {
      beside.add(chosen(((Json.Obj) item).string("expr").orElseThrow()));
    }
    Matcher variable =
        Pattern.compile("label_values\\((\\w+),").matcher(Files.readString(DASHBOARD));
    while (variable.find()) {
      beside.add(variable.group(1));
    }
    String good = repository.commit(Map.of("x.yaml", configMap("x", "1")), "one");
    follow("web");
    syncs.awaitReady("web", good);
    try (Prometheus prometheus =
        Prometheus.start(operator.metricsAddress(), directory.resolve("beside"))) {
      SyncClient.await(PATIENCE, "a scrape", () -> scraped(prometheus), operator::log);
      Set<String> known = names(prometheus);

      assertThat(beside).hasSizeGreaterThan(1);
      for (String expression : beside) {
        assertThat(metrics(expression)).as(expression).isNotEmpty().isSubsetOf(known);
        assertThat(prometheus.series(expression)).as(expression).isNotNegative();
      }
    }
  }

  private static Json.Obj dashboard() throws IOException {
    try {
      return (Json.Obj) JsonReader.parse(Files.readAllBytes(DASHBOARD));
    } catch (MalformedJson e) {
      throw new AssertionError(DASHBOARD + " is no JSON", e);
    }
  }
}
