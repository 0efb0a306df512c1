package dev.fairlead.health;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * Why a workload does not become healthy.
 *
 * @param reason one word, Kubernetes' own where it has one
 * @param subject whom it concerns, {@code the new pods}; empty when the workload itself
 * @param clause what is wrong, without what differs each time that it is looked at
 * @param detail what was found out beyond that, with its punctuation; or empty
 * @param more what else is wrong with other pods; or empty
 * @param serving who serves meanwhile; absent when the kind serves nobody
 * @param field of the workload that it is about, as far as is known
 * @param since when it began
 */
public record Finding(
    String reason,
    String subject,
    String clause,
    String detail,
    String more,
    Optional<Serving> serving,
    String field,
    Instant since) {

  /**
   * Who serves.
   *
   * @param old pods of what was there before the change, ready
   * @param current pods of what is wanted, ready
   * @param oldSince since when the newest of the old was made
   */
  public record Serving(int old, int current, Instant oldSince) {}

  public Finding {
    requireNonNull(reason);
    requireNonNull(subject);
    requireNonNull(clause);
    requireNonNull(detail);
    requireNonNull(more);
    requireNonNull(serving);
    requireNonNull(field);
    requireNonNull(since);
  }

  /** Of the workload itself. */
  public static Finding plain(String reason, String clause, String detail, Instant since) {
    return new Finding(reason, "", clause, detail, "", Optional.empty(), "", since);
  }

  /**
   * The same with the words that were used before, where only what differs each time does: a log
   * line has the time in it, an error the port. Nobody needs a new status for these.
   */
  public Finding steadied(Finding before) {
    boolean same =
        reason.equals(before.reason)
            && clause.equals(before.clause)
            && !before.detail.isEmpty()
            && (detail.isEmpty()
                || withoutNumbers(detail).equals(withoutNumbers(before.detail))
                || (isQuote(detail) && isQuote(before.detail)));
    return same
        ? new Finding(reason, subject, clause, before.detail, more, serving, field, since)
        : this;
  }

  /** Whether it is about the same as another. */
  public boolean isLike(Finding other) {
    return reason.equals(other.reason) && clause.equals(other.clause);
  }

  private static boolean isQuote(String detail) {
    return detail.startsWith(Diagnosis.LOG_LINE) || detail.startsWith(ContainerTroubles.SAYS);
  }

  private static String withoutNumbers(String text) {
    return text.replaceAll("[0-9]+", "0");
  }

  /**
   * All of it in one sentence.
   *
   * @param commitAt the commit that ran at a time, if it is known
   */
  public String message(Function<Instant, Optional<String>> commitAt) {
    StringBuilder out = new StringBuilder(subject);
    out.append(subject.isEmpty() ? "" : " ").append(clause).append(detail).append(more);
    serving.ifPresent(s -> out.append("; ").append(words(s, commitAt)));
    return out.toString();
  }

  private static String words(Serving s, Function<Instant, Optional<String>> commitAt) {
    if (s.old() > 0) {
      String commit = commitAt.apply(s.oldSince()).map(c -> " " + c).orElse("");
      return (s.old() == 1 ? "1 old pod keeps serving" : s.old() + " old pods keep serving")
          + commit;
    }
    return switch (s.current()) {
      case 0 -> "no pod serves";
      case 1 -> "1 pod serves";
      default -> s.current() + " pods serve";
    };
  }
}
