package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which commit each line of a file comes from.
 *
 * @param commit at which the file was looked at
 * @param file from the repository's root
 * @param submodule that the file lies in, and whose commits are told then
 * @param lines all of them, in their order
 */
public record Blame(String commit, String file, Optional<Submodule> submodule, List<Lines> lines) {
  public Blame {
    requireNonNull(commit);
    requireNonNull(file);
    requireNonNull(submodule);
    lines = List.copyOf(lines);
  }

  public Blame(String commit, String file, List<Lines> lines) {
    this(commit, file, Optional.empty(), lines);
  }

  /**
   * Another repository, at a commit.
   *
   * @param path where it lies, from the root of the first repository
   * @param url of the repository, for people
   * @param commit as the repository around it names it
   */
  public record Submodule(String path, String url, String commit) {
    public Submodule {
      requireNonNull(path);
      requireNonNull(url);
      requireNonNull(commit);
    }
  }

  /**
   * Lines that follow each other and come from one commit.
   *
   * @param first its number, from 1 on
   * @param count at least 1
   * @param change absent when they are older than the history that was fetched
   * @param olderThan how many commits back that goes; 0 when the change is known
   */
  public record Lines(int first, int count, Optional<Change> change, int olderThan) {
    public Lines {
      if (first < 1 || count < 1 || change.isPresent() != (olderThan == 0)) {
        throw new IllegalArgumentException("no lines: " + first + ", " + count + ", " + olderThan);
      }
    }
  }

  /**
   * The commit that wrote lines.
   *
   * @param author a name
   * @param authoredAt when the author wrote it
   * @param subject the first line of the message
   * @param file what the file was called then, in its own repository
   * @param line where the first of the lines was then
   */
  public record Change(
      String commit, String author, Instant authoredAt, String subject, String file, int line) {}
}
