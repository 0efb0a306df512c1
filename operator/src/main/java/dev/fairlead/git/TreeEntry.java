package dev.fairlead.git;

import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;

/** What a directory of a commit says of one name in it. The object need not be what it says. */
record TreeEntry(String name, int mode, ObjectId id) {
  boolean isDirectory() {
    return FileMode.TREE.equals(mode);
  }

  boolean isSymlink() {
    return FileMode.SYMLINK.equals(mode);
  }

  boolean isSubmodule() {
    return FileMode.GITLINK.equals(mode);
  }

  boolean isFile() {
    return !isDirectory() && !isSymlink() && !isSubmodule();
  }
}
