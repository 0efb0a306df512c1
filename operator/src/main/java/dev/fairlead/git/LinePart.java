package dev.fairlead.git;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;

/**
 * Lines of the file that is asked for which followed each other in a version of it, too.
 *
 * @param at the first, in the file that is asked for, from 0
 * @param before the same in the version
 */
record LinePart(int at, int before, int count) {
  /** What an older version has of some parts, and what it has not. */
  record Split(List<LinePart> older, List<LinePart> own) {}

  /**
   * @param edits what was changed in the older version, in order
   */
  static Split split(List<LinePart> parts, EditList edits) {
    List<LinePart> older = new ArrayList<>();
    List<LinePart> own = new ArrayList<>();
    for (LinePart part : parts) {
      int end = part.before + part.count;
      int next = firstBehind(edits, part.before);
      for (int from = part.before; from < end; ) {
        Edit edit = next < edits.size() ? edits.get(next) : null;
        if (edit != null && edit.getBeginB() <= from) {
          int to = Math.min(end, edit.getEndB());
          if (to > from) {
            add(own, part.cut(from, to, 0));
          }
          next++;
          from = Math.max(from, to);
        } else {
          int to = edit == null ? end : Math.min(end, edit.getBeginB());
          Edit last = next == 0 ? null : edits.get(next - 1);
          add(older, part.cut(from, to, last == null ? 0 : last.getEndA() - last.getEndB()));
          from = to;
        }
      }
    }
    return new Split(older, own);
  }

  /** The first change that does not end before the line. */
  private static int firstBehind(EditList edits, int line) {
    int low = 0;
    int high = edits.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (edits.get(middle).getEndB() <= line) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private LinePart cut(int from, int to, int shift) {
    return new LinePart(at + from - before, from + shift, to - from);
  }

  /** The parts of both, which have no line in common. */
  static List<LinePart> merged(List<LinePart> some, List<LinePart> others) {
    List<LinePart> all = new ArrayList<>();
    Stream.concat(some.stream(), others.stream())
        .sorted(Comparator.comparingInt(LinePart::at))
        .forEach(part -> add(all, part));
    return all;
  }

  /** In one piece what belongs together. */
  private static void add(List<LinePart> to, LinePart part) {
    LinePart last = to.isEmpty() ? null : to.getLast();
    if (last != null
        && last.at + last.count == part.at
        && last.before + last.count == part.before) {
      to.set(to.size() - 1, new LinePart(last.at, last.before, last.count + part.count));
    } else {
      to.add(part);
    }
  }
}
