package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Everything that bounds what a repository, or the server behind it, can cost. The defaults fit a
 * heap of 64 MiB.
 *
 * @param allowFileUrls whether {@code file://} urls may be used
 * @param parallelRequests conversations with Git servers at the same time, over all mirrors; a
 *     quarter of them may unpack what was sent, which takes memory
 */
public record GitLimits(
    boolean allowFileUrls, int parallelRequests, Pack pack, Disk disk, Tree tree) {
  private static final int MIB = 1024 * 1024;

  public static final GitLimits DEFAULT =
      new GitLimits(false, 16, Pack.DEFAULT, Disk.DEFAULT, Tree.DEFAULT);

  public GitLimits {
    Bounds.atLeast(1, parallelRequests);
    requireNonNull(pack);
    requireNonNull(disk);
    requireNonNull(tree);
  }

  /** How many packs may be unpacked at the same time, once they are here. */
  int parallelUnpacking() {
    return Math.max(1, parallelRequests / 4);
  }

  /**
   * What one fetch may bring.
   *
   * @param bytes on the wire
   * @param objects commits, directories and files
   * @param objectBytes of one object when unpacked; two of them must fit into the heap
   */
  public record Pack(long bytes, long objects, long objectBytes) {
    public static final Pack DEFAULT = new Pack(256L * MIB, 200_000, 16L * MIB);

    /** Deltas of deltas; Git itself writes no more, and 50 unless it is told to. */
    static final int DEPTH = 4095;

    /** Even where a fetch may bring less: 1,000 commits of a small repository have it. */
    private static final long LEAST_UNPACKED = 2048L * MIB;

    private static final int UNPACKED = 8;
    private static final int READINGS = 16;
    private static final int SHARES = 16;

    public Pack {
      Bounds.atLeast(1, bytes);
      Bounds.atLeast(1, objects);
      Bounds.atLeast(1, objectBytes);
    }

    /** Heap, in bytes, for unpacking: two objects, or lists of as many objects as are allowed. */
    long memory() {
      return Math.max(2 * objectBytes, objects * BoundedPackParser.DELTA);
    }

    /** What of it each fetch may take at any time; only one at a time may take more. */
    long share() {
      return memory() / SHARES;
    }

    /** Of all objects together. */
    long unpackedBytes() {
      return Math.max(UNPACKED * bytes, LEAST_UNPACKED);
    }

    /** The bytes to make, if each object of a pack is read once, with all that it is made from. */
    long reading() {
      return READINGS * unpackedBytes();
    }
  }

  /**
   * What the mirrors may take on the disk.
   *
   * @param freeBytes must be left free by a fetch
   * @param mirrorBytes of one mirror; while it is repacked it is there twice for a moment
   * @param cacheBytes of all mirrors together, what is being written counted
   * @param packs are held until the mirror is repacked
   * @param keepUnused how long a commit that is neither pinned nor newest stays readable at least,
   *     unless a bound is hit
   */
  public record Disk(
      long freeBytes, long mirrorBytes, long cacheBytes, int packs, Duration keepUnused) {
    public static final Disk DEFAULT =
        new Disk(64L * MIB, 512L * MIB, 2048L * MIB, 50, Duration.ofMinutes(30));

    public Disk {
      Bounds.atLeast(0, freeBytes);
      Bounds.atLeast(1, mirrorBytes);
      Bounds.atLeast(1, cacheBytes);
      Bounds.atLeast(1, packs);
      Bounds.atLeast(0, keepUnused.toMillis());
    }
  }

  /**
   * What one walk through a tree may meet.
   *
   * @param entries looked at, whether or not they are wanted
   * @param bytes of one directory's object
   * @param depth of directories, counted from the root
   * @param files that are wanted
   * @param reading to unpack what is read, waiting not counted: once for the directories, and once
   *     for the files
   */
  public record Tree(int entries, int bytes, int depth, int files, Duration reading) {
    public static final Tree DEFAULT = new Tree(100_000, 4 * MIB, 64, 20_000);

    /** With the time for reading that suffices for all repositories that Git itself packs. */
    public Tree(int entries, int bytes, int depth, int files) {
      this(entries, bytes, depth, files, Duration.ofSeconds(20));
    }

    public Tree {
      Bounds.atLeast(1, entries);
      Bounds.atLeast(1, bytes);
      Bounds.atLeast(1, depth);
      Bounds.atLeast(1, files);
      Bounds.atLeast(1, reading.toMillis());
    }
  }

  /** Apart, so that a part of the limits can be made before {@link #DEFAULT} is. */
  private static final class Bounds {
    static void atLeast(long least, long value) {
      if (value < least) {
        throw new IllegalArgumentException("a limit of " + value + " is less than " + least);
      }
    }
  }
}
