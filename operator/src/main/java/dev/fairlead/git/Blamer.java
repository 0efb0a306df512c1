package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.blame.BlameGenerator;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Goes back from a file's lines to the commits that wrote them, over merges and renames, as {@code
 * git blame} does. What the oldest fetched commits seem to have written is older: their parents are
 * not there.
 */
final class Blamer {
  /** Larger files are written by programs, and JGit holds each version in memory. */
  private static final int MOST_BYTES = 1 << 20;

  private static final int AUTHOR = 100;
  private static final int SUBJECT = 200;

  private Blamer() {}

  /**
   * @param depth how far the store's history goes back, in commits
   * @throws GitException PATH_NOT_FOUND: there is no such file; BUILD_FAILED: it is too large
   */
  static Blame blame(Store store, ObjectId commit, String path, int depth)
      throws GitException, IOException, InterruptedException {
    requireFile(store, commit, path);
    Set<ObjectId> oldest = store.repository().getObjectDatabase().getShallowCommits();
    List<Blame.Lines> found = new ArrayList<>();
    try (Turns.Turn _ = store.repository().reading();
        BlameGenerator generator = new BlameGenerator(store.repository(), path)) {
      generator.push(null, commit);
      while (generator.next()) {
        if (Thread.interrupted()) {
          throw new InterruptedException("nobody waits for it any more");
        }
        found.add(lines(generator, oldest, depth));
      }
    }
    return new Blame(commit.name(), path, joined(found));
  }

  private static void requireFile(Store store, ObjectId commit, String path)
      throws GitException, IOException {
    try (ObjectReader reader = store.repository().newObjectReader();
        TreeWalk walk = TreeWalk.forPath(reader, path, store.rootTree(commit))) {
      boolean file =
          walk != null
              && (walk.getFileMode(0).equals(FileMode.REGULAR_FILE)
                  || walk.getFileMode(0).equals(FileMode.EXECUTABLE_FILE));
      if (!file) {
        throw new GitException(
            Reason.PATH_NOT_FOUND,
            "there is no file " + Text.cut(path, 200) + " in commit " + commit.name());
      }
      long size = reader.getObjectSize(walk.getObjectId(0), Constants.OBJ_BLOB);
      if (size > MOST_BYTES) {
        throw new GitException(
            Reason.BUILD_FAILED,
            Text.cut(path, 200)
                + " has "
                + Text.size(size)
                + ", and the history of files up to "
                + Text.size(MOST_BYTES)
                + " is told");
      }
    }
  }

  private static Blame.Lines lines(BlameGenerator at, Set<ObjectId> oldest, int depth) {
    int first = at.getResultStart() + 1;
    int count = at.getResultEnd() - at.getResultStart();
    RevCommit commit = at.getSourceCommit();
    if (oldest.contains(commit)) {
      return new Blame.Lines(first, count, Optional.empty(), depth);
    }
    PersonIdent author = at.getSourceAuthor();
    Blame.Change change =
        new Blame.Change(
            commit.name(),
            Text.cut(author.getName(), AUTHOR - 3),
            author.getWhenAsInstant(),
            Text.cut(commit.getFirstMessageLine(), SUBJECT - 3),
            Text.cut(at.getSourcePath(), 1000),
            at.getSourceStart() + 1);
    return new Blame.Lines(first, count, Optional.of(change), 0);
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
