package dev.fairlead.schema;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * Something wrong with a manifest, in words for the person who wrote it.
 *
 * @param weight how sure it is that the server refuses it too
 * @param field the path of the field, as kubectl writes it
 * @param line from 1; 0 when no file is known
 * @param column from 1; 0 when no file is known
 * @param message with the field, without the place, and never with a value of a Secret
 */
public record FieldFinding(Weight weight, String field, int line, int column, String message) {
  /** The order in which findings of one file are told. */
  public static final Comparator<FieldFinding> BY_PLACE =
      Comparator.comparingInt(FieldFinding::line)
          .thenComparingInt(FieldFinding::column)
          .thenComparing(FieldFinding::message);

  /** How sure it is. */
  public enum Weight {
    /** The manifest cannot be read as its kind, whatever the cluster holds. */
    MALFORMED,
    /**
     * The server's validation refuses such an object; but what it judges is the object as it comes
     * out of the apply, which others may have completed.
     */
    INVALID
  }

  public FieldFinding {
    requireNonNull(weight);
    requireNonNull(field);
    requireNonNull(message);
  }

  public boolean malformed() {
    return weight == Weight.MALFORMED;
  }
}
