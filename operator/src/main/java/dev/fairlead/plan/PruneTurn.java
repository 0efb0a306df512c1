package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.SyncKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Decides whether a sync may prune yet. What left it may have entered another sync by the same
 * commit, which has not looked at Git yet; so the others of the repository are waited for, but not
 * for ever.
 *
 * <p>Stateless: any thread may call.
 */
public final class PruneTurn {
  /** How long others may take to look at the commit. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long one that is just checking or writing the commit may take. */
  public static final Duration AT_WORK = Duration.ofMinutes(2);

  /** One that cannot read the commit is waited for until it can; this is when to look again. */
  public static final Duration BLIND = Duration.ofMinutes(1);

  private static final Comparator<Sibling> BY_KEY = Comparator.comparing(Sibling::sync);

  private PruneTurn() {}

  /** What another sync of the repository knows of the commit. */
  public enum Sight {
    /** It has not looked since. */
    UNSEEN,
    /** It has seen it, or a later one. */
    SEEN,
    /** It has looked and could not read the repository. */
    UNREACHABLE
  }

  /**
   * Another sync of the same repository, which is neither suspended nor being deleted.
   *
   * @param tried whether it has tried what it saw: it is written or refused, and nothing has
   *     happened since that makes another try worth while
   * @param atWork whether it is being tried at this moment
   * @param blind whether it cannot read what it saw, and so what it wants of it, and is of the same
   *     namespace: others must not be able to hold up a prune for as long as they like
   */
  public record Sibling(SyncKey sync, Sight sight, boolean tried, boolean atWork, boolean blind) {
    public Sibling {
      requireNonNull(sync);
      requireNonNull(sight);
    }
  }

  /** Whether it may. */
  public sealed interface Turn {
    /** It may. */
    record Now() implements Turn {}

    /**
     * Not yet.
     *
     * @param siblings those that are waited for, in their order
     * @param look whether one of them has to look at Git first
     * @param until when it may at the latest, as things are
     */
    record Await(List<SyncKey> siblings, boolean look, Instant until) implements Turn {
      public Await {
        siblings = List.copyOf(siblings);
      }
    }
  }

  /**
   * @param since when the sync first wanted to prune what this commit removed
   */
  public static Turn decide(List<Sibling> siblings, Instant since, Instant now) {
    List<Sibling> awaited =
        siblings.stream().filter(s -> until(s, since, now).isAfter(now)).sorted(BY_KEY).toList();
    if (awaited.isEmpty()) {
      return new Turn.Now();
    }
    return new Turn.Await(
        awaited.stream().map(Sibling::sync).toList(),
        awaited.stream().anyMatch(s -> s.sight() == Sight.UNSEEN),
        awaited.stream().map(s -> until(s, since, now)).max(Instant::compareTo).orElse(now));
  }

  private static Instant until(Sibling sibling, Instant since, Instant now) {
    return switch (sibling.sight()) {
      case UNREACHABLE -> Instant.MIN;
      case UNSEEN -> since.plus(PATIENCE);
      case SEEN -> {
        if (!sibling.tried()) {
          yield since.plus(sibling.atWork() ? AT_WORK : PATIENCE);
        }
        yield sibling.blind() ? now.plus(BLIND) : Instant.MIN;
      }
    };
  }
}
