package dev.fairlead.chaos;

import java.util.List;

/**
 * Something that has to hold at every quiet point.
 *
 * @param name short, for the table
 * @param sentence what holds
 * @param eventual whether it may be false for a while after the last disturbance
 */
record Check(String name, String sentence, boolean eventual, Test test) {

  /** Finds what is otherwise. */
  @FunctionalInterface
  interface Test {
    /** One line for each difference; none when it holds. */
    List<String> differences(QuietPoint at);
  }
}
