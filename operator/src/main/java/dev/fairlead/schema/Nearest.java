package dev.fairlead.schema;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was meant by a misspelled one. Stateless. */
public final class Nearest {
  private static final int LONGEST = 80;

  private Nearest() {}

  /**
   * The known name that takes the fewest edits (letters added, dropped, changed or swapped), if it
   * takes few; the first in the alphabet of several. Case counts for nothing.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    String wanted = name.toLowerCase(Locale.ROOT);
    int best = Math.max(1, name.length() / 3) + 1;
    String nearest = "";
    for (String candidate : known) {
      String other = candidate.toLowerCase(Locale.ROOT);
      if (Math.abs(other.length() - wanted.length()) >= best && !related(wanted, other)) {
        continue;
      }
      int edits = related(wanted, other) ? Math.min(1, edits(wanted, other)) : edits(wanted, other);
      if (edits < best
          || (edits == best && !nearest.isEmpty() && candidate.compareTo(nearest) < 0)) {
        best = edits;
        nearest = candidate;
      }
    }
    return nearest.isEmpty() ? Optional.empty() : Optional.of(nearest);
  }

  /** Singular and plural of one word. */
  private static boolean related(String one, String other) {
    return (one + "s").equals(other) || (other + "s").equals(one);
  }

  private static int edits(String from, String to) {
    int[][] table = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          table[i][j] = i + j;
          continue;
        }
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int edits =
            Math.min(
                table[i - 1][j - 1] + (same ? 0 : 1),
                Math.min(table[i - 1][j], table[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          edits = Math.min(edits, table[i - 2][j - 2] + 1);
        }
        table[i][j] = edits;
      }
    }
    return table[from.length()][to.length()];
  }
}
