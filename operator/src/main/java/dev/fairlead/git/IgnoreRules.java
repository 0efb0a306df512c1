package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What of a tree is ignored at one directory: the patterns of the spec, then those of the ignore
 * files from this directory up to the sync's path. The first that has something to say decides, as
 * with {@code git ls-files --exclude=... --exclude-per-directory=...}. Immutable, but for the
 * budget that it counts: for one reading on one thread.
 */
final class IgnoreRules {
  static final String FILE = ".fairleadignore";

  /** Of one file, and of all that count at one place. */
  static final int BYTES = 64 * 1024;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final Scope spec;
  private final @Nullable Scope files;
  private final IgnoreBudget budget;

  /** The patterns of one list, for what is below {@code directory}. */
  private record Scope(
      int directory, List<IgnorePattern> patterns, int bytes, @Nullable Scope outer) {
    Optional<Boolean> ignores(byte[] path, int name, boolean isDirectory, IgnoreBudget budget)
        throws GitException {
      for (int i = patterns.size() - 1; i >= 0; i--) {
        IgnorePattern pattern = patterns.get(i);
        if (pattern.matches(path, directory, name, isDirectory, budget)) {
          return Optional.of(!pattern.negated());
        }
      }
      return Optional.empty();
    }
  }

  private IgnoreRules(Scope spec, @Nullable Scope files, IgnoreBudget budget) {
    this.spec = spec;
    this.files = files;
    this.budget = budget;
  }

  /**
   * @param directory the sync's path, from the repository's root
   * @param spec patterns that have the last word, as if they stood there
   */
  static IgnoreRules of(String directory, List<String> spec) {
    List<IgnorePattern> patterns = new ArrayList<>();
    for (String line : spec) {
      IgnorePattern.parse(line.getBytes(StandardCharsets.UTF_8)).ifPresent(patterns::add);
    }
    return new IgnoreRules(
        new Scope(base(directory), List.copyOf(patterns), 0, null), null, new IgnoreBudget());
  }

  /**
   * The rules in a directory that has an ignore file.
   *
   * @param directory from the root
   * @throws GitException BUILD_FAILED: the files up to here are too large
   */
  IgnoreRules with(String directory, byte[] file) throws GitException {
    budget.add(file.length);
    int bytes = file.length + (files == null ? 0 : files.bytes());
    if (bytes > BYTES) {
      throw new GitException(
          Reason.BUILD_FAILED,
          Text.cut(directory.isEmpty() ? FILE : directory + "/" + FILE, 200)
              + ": together with those above it, it is over the limit of "
              + Text.size(BYTES));
    }
    return new IgnoreRules(spec, new Scope(base(directory), parse(file), bytes, files), budget);
  }

  private static List<IgnorePattern> parse(byte[] file) {
    List<IgnorePattern> patterns = new ArrayList<>();
    int start = file.length >= 3 && Arrays.equals(file, 0, 3, BYTE_ORDER_MARK, 0, 3) ? 3 : 0;
    while (start < file.length) {
      int end = start;
      while (end < file.length && file[end] != '\n') {
        end++;
      }
      int stop = start;
      while (stop < end && file[stop] != 0) {
        stop++;
      }
      IgnorePattern.parse(Arrays.copyOfRange(file, start, stop)).ifPresent(patterns::add);
      start = end + 1;
    }
    return List.copyOf(patterns);
  }

  /**
   * Whether something in a directory that is not ignored itself is.
   *
   * @param path from the root
   */
  boolean ignores(String path, boolean directory) throws GitException {
    if (spec.patterns().isEmpty() && files == null) {
      return false;
    }
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    int name = path.substring(0, path.lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8).length;
    Optional<Boolean> said = spec.ignores(bytes, name, directory, budget);
    for (Scope scope = files; said.isEmpty() && scope != null; scope = scope.outer()) {
      said = scope.ignores(bytes, name, directory, budget);
    }
    return said.orElse(false);
  }

  /** Where what is below a directory begins in a path. */
  private static int base(String directory) {
    return directory.isEmpty() ? 0 : directory.getBytes(StandardCharsets.UTF_8).length + 1;
  }
}
