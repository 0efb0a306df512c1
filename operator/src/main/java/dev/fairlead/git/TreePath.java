package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.util.ArrayList;
import java.util.List;

/** Paths of a commit: relative to its root, with slashes, {@code ""} for the root. */
final class TreePath {
  private static final int SHOWN = 200;

  private TreePath() {}

  static String join(String directory, String name) {
    return directory.isEmpty() ? name : name.isEmpty() ? directory : directory + "/" + name;
  }

  static List<String> segments(String path) {
    return path.isEmpty() ? List.of() : List.of(path.split("/", -1));
  }

  static int depth(String path) {
    return segments(path).size();
  }

  /** Whether one is the other, or a directory that it lies in. */
  static boolean holds(String directory, String path) {
    return directory.isEmpty() || path.equals(directory) || path.startsWith(directory + "/");
  }

  /** For a message. */
  static String shown(String path) {
    return path.isEmpty() ? "\"\"" : Text.cut(path, SHOWN);
  }

  /**
   * A path as people write it ({@code ./deploy/}) in the one form used here ({@code deploy}).
   *
   * @throws GitException PATH_NOT_FOUND: it has {@code ..} in it
   */
  static String normalise(String path) throws GitException {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      switch (part) {
        case "", "." -> {}
        case ".." ->
            throw new GitException(
                Reason.PATH_NOT_FOUND, "spec.path must not have .. in it: " + shown(path));
        default -> parts.add(part);
      }
    }
    return String.join("/", parts);
  }
}
