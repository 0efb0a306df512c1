package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

/** Tells where the lines of files come from. Any thread may ask. */
public interface Blames {
  /** Where the lines of a file come from, at the commit that the cluster holds; within seconds. */
  Answer blame(SyncKey sync, String file);

  /** What is answered. */
  sealed interface Answer {
    record Known(Revision revision, Blame blame) implements Answer {
      public Known {
        requireNonNull(revision);
        requireNonNull(blame);
      }
    }

    /**
     * There is no such sync or file, or no commit yet.
     *
     * @param why for people
     */
    record Absent(String why) implements Answer {}

    /**
     * Its history is still being fetched, or cannot be fetched now.
     *
     * @param why for people
     */
    record Later(String why) implements Answer {}
  }
}
