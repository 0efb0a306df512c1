package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.util.ArrayList;
import java.util.List;

/** What of a tree cannot be used: the first few in words, the others by number. */
final class TreeProblems {
  private static final int SHOWN = 3;

  private final List<String> first = new ArrayList<>();
  private int more;

  void add(String problem) {
    if (first.size() < SHOWN) {
      first.add(problem);
    } else {
      more++;
    }
  }

  /**
   * @throws GitException BUILD_FAILED: there are some
   */
  void throwIfAny() throws GitException {
    if (!first.isEmpty()) {
      String shown = String.join("; ", first);
      throw bad(more > 0 ? shown + "; and " + more + " more like these" : shown);
    }
  }

  static GitException bad(String message) {
    return new GitException(Reason.BUILD_FAILED, message);
  }
}
