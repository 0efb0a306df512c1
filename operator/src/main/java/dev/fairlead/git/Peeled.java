package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevTag;
import org.eclipse.jgit.revwalk.RevWalk;

/** Goes from annotated tags to their commit, and refuses what is too large before it is read. */
final class Peeled {
  /** Tags that point to tags. */
  static final int TAGS_IN_A_ROW = 10;

  /** Of a commit or a tag; it is read as a whole. */
  static final int BYTES = 1024 * 1024;

  private Peeled() {}

  /**
   * The commit that an object is or, as an annotated tag, points to; empty when it is something
   * else.
   *
   * @throws GitException BUILD_FAILED: it, or a tag on the way, is too large, or there are too many
   */
  static Optional<ObjectId> commitOf(Repository repository, ObjectId object)
      throws GitException, IOException {
    try (var reader = repository.newObjectReader();
        var walk = new RevWalk(reader)) {
      ObjectId at = object;
      for (int tags = 0; tags <= TAGS_IN_A_ROW; tags++) {
        long size = reader.getObjectSize(at, ObjectReader.OBJ_ANY);
        if (size > BYTES) {
          throw new GitException(
              Reason.BUILD_FAILED,
              "the commit or tag "
                  + at.name()
                  + " has "
                  + Text.size(size)
                  + ", more than the limit of "
                  + Text.size(BYTES)
                  + " for its message and all: shorten it");
        }
        RevObject parsed = walk.parseAny(at);
        if (!(parsed instanceof RevTag tag)) {
          return parsed instanceof RevCommit ? Optional.of(parsed.copy()) : Optional.empty();
        }
        at = tag.getObject();
      }
    }
    throw new GitException(
        Reason.BUILD_FAILED,
        "the tag "
            + object.name()
            + " leads through more than the allowed "
            + TAGS_IN_A_ROW
            + " other tags: tag the commit itself");
  }
}
