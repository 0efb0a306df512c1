package dev.fairlead.manifest;

import dev.fairlead.model.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is wrong with one file: a number of findings, of which not all are kept. For one thread. */
final class FileFindings {
  private static final int SHOWN = 100;

  /** They come in the order of lines, but for those of whole objects. */
  private static final int KEPT = 1_000;

  private final List<Finding> kept = new ArrayList<>();
  private int count;

  void add(Finding finding) {
    count++;
    if (kept.size() < KEPT) {
      kept.add(finding);
    }
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** Those that are shown, in the order of lines. */
  List<Finding> shown() {
    kept.sort(Comparator.comparingInt(f -> f.origin().line()));
    if (count <= SHOWN) {
      return kept;
    }
    List<Finding> first = new ArrayList<>(kept.subList(0, SHOWN));
    Origin last = kept.get(SHOWN).origin();
    first.add(new Finding(last, "and %d more problems in this file".formatted(count - SHOWN)));
    return first;
  }
}
