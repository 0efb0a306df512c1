package dev.fairlead.runtime;

/** How soon a key wants a worker, most urgent first. */
public enum Priority {
  /** A person waits, or there is new work: a commit, an edit of a spec. */
  HIGH,
  /** A watch said that something changed. */
  NORMAL,
  /** Nobody waits: a look at Git, a verify pass, status that may be late. */
  LOW;

  /** The more urgent of the two. */
  public Priority orHigher(Priority other) {
    return compareTo(other) <= 0 ? this : other;
  }
}
