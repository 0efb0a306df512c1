package dev.fairlead.manifest;

/**
 * How much of a repository is read before it is refused, so that no commit can exhaust the daemon.
 *
 * @param maxFileBytes the size of one file, in bytes
 * @param maxFiles the files of one sync
 * @param maxObjects the objects of one sync
 * @param maxDepth how deep mappings and lists of a document may nest, aliases followed
 * @param maxExpandedNodes the values that all documents of one file may hold, those behind an alias
 *     counted as often as it is used
 * @param maxMemory what the files of one sync that are read at a time may take of the heap, in
 *     bytes
 */
public record Limits(
    int maxFileBytes,
    int maxFiles,
    int maxObjects,
    int maxDepth,
    int maxExpandedNodes,
    long maxMemory) {
  /**
   * What is enough for all repositories that we know of: the largest bundles of resource
   * definitions have 4 MiB, 120,000 values and a depth of 60.
   */
  public static final Limits DEFAULT = new Limits(8 << 20, 20_000, 20_000, 200, 300_000, 1L << 30);

  /** What a thread's stack can hold when a document is written again. */
  private static final int DEEPEST = 1_000;

  public Limits {
    if (maxFileBytes < 1
        || maxFiles < 1
        || maxObjects < 1
        || maxDepth < 1
        || maxExpandedNodes < 1
        || maxMemory < 1) {
      throw new IllegalArgumentException("limits are positive");
    }
    if (maxDepth > DEEPEST) {
      throw new IllegalArgumentException(
          "--max-nesting: has to be " + DEEPEST + " at most, and is " + maxDepth);
    }
  }

  public Limits withMaxMemory(long bytes) {
    return new Limits(maxFileBytes, maxFiles, maxObjects, maxDepth, maxExpandedNodes, bytes);
  }
}
