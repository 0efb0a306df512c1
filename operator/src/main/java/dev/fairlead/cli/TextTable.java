package dev.fairlead.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Lines whose columns stand below each other, two spaces apart. Where they are wider than the
 * screen, one column gives way. Pure.
 */
final class TextTable {
  private static final String GAP = "  ";

  /** The least that the column that gives way keeps. */
  private static final int LEAST = 16;

  private final List<List<String>> rows = new ArrayList<>();

  TextTable(List<String> header) {
    add(header);
  }

  /** Adds a row with as many cells as the header. */
  void add(List<String> cells) {
    if (!rows.isEmpty() && cells.size() != rows.getFirst().size()) {
      throw new IllegalArgumentException("a row has as many cells as the header");
    }
    rows.add(List.copyOf(cells));
  }

  /**
   * The lines of the table, the header first.
   *
   * @param screen its columns; 0 where nothing bounds it
   * @param flexible the column that is cut where the screen is too narrow
   */
  List<String> lines(int screen, int flexible) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], Screen.width(row.get(i)));
      }
    }
    int total = GAP.length() * (columns - 1);
    for (int width : widths) {
      total += width;
    }
    if (screen > 0 && total > screen) {
      widths[flexible] =
          Math.min(widths[flexible], Math.max(LEAST, widths[flexible] - (total - screen)));
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = i == flexible ? Screen.cut(row.get(i), widths[i]) : row.get(i);
        line.append(i == 0 ? "" : GAP).append(Screen.pad(cell, widths[i]));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
