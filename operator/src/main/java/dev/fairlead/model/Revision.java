package dev.fairlead.model;

import java.util.regex.Pattern;

/**
 * A commit and the ref that led to it; written {@code main@sha1:<40 hex>} in status.
 *
 * @param ref the branch, tag or {@code HEAD} that was followed, or {@code commit} when it was named
 *     by hash
 * @param commit 40 lower-case hex digits
 */
public record Revision(String ref, String commit) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{40}");
  private static final String ALGORITHM = "@sha1:";

  public Revision {
    if (ref.isEmpty()) {
      throw new IllegalArgumentException("a revision needs its ref");
    }
    if (!HEX.matcher(commit).matches()) {
      throw new IllegalArgumentException("not a commit hash: " + commit);
    }
  }

  /** Reads {@link #toString()}'s form; an {@link IllegalArgumentException} says what is wrong. */
  public static Revision parse(String text) {
    int at = text.lastIndexOf(ALGORITHM);
    if (at < 0) {
      throw new IllegalArgumentException("not a revision: " + text);
    }
    return new Revision(text.substring(0, at), text.substring(at + ALGORITHM.length()));
  }

  /** As {@code kubectl get} prints it: {@code main@1f2e3d4}. */
  public String shortForm() {
    return ref + "@" + commit.substring(0, 7);
  }

  @Override
  public String toString() {
    return ref + ALGORITHM + commit;
  }
}
