package dev.fairlead.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was done and when, in a file and, the last of it, in memory. Any thread may call. */
final class Journal {
  private static final int REMEMBERED = 50;

  private final Path file;
  private final Deque<String> last = new ArrayDeque<>();

  Journal(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  synchronized void note(String what) {
    String line = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + what;
    if (last.size() == REMEMBERED) {
      last.removeFirst();
    }
    last.addLast(line);
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last lines. */
  synchronized String last() {
    return String.join("\n", last);
  }
}
