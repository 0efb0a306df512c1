package dev.fairlead.git;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectIdOwnerMap;

/**
 * The deltas of one pack, as JGit resolves them: depth first, each base held until the last delta
 * of it was resolved. Counts what that holds, how deep they lie, and what reading each object will
 * cost, before any of it is spent. For one thread.
 */
final class DeltaForest {
  private final GitLimits.Pack limits;
  private final PackMemory memory;

  /** The base of each delta that names it by its place; sorted once all are here. */
  private long[] places = new long[64];

  private int placed;
  private final ObjectIdOwnerMap<Hashed> hashed = new ObjectIdOwnerMap<>();

  /** The bases that are held, the newest first. */
  private final Deque<Base> held = new ArrayDeque<>();

  /** The bytes that one object of the tree may be made from. */
  private long mostOfOne;

  private long external;
  private long reading;
  private long heaviest;

  // Of the delta that is being resolved.
  private long delta;
  private long result;
  private int depth;
  private long path;

  private static final class Hashed extends ObjectIdOwnerMap.Entry {
    int children;

    Hashed(AnyObjectId id) {
      super(id);
    }
  }

  private static final class Base {
    final long size;
    final int depth;

    /** The bytes of it and all that it is made from. */
    final long path;

    int children;

    Base(long size, int depth, long path, int children) {
      this.size = size;
      this.depth = depth;
      this.path = path;
      this.children = children;
    }
  }

  DeltaForest(GitLimits.Pack limits, PackMemory memory) {
    this.limits = limits;
    this.memory = memory;
  }

  /** There is a delta of what lies at this place. */
  void deltaOf(long place) {
    if (placed == places.length) {
      places = Arrays.copyOf(places, 2 * placed);
    }
    places[placed++] = place;
  }

  /** There is a delta of the object with this hash, which may be in the pack or not. */
  void deltaOf(AnyObjectId id) {
    Hashed base = hashed.get(id);
    if (base == null) {
      base = new Hashed(id);
      hashed.add(base);
    }
    base.children++;
  }

  /** All are known. */
  void received() {
    Arrays.sort(places, 0, placed);
  }

  /**
   * The deltas of this whole object are resolved next.
   *
   * @param most how many bytes one of them may be made from, all that it is made from counted
   */
  void tree(long place, AnyObjectId id, long size, long most) throws IOException {
    begin(most);
    memory.hold(size);
    push(place, id, size, 0, size);
  }

  /**
   * The deltas of an object that is not in the pack are resolved next; it is held until all are.
   */
  void externalTree(AnyObjectId id, long size, long most) throws IOException {
    begin(most);
    memory.hold(size);
    external = size;
    push(-1, id, 0, 0, size);
  }

  private void begin(long most) {
    mostOfOne = most;
    memory.release(external);
    external = 0;
    held.forEach(base -> memory.release(base.size));
    held.clear();
  }

  /** The next delta is about to be read and applied. */
  void apply(long deltaBytes, long resultBytes) throws IOException {
    Base base = held.getFirst();
    delta = deltaBytes;
    result = resultBytes;
    depth = base.depth + 1;
    path = base.path + deltaBytes + resultBytes;
    if (depth > GitLimits.Pack.DEPTH) {
      throw new PackTooLarge(
          "an object in it is a delta of a delta, and so on more than "
              + GitLimits.Pack.DEPTH
              + " times; 'git repack -a -d -f' on the server mends that");
    }
    if (path > mostOfOne) {
      throw new PackTooLarge(
          "a commit or tag in it is made from more than "
              + Text.size(mostOfOne)
              + " of others; 'git repack -a -d -f' on the server mends that");
    }
    reading += path;
    if (reading > limits.reading()) {
      throw new PackTooLarge(
          "its files are made from one another so often that to read them takes more than "
              + Text.size(limits.reading())
              + "; 'git repack -a -d -f' on the server mends that, if they are not that large");
    }
    memory.hold(deltaBytes + resultBytes);
    heaviest = Math.max(heaviest, Math.max(base.size, external) + deltaBytes + resultBytes);
  }

  /** It is resolved, and turned out to be this object. */
  void resolved(long place, AnyObjectId id) {
    memory.release(delta);
    Base base = held.getFirst();
    if (--base.children == 0) {
      held.removeFirst();
      memory.release(base.size);
    }
    if (!push(place, id, result, depth, path)) {
      memory.release(result);
    }
  }

  private boolean push(long place, AnyObjectId id, long size, int atDepth, long withPath) {
    int children = childrenOf(place) + takeChildrenOf(id);
    if (children > 0) {
      held.addFirst(new Base(size, atDepth, withPath, children));
    }
    return children > 0;
  }

  private int childrenOf(long place) {
    return firstFrom(place + 1) - firstFrom(place);
  }

  private int firstFrom(long place) {
    int low = 0;
    int high = placed;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (places[middle] < place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Where an object is there twice, the first one gets them. */
  private int takeChildrenOf(AnyObjectId id) {
    Hashed base = hashed.get(id);
    if (base == null) {
      return 0;
    }
    int children = base.children;
    base.children = 0;
    return children;
  }

  /** The most that reading one of the objects holds: its base, the delta and itself. */
  long heaviest() {
    return heaviest;
  }
}
