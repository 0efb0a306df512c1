package dev.fairlead.git;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which names of one directory would be something else in a working copy elsewhere, so that whoever
 * reviewed there saw something else than what would be applied.
 */
final class TreeNames {
  private final Map<String, String> spellings = new HashMap<>();

  /** What is wrong with a name that counts. */
  Optional<String> problem(String path, String name) {
    Optional<String> odd = odd(path, name);
    if (odd.isPresent()) {
      return odd;
    }
    // Where names ignore case (macOS, Windows) there would be only one of the two.
    String twin = spellings.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
    return twin == null
        ? Optional.empty()
        : Optional.of(
            TreePath.shown(path)
                + ": rename it, only the case differs from "
                + TreePath.shown(twin));
  }

  /** What is wrong with it, whatever else is there. */
  static Optional<String> odd(String path, String name) {
    if (name.indexOf('\\') >= 0) {
      return Optional.of(TreePath.shown(path) + ": rename it, a name must not have a backslash");
    }
    if (name.codePoints().anyMatch(Text::odd)) {
      return Optional.of(
          TreePath.shown(path)
              + ": rename it, a name must not have control or invisible characters");
    }
    return Optional.empty();
  }
}
