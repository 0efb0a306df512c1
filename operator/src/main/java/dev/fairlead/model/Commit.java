package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a person wants to know of a commit.
 *
 * @param revision the commit and the ref that led to it
 * @param author the author's name, without the address; at most 100 characters
 * @param subject the first line of the message; at most 200 characters
 * @param committedAt the committer's date, to the second
 */
public record Commit(Revision revision, String author, String subject, Instant committedAt) {
  public Commit {
    requireNonNull(revision);
    requireNonNull(author);
    requireNonNull(subject);
    requireNonNull(committedAt);
  }
}
