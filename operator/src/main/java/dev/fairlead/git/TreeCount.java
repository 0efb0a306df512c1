package dev.fairlead.git;

/**
 * What one reading has met so far, over all the repositories that it goes through, against what it
 * may meet. For one thread.
 */
final class TreeCount {
  /** Of symbolic links that lead to something that is read. */
  static final int LINKS = 1_000;

  /** Of a path, on the average over as many as are allowed. */
  private static final long CHARACTERS = 100;

  private final GitLimits.Tree limits;
  private int entries;
  private int files;
  private int links;
  private int steps;
  private long held;

  TreeCount(GitLimits.Tree limits) {
    this.limits = limits;
  }

  TreeCount copy() {
    var copy = new TreeCount(limits);
    copy.entries = entries;
    copy.files = files;
    copy.links = links;
    copy.steps = steps;
    copy.held = held;
    return copy;
  }

  GitLimits.Tree limits() {
    return limits;
  }

  /** A name was looked at, whether or not it is wanted. */
  void entry() throws GitException {
    if (++entries > limits.entries()) {
      throw TreeProblems.bad(
          "there are more than the allowed "
              + limits.entries()
              + " files and directories; narrow spec.path");
    }
  }

  /** A file is wanted. */
  void file() throws GitException {
    if (++files > limits.files()) {
      throw TreeProblems.bad(
          "there are more than the allowed "
              + limits.files()
              + " manifest files; narrow spec.path"
              + " or split the sync");
    }
  }

  /** These paths are kept in memory. Equal ones are one. */
  void held(String path, String place) throws GitException {
    held += path.length() + (path.equals(place) ? 0 : place.length());
    long most = limits.entries() * CHARACTERS;
    if (held > most) {
      throw TreeProblems.bad(
          "the paths of files and directories have more than the allowed "
              + most
              + " characters together; narrow spec.path");
    }
  }

  /** A symbolic link is followed. */
  void link() throws GitException {
    if (++links > LINKS) {
      throw TreeProblems.bad(
          "there are more than the allowed "
              + LINKS
              + " symbolic links to follow; narrow spec.path, or name some in spec.ignore");
    }
  }

  /** What it takes to find out where links lead: names gone through and looked at on the way. */
  void steps(int number) throws GitException {
    steps += number;
    if (steps > limits.entries()) {
      throw TreeProblems.bad(
          "to see where the symbolic links lead takes more than the allowed "
              + limits.entries()
              + " files and directories to look at; narrow spec.path, or name links in"
              + " spec.ignore");
    }
  }
}
