package dev.fairlead.model;

/**
 * The most objects that one commit may prune without approval.
 *
 * @param value a count, or a percentage of the sync's objects when {@code percent}
 */
public record MaxPrune(int value, boolean percent) {
  public MaxPrune {
    if (value < 0 || (percent && value > 100)) {
      throw new IllegalArgumentException("maxPrune is a count or a percentage up to 100%");
    }
  }

  /** Reads {@code 10} or {@code 50%}. */
  public static MaxPrune parse(String text) {
    return text.endsWith("%")
        ? new MaxPrune(Integer.parseInt(text.substring(0, text.length() - 1)), true)
        : new MaxPrune(Integer.parseInt(text), false);
  }

  /** Whether removing {@code removed} of {@code total} objects needs no approval. */
  public boolean allows(int removed, int total) {
    return percent ? (long) removed * 100 <= (long) value * total : removed <= value;
  }

  @Override
  public String toString() {
    return percent ? value + "%" : Integer.toString(value);
  }
}
