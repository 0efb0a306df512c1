package dev.fairlead.cli;

import dev.fairlead.model.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fairlead version}. */
@Command(
    name = "version",
    description =
        "Says which version this is, which one the operator in the cluster has, and whether it is"
            + " alive. Ends with 1 when it is not found or does not answer.")
final class VersionCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ConnectionOptions connection = new ConnectionOptions();

  @Option(names = "--client", description = "Only of this program; asks no cluster")
  private boolean clientOnly;

  @Mixin private final OperatorPlace place = new OperatorPlace();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "json",
      description = "For programs")
  private @Nullable Form output;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Says how this is used")
  void help(boolean asked) {}

  /** Other forms than text. */
  enum Form {
    JSON;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  VersionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The version that the build wrote into the jar. */
  static String own() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  @Override
  public Integer call() throws CliException, InterruptedException {
    Map<String, Json> told = new LinkedHashMap<>();
    told.put("clientVersion", Json.of(own()));
    List<String> lines = new ArrayList<>();
    lines.add("client    " + own());
    Optional<CliException> trouble = Optional.empty();
    if (!clientOnly) {
      try (Session session = Session.open(connection, terminal)) {
        trouble = ask(session, told, lines);
      } catch (CliException e) {
        trouble = Optional.of(e);
      }
    }
    if (output == Form.JSON) {
      terminal.out().print(OutputFormat.pretty(Json.of(told)));
    } else {
      lines.forEach(terminal.out()::println);
    }
    terminal.out().flush();
    if (trouble.isPresent()) {
      throw trouble.get();
    }
    return 0;
  }

  private Optional<CliException> ask(Session session, Map<String, Json> told, List<String> lines)
      throws CliException, InterruptedException {
    String home = place.namespace();
    Optional<Json.Obj> deployment =
        session.read(InstallPart.DEPLOYMENTS, InstallPart.DEPLOYMENTS.key(home, Heartbeat.NAME));
    deployment.ifPresent(d -> {
      Json.Obj labels =
          d.object("metadata").flatMap(m -> m.object("labels")).orElse(Json.Obj.empty());
      String version = labels.string("app.kubernetes.io/version").orElse("unknown");
      String image = InstallPart.image(d).orElse("unknown");
      Json.Obj status = d.object("status").orElse(Json.Obj.empty());
      long ready = status.integer("readyReplicas").orElse(0L);
      long wanted = d.object("spec").flatMap(s -> s.integer("replicas")).orElse(1L);
      Map<String, Json> operator = new LinkedHashMap<>();
      operator.put("version", Json.of(version));
      operator.put("image", Json.of(image));
      operator.put("namespace", Json.of(home));
      operator.put("readyReplicas", Json.of(ready));
      operator.put("replicas", Json.of(wanted));
      told.put("operator", Json.of(operator));
      lines.add(
          "operator  %s, %s, %d of %d pods ready in %s"
              .formatted(Screen.line(version), Screen.line(image), ready, wanted, home));
    });
    Instant now = terminal.clock().instant();
    Heartbeat heartbeat = place.heartbeat(session, now);
    switch (heartbeat) {
      case Heartbeat.Alive(String leader, Instant renewed) -> leader(leader, renewed, told, lines);
      case Heartbeat.Silent(String leader, Instant since) -> leader(leader, since, told, lines);
      case Heartbeat.Stopped _, Heartbeat.Unknown _ -> {}
    }
    if (!(heartbeat instanceof Heartbeat.Unknown)) {
      return heartbeat.trouble(home, now).map(CliException::new);
    }
    return deployment.isEmpty()
        ? Optional.of(
            new CliException(
                "no operator is found in namespace %s: install it, name another with"
                        .formatted(home)
                    + " --operator-namespace, or it runs outside of the cluster"))
        : Optional.of(
            new CliException(
                "no operator holds the Lease %s/%s: kubectl get pods -n %s"
                    .formatted(home, Heartbeat.NAME, home)));
  }

  private void leader(String name, Instant alive, Map<String, Json> told, List<String> lines) {
    told.put(
        "leader", Json.of(Map.of("name", Json.of(name), "renewedAt", Json.of(alive.toString()))));
    lines.add(
        "leader    "
            + (name.isEmpty() ? "changes just now" : Screen.line(name))
            + ", alive "
            + Ages.ago(alive, terminal.clock().instant()));
  }
}
