package dev.fairlead.reconcile;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import java.util.Optional;

/** The keys of Jobs as {@code status.finishedJobs} writes them: {@code Job namespace/name}. */
final class JobKeys {
  static final GroupKind KIND = new GroupKind("batch", "Job");

  private static final String JOB = "Job ";

  private JobKeys() {}

  /** Reads {@link ObjectKey#toString()} of a Job; empty for anything else. */
  static Optional<ObjectKey> parse(String text) {
    int slash = text.indexOf('/');
    return text.startsWith(JOB) && slash > 0
        ? Optional.of(
            new ObjectKey(
                "batch", "Job", text.substring(JOB.length(), slash), text.substring(slash + 1)))
        : Optional.empty();
  }
}
