package dev.fairlead.git;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * One line of an ignore file, with Git's meaning of it ({@code gitignore(5)}), bytes and oddities
 * included. Immutable.
 */
final class IgnorePattern {
  /** Without {@code !} before and {@code /} behind it. */
  private final byte[] glob;

  /** How many of its first bytes have no special meaning. */
  private final int literal;

  private final boolean negated;
  private final boolean directories;

  /** Whether it has no slash, and so matches names at any depth. */
  private final boolean anywhere;

  private IgnorePattern(byte[] glob, boolean negated, boolean directories) {
    this.glob = glob;
    this.literal = literal(glob);
    this.negated = negated;
    this.directories = directories;
    boolean slash = false;
    for (byte b : glob) {
      slash |= b == '/';
    }
    this.anywhere = !slash;
  }

  /** Whether what it matches is not ignored after all. */
  boolean negated() {
    return negated;
  }

  /** Empty for a line that is blank or a comment. */
  static Optional<IgnorePattern> parse(byte[] line) {
    if (line.length > 0 && line[0] == '#') {
      return Optional.empty();
    }
    int end = line.length;
    if (end > 0 && line[end - 1] == '\r') {
      end--;
    }
    end = withoutTrailingSpaces(line, end);
    int start = end > 0 && line[0] == '!' ? 1 : 0;
    boolean directories = end > start && line[end - 1] == '/';
    if (directories) {
      end--;
    }
    if (end <= start) {
      return Optional.empty();
    }
    byte[] glob = Arrays.copyOfRange(line, start, end);
    return Optional.of(new IgnorePattern(glob, start == 1, directories));
  }

  /** A space behind a backslash stays. */
  private static int withoutTrailingSpaces(byte[] line, int end) {
    int last = -1;
    for (int i = 0; i < end; i++) {
      if (line[i] == ' ') {
        last = last < 0 ? i : last;
      } else {
        last = -1;
        if (line[i] == '\\') {
          i++;
        }
      }
    }
    return last < 0 ? end : last;
  }

  private static int literal(byte[] glob) {
    for (int i = 0; i < glob.length; i++) {
      if (glob[i] == '*' || glob[i] == '?' || glob[i] == '[' || glob[i] == '\\') {
        return i;
      }
    }
    return glob.length;
  }

  /**
   * @param path from the repository's root, as UTF-8
   * @param base where the part of it begins that is below the pattern's own directory
   * @param name where its last segment begins
   */
  boolean matches(byte[] path, int base, int name, boolean directory, IgnoreBudget budget)
      throws GitException {
    budget.add(1);
    if (directories && !directory) {
      return false;
    }
    if (anywhere) {
      return literal == glob.length
          ? Arrays.equals(glob, 0, glob.length, path, name, path.length)
          : Wildmatch.matches(glob, 0, glob.length, path, name, path.length, false, budget);
    }
    int from = glob[0] == '/' ? 1 : 0;
    // As Git does it: what is compared first is no longer a part of the pattern, so that in a**/b
    // the stars stand at its beginning.
    int to = Math.max(from, literal);
    int compared = to - from;
    if (compared > path.length - base
        || !Arrays.equals(glob, from, to, path, base, base + compared)) {
      return false;
    }
    return Wildmatch.matches(
        glob, to, glob.length, path, base + compared, path.length, true, budget);
  }

  @Override
  public String toString() {
    return new String(glob, StandardCharsets.UTF_8);
  }
}
