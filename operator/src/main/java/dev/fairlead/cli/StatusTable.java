package dev.fairlead.cli;

import dev.fairlead.model.Condition;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One line for each GitSync. Pure. */
final class StatusTable {
  private static final int SUBJECT = 2;
  private static final String NOTHING = "-";

  /** What the table has. */
  record Shape(boolean namespaces, boolean wide) {}

  private final Shape shape;
  private final Style style;
  private final Instant now;

  StatusTable(Shape shape, Style style, Instant now) {
    this.shape = shape;
    this.style = style;
    this.now = now;
  }

  /**
   * The lines, the header first.
   *
   * @param screen its columns; 0 where nothing bounds it
   */
  List<String> lines(List<SyncItem> syncs, int screen) {
    int revisions =
        syncs.stream().mapToInt(s -> s.running().map(r -> width(r)).orElse(1)).max().orElse(1);
    TextTable table = new TextTable(header());
    syncs.forEach(sync -> table.add(row(sync, revisions)));
    return table.lines(screen, SUBJECT + (shape.namespaces() ? 1 : 0));
  }

  private static int width(Revision revision) {
    return Screen.width(revision.shortForm());
  }

  private List<String> header() {
    List<String> header = new ArrayList<>();
    if (shape.namespaces()) {
      header.add("NAMESPACE");
    }
    header.addAll(List.of("SYNC", "READY", "RUNNING", "SINCE", "OBJECTS"));
    if (shape.wide()) {
      header.addAll(List.of("REASON", "NEWEST", "URL", "PATH"));
    }
    return header;
  }

  private List<String> row(SyncItem sync, int revisions) {
    List<String> row = new ArrayList<>();
    if (shape.namespaces()) {
      row.add(sync.key().namespace());
    }
    row.add(sync.key().name());
    row.add(word(sync) + (sync.suspended() ? ", " + style.faint("suspended") : ""));
    row.add(running(sync, revisions));
    row.add(sync.status().applied().map(a -> Ages.brief(a.at(), now)).orElse(NOTHING));
    row.add(
        sync.running().isEmpty() && sync.status().objects().total() == 0
            ? NOTHING
            : sync.status().objects().toString());
    if (shape.wide()) {
      row.add(sync.ready().map(Condition::reason).filter(r -> !r.isEmpty()).orElse(NOTHING));
      row.add(
          sync.status()
              .source()
              .map(SyncStatus.Source::commit)
              .map(c -> c.revision().shortForm())
              .orElse(NOTHING));
      row.add(sync.spec().map(SyncSpec::url).orElse(NOTHING));
      row.add(sync.spec().map(SyncSpec::path).filter(p -> !p.isEmpty()).orElse("."));
    }
    return row;
  }

  private String word(SyncItem sync) {
    if (sync.deleting()) {
      return style.busy("deleting");
    }
    if (sync.untold()) {
      return style.busy("new");
    }
    if (sync.isReady()) {
      return style.good("yes");
    }
    return sync.isWorking() ? style.busy("working") : style.bad("no");
  }

  private static String running(SyncItem sync, int revisions) {
    return sync.running()
        .map(r ->
            (Screen.pad(r.shortForm(), revisions)
                    + "  "
                    + Screen.line(sync.runningSubject().orElse("")))
                .stripTrailing())
        .orElse("nothing yet");
  }
}
