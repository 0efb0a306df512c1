package dev.fairlead.git;

/**
 * A regular file in a commit.
 *
 * @param path from the repository's root, with slashes: where its content can be edited
 * @param readAs the name that it is read by, which says what kind of file it is: its own path, or
 *     that of a symbolic link that leads to it, where it is not read by its own
 * @param blobId hash of its content: equal ids mean equal bytes
 * @param size in bytes
 */
public record TreeFile(String path, String readAs, String blobId, long size) {
  /** One that is read by its own name. */
  public TreeFile(String path, String blobId, long size) {
    this(path, path, blobId, size);
  }

  /** The same in a repository that is at {@code directory} of another. */
  TreeFile below(String directory) {
    return new TreeFile(
        TreePath.join(directory, path), TreePath.join(directory, readAs), blobId, size);
  }
}
