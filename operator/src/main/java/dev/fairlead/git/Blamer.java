package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/** Tells of each line of a file where it comes from, as {@code git blame} does. */
final class Blamer {
  private Blamer() {}

  /**
   * @param depth how far the store's history goes back, in commits
   * @throws GitException PATH_NOT_FOUND: there is no such file; BUILD_FAILED: it, or one that it
   *     was, is too large; FETCH_FAILED: it takes too long
   */
  static Blame blame(Store store, ObjectId commit, String path, int depth, BlameWork work)
      throws GitException, IOException, InterruptedException {
    try (Turns.Turn _ = work.begin();
        LineOrigins origins = new LineOrigins(work, store.repository(), depth)) {
      Spot spot =
          origins
              .find(commit, path)
              .orElseThrow(() ->
                  new GitException(
                      Reason.PATH_NOT_FOUND,
                      "there is no file " + Text.cut(path, 200) + " in commit " + commit.name()));
      return new Blame(commit.name(), path, joined(origins.of(commit, spot)));
    } catch (BlameWork.Over e) {
      throw new GitException(e.reason(), Text.cut(path, 200) + " " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      boolean _ = Thread.interrupted();
      throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
    }
  }

  /** In order, and in one piece what belongs together. */
  private static List<Blame.Lines> joined(List<Blame.Lines> found) {
    found.sort(Comparator.comparingInt(Blame.Lines::first));
    List<Blame.Lines> all = new ArrayList<>();
    for (Blame.Lines next : found) {
      Blame.Lines last = all.isEmpty() ? null : all.getLast();
      if (last != null && follows(last, next)) {
        all.removeLast();
        all.add(
            new Blame.Lines(
                last.first(), last.count() + next.count(), last.change(), last.olderThan()));
      } else {
        all.add(next);
      }
    }
    return all;
  }

  private static boolean follows(Blame.Lines last, Blame.Lines next) {
    if (last.change().isEmpty() || next.change().isEmpty()) {
      return last.change().isEmpty() && next.change().isEmpty();
    }
    Blame.Change one = last.change().get();
    Blame.Change two = next.change().get();
    return one.commit().equals(two.commit())
        && one.file().equals(two.file())
        && one.line() + last.count() == two.line();
  }
}
