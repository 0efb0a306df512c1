package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.SyncKey;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether an object goes from the sync that has it to one that waits for it, so that it is
 * neither deleted here and made anew there, nor ever without an owner.
 *
 * <p>Who waits was allowed by the API server to write the object: its own write was answered with
 * the conflict that names the holder, and permissions are looked at before conflicts. So nobody
 * gets, or keeps from being pruned, what it only mentions.
 *
 * <p>Stateless: any thread may call.
 */
public final class HandOver {
  private HandOver() {}

  /**
   * A sync that wants what another has.
   *
   * @param able whether it could take the object now: it exists, is readable, neither suspended nor
   *     being deleted
   * @param near whether it follows the repository of the holder
   */
  public record Waiter(SyncKey sync, boolean able, boolean near) {
    public Waiter {
      requireNonNull(sync);
    }
  }

  /**
   * One object that a sync has.
   *
   * @param wanted whether the newest commit of the holder that passed its check has it
   * @param resting whether the holder is suspended, and so is not to be touched
   * @param finishing whether the holder is being deleted, and so wants nothing any more
   * @param going whether the object itself is being deleted
   * @param waiters the longest waiting first
   */
  public record Facts(
      boolean wanted, boolean resting, boolean finishing, boolean going, List<Waiter> waiters) {
    public Facts {
      waiters = List.copyOf(waiters);
    }
  }

  /** Who gets it; nobody when it stays. */
  public static Optional<SyncKey> heir(Facts facts) {
    if (facts.going()) {
      return Optional.empty();
    }
    if (!facts.finishing() && (facts.wanted() || facts.resting())) {
      return Optional.empty();
    }
    // A move within a repository is more likely than one between two.
    return facts.waiters().stream()
        .filter(w -> w.able() && w.near())
        .findFirst()
        .or(() -> facts.waiters().stream().filter(Waiter::able).findFirst())
        .map(Waiter::sync);
  }
}
