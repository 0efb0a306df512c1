package dev.fairlead.reconcile;

import dev.fairlead.model.SyncStatus.Problem;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How problems read in messages. */
final class ProblemText {
  /** A message is cut there; Kubernetes allows 32 KiB, people read less. */
  static final int MAX_MESSAGE = 1_000;

  private ProblemText() {}

  /**
   * Begins with the place, as exactly as it is known: {@code deploy/web.yaml:21:7: Deployment
   * portfolio/web: ...}.
   */
  static String describe(Problem problem) {
    StringBuilder out = new StringBuilder();
    if (!problem.file().isEmpty()) {
      out.append(problem.file());
      if (problem.line() > 0) {
        out.append(':').append(problem.line());
        if (problem.column() > 0) {
          out.append(':').append(problem.column());
        }
      }
      out.append(": ");
    }
    if (!problem.object().isEmpty()) {
      out.append(problem.object()).append(": ");
    }
    return out.append(problem.message()).toString();
  }

  /** The same problems, each since when it was first told of if it was among these before. */
  static List<Problem> since(List<Problem> problems, List<Problem> before) {
    Map<Identity, Instant> known = new HashMap<>();
    for (Problem old : before) {
      known.putIfAbsent(Identity.of(old), old.since());
    }
    return problems.stream()
        .map(p -> {
          Instant since = known.getOrDefault(Identity.of(p), p.since());
          return since.equals(p.since()) ? p : p.withSince(since);
        })
        .toList();
  }

  /** What makes two problems the same one; its text may change. */
  private record Identity(String object, String file, int line, String reason) {
    static Identity of(Problem p) {
      return new Identity(p.object(), p.file(), p.line(), p.reason());
    }
  }

  static Problem cut(Problem p) {
    return new Problem(
        p.object(), p.file(), p.line(), p.column(), p.reason(), cut(p.message()), p.since());
  }

  static String cut(String message) {
    if (message.length() <= MAX_MESSAGE) {
      return message;
    }
    int end = MAX_MESSAGE - 1;
    // Half of a character would be no character.
    return message.substring(0, Character.isHighSurrogate(message.charAt(end - 1)) ? end - 1 : end)
        + "…";
  }
}
