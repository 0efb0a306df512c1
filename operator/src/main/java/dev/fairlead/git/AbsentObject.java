package dev.fairlead.git;

import java.io.IOException;
import org.eclipse.jgit.lib.ObjectId;

/**
 * An object that a commit names, under this path, is not in the mirror: either the mirror lost it,
 * or the repository does not have it.
 */
final class AbsentObject extends IOException {
  private final String path;
  private final ObjectId id;

  AbsentObject(String path, ObjectId id, IOException cause) {
    super(cause);
    this.path = path;
    this.id = id;
  }

  /** From the root of the repository. */
  String path() {
    return path;
  }

  ObjectId id() {
    return id;
  }
}
