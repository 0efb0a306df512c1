package dev.fairlead.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fairlead status}. */
@Command(
    name = "status",
    description =
        "Says what runs, since when, from which commit, what is wrong and what to do about it."
            + " Ends with 1 when something is not Ready, or the operator is not alive.")
final class StatusCommand extends ClusterCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "SYNC",
      completionCandidates = SyncNames.class,
      description = "One GitSync, with more about it. Default: all of the namespace")
  private @Nullable String name;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "The GitSyncs of all namespaces")
  private boolean everywhere;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "json|yaml|name|wide",
      description = "Another form: the objects themselves, their names, or a wider table")
  private @Nullable OutputFormat output;

  @Option(
      names = {"-w", "--watch"},
      description = "Goes on, and prints it anew whenever something changes")
  private boolean watch;

  @Mixin private final OperatorPlace place = new OperatorPlace();

  StatusCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void check() {
    if (name != null && everywhere) {
      throw wrong("a name and -A exclude each other: a name is looked for in one namespace");
    }
    if (everywhere && connection().asked().isPresent()) {
      throw wrong("-n and -A exclude each other");
    }
    if (watch && output != null && output != OutputFormat.WIDE) {
      throw wrong("--watch is for people: use kubectl get gitsync --watch -o " + output);
    }
  }

  @Override
  int run(Session session) throws CliException, InterruptedException {
    if (watch) {
      return watch(session);
    }
    List<SyncItem> syncs = name == null ? session.list(everywhere) : List.of(session.get(name));
    OutputFormat format = output;
    if (format != null && format != OutputFormat.WIDE) {
      terminal().out().print(format.print(syncs, name != null));
    } else if (syncs.isEmpty()) {
      terminal().err().println(nothing(session));
    } else {
      text(session, syncs).forEach(terminal().out()::println);
    }
    Optional<String> trouble = trouble(session);
    if (trouble.isPresent()) {
      terminal().out().flush();
      throw new CliException(trouble.get());
    }
    return syncs.stream().allMatch(SyncItem::isReady) ? 0 : CliException.PROBLEM;
  }

  /** Why what the GitSyncs say is old. */
  private Optional<String> trouble(Session session) throws InterruptedException {
    return place
        .trouble(session, terminal().clock().instant())
        .map(t -> "this is what was last known, and nothing is deployed now: " + t);
  }

  private int watch(Session session) throws CliException, InterruptedException {
    if (name != null) {
      SyncItem _ = session.get(name);
    }
    boolean screen = terminal().width() > 0;
    List<String> shown = List.of();
    Optional<String> trouble = Optional.empty();
    long asked = System.nanoTime() - SyncWatch.TICK.toNanos();
    try (SyncWatch changes = SyncWatch.open(session, everywhere)) {
      do {
        List<SyncItem> syncs =
            changes.known().stream()
                .filter(s -> name == null || s.key().equals(changes.key(name)))
                .toList();
        List<String> lines = new ArrayList<>();
        lines.addAll(syncs.isEmpty() ? List.of(nothing(session)) : text(session, syncs));
        // Not at each of many changes.
        if (System.nanoTime() - asked >= SyncWatch.TICK.toNanos()) {
          trouble = trouble(session);
          asked = System.nanoTime();
        }
        trouble.ifPresent(t -> lines.addAll(List.of("", t)));
        if (!lines.equals(shown)) {
          terminal().out().print(screen ? "\u001b[H\u001b[2J" : shown.isEmpty() ? "" : "\n");
          lines.forEach(terminal().out()::println);
          terminal().out().flush();
        }
        shown = lines;
        if (terminal().out().checkError()) {
          // Whoever read it has gone.
          return 0;
        }
      } while (changes.await(SyncWatch.TICK));
    }
    return 0;
  }

  private List<String> text(Session session, List<SyncItem> syncs) {
    return new StatusText(
            new StatusTable.Shape(everywhere, output == OutputFormat.WIDE),
            terminal().style(),
            terminal().width(),
            terminal().clock().instant(),
            session::scope)
        .lines(syncs, name != null);
  }

  private String nothing(Session session) {
    return everywhere
        ? "no GitSync in any namespace"
        : "no GitSync in namespace " + session.namespace() + "; in all of them: fairlead status -A";
  }
}
