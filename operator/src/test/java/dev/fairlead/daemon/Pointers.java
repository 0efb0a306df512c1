package dev.fairlead.daemon;

import java.util.Arrays;
import java.util.List;

/** JSON pointers (RFC 6901) and their segments. */
final class Pointers {
  private Pointers() {}

  /** {@code /a/b~1c} as {@code a}, {@code b/c}. */
  static List<String> segments(String pointer) {
    return Arrays.stream(pointer.substring(1).split("/", -1))
        .map(s -> s.replace("~1", "/").replace("~0", "~"))
        .toList();
  }

  /** The pointer to a member or an item of what another pointer names. */
  static String append(String pointer, String segment) {
    return pointer + "/" + segment.replace("~", "~0").replace("/", "~1");
  }
}
