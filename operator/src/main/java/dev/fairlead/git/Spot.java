package dev.fairlead.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.jspecify.annotations.Nullable;

/**
 * Where a file lies in one commit.
 *
 * @param path from the root
 * @param directories on the way to it, the root first
 * @param blob its content
 */
record Spot(String path, List<ObjectId> directories, ObjectId blob) {
  Spot {
    directories = List.copyOf(directories);
  }

  /**
   * The file of that path, unless there is something else, or nothing. One directory at a time is
   * held, and what is the same as in another commit is not read.
   *
   * @param near where the file lies in that other one
   */
  static Optional<Spot> find(ObjectReader reader, ObjectId root, String path, @Nullable Spot near)
      throws IOException {
    List<String> segments = TreePath.segments(path);
    List<ObjectId> directories = new ArrayList<>();
    ObjectId at = root;
    for (int level = 0; level < segments.size(); level++) {
      if (near != null && near.path.equals(path) && near.directories.get(level).equals(at)) {
        directories.addAll(near.directories.subList(level, near.directories.size()));
        return Optional.of(new Spot(path, directories, near.blob));
      }
      directories.add(at);
      CanonicalTreeParser entry = entry(reader, at, segments.get(level));
      boolean last = level == segments.size() - 1;
      if (entry == null || !(last ? isFile(entry) : isMode(entry, FileMode.TREE))) {
        return Optional.empty();
      }
      at = entry.getEntryObjectId();
    }
    return segments.isEmpty() ? Optional.empty() : Optional.of(new Spot(path, directories, at));
  }

  private static boolean isFile(CanonicalTreeParser entry) {
    return isMode(entry, FileMode.REGULAR_FILE) || isMode(entry, FileMode.EXECUTABLE_FILE);
  }

  private static boolean isMode(CanonicalTreeParser entry, FileMode mode) {
    return mode.equals(entry.getEntryRawMode());
  }

  private static @Nullable CanonicalTreeParser entry(
      ObjectReader reader, ObjectId directory, String name) throws IOException {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    var at = new CanonicalTreeParser();
    at.reset(reader.open(directory, Constants.OBJ_TREE).getCachedBytes(Integer.MAX_VALUE));
    for (; !at.eof(); at.next(1)) {
      int end = at.getEntryPathLength();
      int start = end - at.getNameLength();
      if (Arrays.equals(at.getEntryPathBuffer(), start, end, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return null;
  }
}
