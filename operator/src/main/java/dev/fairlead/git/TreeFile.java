package dev.fairlead.git;

/**
 * A regular file in a commit.
 *
 * @param path from the repository's root, with slashes
 * @param blobId hash of its content: equal ids mean equal bytes
 * @param size in bytes
 */
public record TreeFile(String path, String blobId, long size) {}
