package dev.fairlead.cli;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is to be said of one GitSync: its newest commit, what is wrong and what to do. Pure. */
final class StatusDetails {
  /** Who serves while the new pods do not, at the end of a problem. */
  private static final Pattern SERVING =
      Pattern.compile("(.*); ((?:\\d+ (?:old )?pods?|no pod) (?:keeps? serving|serves?)\\b.*)");

  /** How the daemon's own words on a blocked prune go on; the command line has a verb for it. */
  private static final Pattern ANNOTATE = Pattern.compile("\\. To approve it, annotate .*");

  /** That there are further problems, which are told by themselves. */
  private static final Pattern REST = Pattern.compile("; and \\d+ more.*");

  /** So many equal characters are no chance. */
  private static final int SURE = 100;

  private final Style style;
  private final Instant now;
  private final Advice advice;

  StatusDetails(Style style, Instant now, Advice advice) {
    this.style = style;
    this.now = now;
    this.advice = advice;
  }

  /** Whether it needs more words than its line in the table. */
  static boolean isNeeded(SyncItem sync) {
    return !sync.isReady() || sync.suspended() || !sync.malformed().isEmpty();
  }

  /**
   * The lines about it, the first without indentation.
   *
   * @param namespaced whether the namespace is told
   * @param whole whether also what is not wrong is told
   */
  List<String> lines(SyncItem sync, boolean namespaced, boolean whole) {
    List<String> lines = new ArrayList<>();
    lines.add(header(sync, namespaced));
    if (whole) {
      origin(sync, lines);
    }
    state(sync, lines);
    problems(sync, lines);
    waiting(sync, lines);
    advice.of(sync).forEach(line -> lines.add("  " + line));
    if (whole) {
      warnings(sync, lines);
    }
    return lines;
  }

  private String header(SyncItem sync, boolean namespaced) {
    String name = style.bold(namespaced ? sync.key().toString() : sync.key().name());
    return sync.newest()
        .map(c -> name + "  " + c.revision().shortForm() + " by " + of(c))
        .orElse(name + "  no commit was seen yet");
  }

  private String of(Commit commit) {
    return Screen.line(commit.author())
        + ", "
        + Ages.ago(commit.committedAt(), now)
        + ": \""
        + Screen.line(commit.subject())
        + "\"";
  }

  private void origin(SyncItem sync, List<String> lines) {
    sync.spec()
        .ifPresent(spec ->
            lines.add(
                "  from "
                    + Screen.line(spec.url())
                    + (spec.path().isEmpty() ? "" : ", " + Screen.line(spec.path()))));
    sync.status()
        .applied()
        .ifPresent(a ->
            lines.add(
                "  runs "
                    + a.revision().shortForm()
                    + " since "
                    + Ages.brief(a.at(), now)
                    + ", "
                    + counted(sync.status().objects())));
  }

  private static String counted(SyncStatus.ObjectCounts objects) {
    return objects.healthy() == objects.total()
        ? (objects.total() == 1
            ? "1 object, healthy"
            : "all " + objects.total() + " objects healthy")
        : objects.healthy() + " of " + objects.total() + " objects healthy";
  }

  /** What Ready says, unless the problems say it too. */
  private void state(SyncItem sync, List<String> lines) {
    for (String problem : sync.malformed()) {
      lines.add("  " + Screen.line(problem));
    }
    if (sync.deleting()) {
      lines.add("  it is being deleted, and waits for its objects to go");
    }
    if (sync.untold()) {
      lines.add("  the operator has not seen it yet");
      return;
    }
    if (!sync.upToDate()) {
      lines.add("  its spec was changed, which the operator has not acted on yet");
    }
    Condition ready = sync.ready().orElseThrow();
    String message = Screen.line(ANNOTATE.matcher(Screen.line(ready.message())).replaceFirst(""));
    if (ready.state() != Condition.State.TRUE && !message.isEmpty() && !isTold(sync, ready)) {
      lines.add("  " + message);
    }
  }

  private static boolean isTold(SyncItem sync, Condition ready) {
    return sync.status().problems().stream()
        .findFirst()
        .filter(p -> !p.message().isEmpty())
        .map(p -> isAllOf(ready.message(), p.message()))
        .orElse(false);
  }

  /** Whether the problem is all that a message is about. Either may have been cut. */
  private static boolean isAllOf(String message, String problem) {
    String begin = problem.endsWith("…") ? problem.substring(0, problem.length() - 1) : problem;
    int at = message.indexOf(begin);
    if (at < 0) {
      return message.endsWith("…")
          && message.contains(begin.substring(0, Math.min(SURE, begin.length())));
    }
    String rest = message.substring(at + begin.length());
    return rest.length() <= 1 || problem.endsWith("…") || REST.matcher(rest).matches();
  }

  private void problems(SyncItem sync, List<String> lines) {
    List<Problem> problems = sync.status().problems();
    for (Problem problem : problems) {
      String message = Screen.line(problem.message());
      Matcher serving = SERVING.matcher(message);
      boolean served = serving.matches();
      String what = served ? serving.group(1) : message;
      lines.add(
          "  " + (problem.object().isEmpty() ? "" : Screen.line(problem.object()) + ": ") + what);
      if (!problem.file().isEmpty()) {
        lines.add(
            "    "
                + Screen.line(problem.file())
                + (problem.line() > 0 ? ":" + problem.line() : ""));
      }
      if (served) {
        lines.add("    " + serving.group(2));
      }
    }
    int more = sync.status().problemCount() - problems.size();
    if (more > 0 && !problems.isEmpty()) {
      lines.add("  and " + more + (more == 1 ? " more problem" : " more problems"));
    }
  }

  /** What a prune or a plan would do. */
  private static void waiting(SyncItem sync, List<String> lines) {
    sync.status()
        .pendingPrune()
        .ifPresent(p -> {
          p.first().forEach(o -> lines.add("    " + Screen.line(o)));
          more(p.objects() - p.first().size(), lines);
        });
    sync.status()
        .plan()
        .filter(_ -> sync.isBecause(Reason.OUT_OF_SYNC))
        .ifPresent(p -> {
          p.first().forEach(o -> lines.add("    " + Screen.line(o)));
          more(p.create() + p.update() + p.prune() + p.drifted() - p.first().size(), lines);
        });
  }

  private static void more(int more, List<String> lines) {
    if (more > 0) {
      lines.add("    and " + more + " more");
    }
  }

  private void warnings(SyncItem sync, List<String> lines) {
    for (String warning : sync.status().warnings()) {
      lines.add("  " + style.busy("warning:") + " " + Screen.line(warning));
    }
    List<SyncStatus.Deployment> history = sync.status().history();
    if (!history.isEmpty()) {
      lines.add("  last deployments");
    }
    for (SyncStatus.Deployment deployment : history.subList(0, Math.min(3, history.size()))) {
      Revision revision = deployment.revision();
      lines.add(
          "    %s  %s, %s: \"%s\" by %s"
              .formatted(
                  revision.shortForm(),
                  deployment.result(),
                  Ages.ago(deployment.startedAt(), now),
                  Screen.line(deployment.subject()),
                  Screen.line(deployment.author())));
    }
  }
}
