package dev.fairlead.reconcile;

import dev.fairlead.model.SyncStatus.Problem;

/** How problems read in messages. */
final class ProblemText {
  /** A message is cut there; Kubernetes allows 32 KiB, people read less. */
  static final int MAX_MESSAGE = 1_000;

  private ProblemText() {}

  /** Begins with the place: {@code deploy/web.yaml:21: Deployment portfolio/web: ...}. */
  static String describe(Problem problem) {
    StringBuilder out = new StringBuilder();
    if (!problem.file().isEmpty()) {
      out.append(problem.file());
      if (problem.line() > 0) {
        out.append(':').append(problem.line());
      }
      out.append(": ");
    }
    if (!problem.object().isEmpty()) {
      out.append(problem.object()).append(": ");
    }
    return out.append(problem.message()).toString();
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
