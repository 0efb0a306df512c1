package dev.fairlead.cli;

import dev.fairlead.model.Condition;
import dev.fairlead.model.SyncKey;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waits until GitSyncs are done, and says how they come along: one line whenever that changes. For
 * one thread.
 */
final class Waiting {
  /** A state that may be of before the request, or pass at once, has to last so long. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  /** When it is worth saying that nobody acts. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private static final Duration TICK = Duration.ofMillis(500);

  private final Session session;
  private final PrintWriter progress;

  Waiting(Session session, PrintWriter progress) {
    this.session = session;
    this.progress = progress;
  }

  /** What is waited for. */
  interface Goal {
    /** Whether the operator has acted on what was asked. */
    boolean isTaken(SyncItem sync);
  }

  private record Course(String said, long since, boolean hinted) {}

  /**
   * Waits until each has been acted on and is Ready, or will not be without somebody's doing.
   *
   * @param goals by GitSync
   * @return the GitSyncs as they are then; those that are not done after {@code limit} are still
   *     working, or were not acted on
   */
  Map<SyncKey, SyncItem> until(Map<SyncKey, Goal> goals, Duration limit)
      throws CliException, InterruptedException {
    long began = System.nanoTime();
    Map<SyncKey, SyncItem> result = new LinkedHashMap<>();
    Map<SyncKey, Course> courses = new HashMap<>();
    Set<SyncKey> open = new HashSet<>(goals.keySet());
    int width = goals.keySet().stream().mapToInt(k -> Screen.width(k.name())).max().orElse(0);
    try (SyncWatch watch = SyncWatch.open(session, false)) {
      while (true) {
        for (Map.Entry<SyncKey, Goal> wanted : goals.entrySet()) {
          SyncKey key = wanted.getKey();
          if (!open.contains(key)) {
            continue;
          }
          Optional<SyncItem> found = watch.find(key);
          if (found.isEmpty()) {
            throw new CliException("GitSync " + key.name() + " was deleted meanwhile");
          }
          SyncItem sync = found.get();
          result.put(key, sync);
          Course course = tell(key, width, sync, wanted.getValue(), courses.get(key), began);
          courses.put(key, course);
          if (isDone(sync, wanted.getValue(), course)) {
            open.remove(key);
          }
        }
        if (open.isEmpty() || since(began).compareTo(limit) > 0) {
          return result;
        }
        boolean _ = watch.await(TICK);
      }
    }
  }

  private static boolean isDone(SyncItem sync, Goal goal, Course course) {
    return goal.isTaken(sync)
        && (sync.isReady() || (!sync.isWorking() && since(course.since()).compareTo(SETTLED) > 0));
  }

  private Course tell(
      SyncKey key, int width, SyncItem sync, Goal goal, @Nullable Course before, long began) {
    String says = goal.isTaken(sync) ? describe(sync) : "asked";
    String name = Screen.pad(key.name(), width);
    if (before == null || !before.said().equals(says)) {
      progress.println(name + "  " + says);
      progress.flush();
      return new Course(says, System.nanoTime(), false);
    }
    if (!before.hinted() && !goal.isTaken(sync) && since(began).compareTo(SILENCE) > 0) {
      progress.println(
          name + "  no answer from the operator yet; is it running?  fairlead version");
      progress.flush();
      return new Course(says, before.since(), true);
    }
    return before;
  }

  /** How it is, in one line. */
  static String describe(SyncItem sync) {
    if (sync.isReady()) {
      return "ready: "
          + sync.running().map(r -> r.shortForm() + ", ").orElse("")
          + objects(sync.status().objects().total());
    }
    return sync.ready()
        .map(Condition::message)
        .map(Screen::line)
        .filter(m -> !m.isEmpty())
        .orElse("waiting");
  }

  private static String objects(int count) {
    return count == 1 ? "1 object" : count + " objects";
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  /** Says of each that is not Ready why, and what to do; what the command ends with. */
  static int conclude(
      List<SyncItem> syncs, Map<SyncKey, Goal> goals, Terminal terminal, Session session) {
    int code = 0;
    for (SyncItem sync : syncs) {
      Goal goal = goals.get(sync.key());
      boolean taken = goal == null || goal.isTaken(sync);
      if (taken && sync.isReady()) {
        continue;
      }
      code = CliException.PROBLEM;
      if (!taken) {
        terminal
            .err()
            .println(
                sync.key().name()
                    + ": the operator did not act in time; is it running?  fairlead version");
      } else {
        terminal.out().println();
        new StatusDetails(
                terminal.style(),
                terminal.clock().instant(),
                new Advice(session.scope(sync.key().namespace())))
            .lines(sync, false, false)
            .forEach(terminal.out()::println);
        if (sync.isWorking()) {
          terminal.err().println(sync.key().name() + ": not done in time; it goes on");
        }
      }
    }
    return code;
  }
}
