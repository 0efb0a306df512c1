package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Digest;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A commit that cannot be put into the cluster as it is.
 *
 * @param revision short, for people
 * @param problems all that is wrong with it
 */
record RefusedCommit(String revision, Reason reason, List<Problem> problems) {
  /** How much of it one log line holds; docs/operations.md says so too. */
  static final int MOST_PROBLEMS = 200;

  static final int MOST_CHARACTERS = 32_000;

  RefusedCommit {
    requireNonNull(revision);
    requireNonNull(reason);
    problems = List.copyOf(problems);
  }

  /**
   * What makes two refusals the same news: the commit, and which objects have which class of
   * problem. Texts vary, since the API server tells of some mistakes by chance.
   */
  Digest identity() {
    return Digest.of(
        problems.stream()
            .map(p -> p.file() + "\n" + p.object() + "\n" + p.reason())
            .sorted()
            .distinct()
            .collect(Collectors.joining("\n\n", revision + "\n" + reason + "\n\n", "")));
  }

  /** All problems in their order, one a line, as far as there is room. */
  String lines() {
    StringBuilder out = new StringBuilder();
    int told = 0;
    for (Problem problem : problems) {
      String line = ProblemText.cut(ProblemText.describe(problem));
      if (told == MOST_PROBLEMS || out.length() + line.length() > MOST_CHARACTERS) {
        break;
      }
      out.append(told == 0 ? "" : "\n").append(line);
      told++;
    }
    int more = problems.size() - told;
    return more == 0 ? out.toString() : out + "\nand " + more + " more, see /api/v1";
  }
}
