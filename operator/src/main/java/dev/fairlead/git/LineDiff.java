package dev.fairlead.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.HashedSequence;
import org.eclipse.jgit.diff.HashedSequenceComparator;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.LowLevelDiffAlgorithm;
import org.eclipse.jgit.diff.MyersDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.diff.Sequence;
import org.eclipse.jgit.diff.SequenceComparator;

/**
 * Compares two versions of a file within the time and memory of one work. JGit's algorithm takes
 * the square of the lines where these are in disorder, and so does what it falls back to where they
 * are alike; it asks nobody in between but whether two lines are the same. For one thread.
 */
final class LineDiff {
  /** What is held of each line of both: hashes, the histogram, and what differs. */
  private static final int LINE = 64;

  /** Lines of a part that are too alike for the histogram; of more, all are taken for new. */
  private static final int ALIKE = 4096;

  /** How often it is asked whether two lines are the same before the clock is looked at. */
  private static final int PORTION = 256;

  private static final LowLevelDiffAlgorithm MYERS = (LowLevelDiffAlgorithm) MyersDiff.INSTANCE;

  private final BlameWork work;
  private final HistogramDiff algorithm = new HistogramDiff();
  private int asked;

  LineDiff(BlameWork work) {
    this.work = work;
    algorithm.setFallbackAlgorithm(new Alike());
  }

  EditList compare(RawText before, RawText after) throws IOException {
    long held = (long) LINE * (before.size() + after.size());
    work.hold(held);
    try {
      return algorithm.diff(new Lines(), before, after);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      work.release(held);
    }
  }

  private void spend() {
    try {
      work.spend();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Lines extends SequenceComparator<RawText> {
    @Override
    public boolean equals(RawText a, int ai, RawText b, int bi) {
      if (++asked % PORTION == 0) {
        spend();
      }
      return RawTextComparator.DEFAULT.equals(a, ai, b, bi);
    }

    @Override
    public int hash(RawText text, int line) {
      return RawTextComparator.DEFAULT.hash(text, line);
    }
  }

  private final class Alike extends LowLevelDiffAlgorithm {
    @Override
    public <S extends Sequence> void diffNonCommon(
        EditList edits,
        HashedSequenceComparator<S> lines,
        HashedSequence<S> before,
        HashedSequence<S> after,
        Edit part) {
      spend();
      if (part.getLengthA() + part.getLengthB() > ALIKE) {
        edits.add(part);
      } else {
        MYERS.diffNonCommon(edits, lines, before, after, part);
      }
    }
  }
}
