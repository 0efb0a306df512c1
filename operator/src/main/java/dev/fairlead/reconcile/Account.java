package dev.fairlead.reconcile;

import dev.fairlead.model.Digest;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.SyncView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What this process can tell of one sync beyond its status.
 *
 * <p>Guarantees: all of it can be lost without harm. Any thread may call it; its monitor guards all
 * fields.
 */
final class Account {
  private Optional<SyncView.Attempt> attempt = Optional.empty();
  private Optional<List<Problem>> problems = Optional.empty();
  private Optional<RefusedCommit> refused = Optional.empty();
  private Optional<Digest> logged = Optional.empty();
  private final List<History.Overtaken> overtaken = new ArrayList<>();

  /** The last attempt to put a commit into the cluster. */
  synchronized Optional<SyncView.Attempt> attempt() {
    return attempt;
  }

  synchronized void attempted(SyncView.Attempt value) {
    attempt = Optional.of(value);
  }

  /**
   * Another commit takes the place of one that was written. It is told of if nothing has been said
   * of it by then; not many ever wait for that.
   */
  synchronized void overtaken(History.Overtaken one) {
    if (overtaken.size() == SyncStatus.MAX_HISTORY) {
      overtaken.removeFirst();
    }
    overtaken.add(one);
  }

  /**
   * The commits that were overtaken and are not told of yet.
   *
   * @param told what is
   */
  synchronized List<History.Overtaken> overtaken(List<SyncStatus.Deployment> told) {
    overtaken.removeIf(
        o -> told.stream().anyMatch(d -> d.revision().equals(o.attempt().commit().revision())));
    return List.copyOf(overtaken);
  }

  /** All problems, worst first; absent before the first report of this process. */
  synchronized Optional<List<Problem>> problems() {
    return problems;
  }

  synchronized void problems(List<Problem> all) {
    problems = Optional.of(List.copyOf(all));
  }

  /** The commit that is refused at present. */
  synchronized Optional<RefusedCommit> refused() {
    return refused;
  }

  synchronized void refused(RefusedCommit commit) {
    refused = Optional.of(commit);
  }

  /**
   * No commit is refused any more.
   *
   * @param agreed whether cluster and Git agree, so that another refusal is news in any case
   */
  synchronized void notRefused(boolean agreed) {
    refused = Optional.empty();
    if (agreed) {
      logged = Optional.empty();
    }
  }

  /** The commit that is refused, if the log has not said so yet; it is about to. */
  synchronized Optional<RefusedCommit> toLog() {
    Optional<Digest> now = refused.map(RefusedCommit::identity);
    if (now.isEmpty() || now.equals(logged)) {
      return Optional.empty();
    }
    logged = now;
    return refused;
  }
}
