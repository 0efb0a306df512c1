package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

/**
 * Where in the repository something is written.
 *
 * @param file the path from the repository's root, with forward slashes
 * @param document the index of the document within the file, from 0
 * @param line from 1; 0 when only the file is known
 */
public record Origin(String file, int document, int line) {
  public Origin {
    requireNonNull(file);
    if (document < 0 || line < 0) {
      throw new IllegalArgumentException("document and line are never negative");
    }
  }

  public static Origin ofFile(String file) {
    return new Origin(file, 0, 0);
  }

  public Origin atLine(int other) {
    return new Origin(file, document, other);
  }

  /** {@code deploy/web.yaml:21}, or the file alone. */
  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line;
  }
}
