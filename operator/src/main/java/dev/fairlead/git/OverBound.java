package dev.fairlead.git;

import java.io.IOException;

/** What was about to be written would take a mirror, or all of them, over a bound on the disk. */
final class OverBound extends IOException {
  /** Which bound. */
  enum Kind {
    /** {@link GitLimits.Disk#mirrorBytes}. */
    MIRROR,
    /** {@link GitLimits.Disk#cacheBytes}. */
    CACHE,
    /** {@link GitLimits.Disk#freeBytes}. */
    FREE,
    /** {@link GitLimits.Pack#objects} of all that is in one mirror; counted in objects. */
    OBJECTS
  }

  private static final long LITTLE = 64 * 1024;
  private static final int LITTLE_PART = 64;

  private final Kind kind;
  private final long bound;
  private final long taken;
  private final long wanted;

  /**
   * @param bound as it was set
   * @param taken before; of {@link Kind#FREE} what is free
   * @param wanted at least so many bytes more; it is not known how many in all
   */
  OverBound(Kind kind, long bound, long taken, long wanted) {
    super("over the bound " + kind + " of " + bound);
    this.kind = kind;
    this.bound = bound;
    this.taken = taken;
    this.wanted = wanted;
  }

  Kind kind() {
    return kind;
  }

  long bound() {
    return bound;
  }

  long taken() {
    return taken;
  }

  long wanted() {
    return wanted;
  }

  /** For how much there should be room before it is tried again: it is not known how much helps. */
  long worthTrying() {
    return wanted + Math.max(LITTLE, wanted / LITTLE_PART);
  }

  /** With so much room it may well fit. */
  long ample() {
    return 2 * wanted;
  }
}
