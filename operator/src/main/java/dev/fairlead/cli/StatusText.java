package dev.fairlead.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What {@code fairlead status} prints: the table, and below it what is to be said of those that are
 * not Ready. Pure.
 *
 * @param screen columns; 0 where nothing bounds it
 * @param scope what a command needs to find a GitSync of that namespace, see {@link Advice}
 */
record StatusText(
    StatusTable.Shape shape, Style style, int screen, Instant now, UnaryOperator<String> scope) {
  /**
   * The lines.
   *
   * @param single whether there is one, which was asked for by its name
   */
  List<String> lines(List<SyncItem> syncs, boolean single) {
    List<String> lines = new ArrayList<>(new StatusTable(shape, style, now).lines(syncs, screen));
    int warnings = 0;
    for (SyncItem sync : syncs) {
      if (single || StatusDetails.isNeeded(sync)) {
        Advice advice = new Advice(scope.apply(sync.key().namespace()));
        lines.add("");
        lines.addAll(new StatusDetails(style, now, advice).lines(sync, shape.namespaces(), single));
      }
      warnings += single ? 0 : sync.status().warnings().size();
    }
    if (warnings > 0) {
      lines.add("");
      lines.add(
          warnings
              + (warnings == 1 ? " warning" : " warnings")
              + "; to read them:  fairlead status SYNC");
    }
    return lines;
  }
}
