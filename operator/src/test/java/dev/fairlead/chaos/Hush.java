package dev.fairlead.chaos;

import java.util.ArrayList;
import java.util.List;

/** How every value of a Secret begins here, and the search for one where none may be. */
final class Hush {
  static final String PLAIN = "hush-";
  private static final String ENCODED = Item.base64(PLAIN).substring(0, 6);
  private static final int AROUND = 120;

  private Hush() {}

  /** The places of a text where a value of a Secret begins, each with what is around it. */
  static List<String> in(String where, String text) {
    List<String> found = new ArrayList<>();
    for (String mark : List.of(PLAIN, ENCODED)) {
      int at = text.indexOf(mark);
      if (at >= 0) {
        found.add(
            where
                + ": "
                + text.substring(Math.max(0, at - AROUND), Math.min(text.length(), at + AROUND)));
      }
    }
    return found;
  }
}
