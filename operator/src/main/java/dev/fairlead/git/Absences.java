package dev.fairlead.git;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Remembers which objects of which commits were missing in which store, to tell a mirror that lost
 * one, which is built anew, from a repository that never had it, for which that would go on for
 * ever. Any thread may call.
 */
final class Absences {
  private static final int REMEMBERED = 200;

  private final Map<String, Path> stores =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Path> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** Whether it was missing before, in another store: then the repository lacks it. */
  synchronized boolean again(String commit, ObjectId object, Path store) {
    Path first = stores.putIfAbsent(commit + object.name(), store);
    return first != null && !first.equals(store);
  }
}
