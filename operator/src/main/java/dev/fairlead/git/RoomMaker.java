package dev.fairlead.git;

import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Makes room among all mirrors of a process. Any thread may call it. */
final class RoomMaker implements Room {
  private final Supplier<List<SharedMirror>> mirrors;

  /**
   * @param mirrors all that somebody holds
   */
  RoomMaker(Supplier<List<SharedMirror>> mirrors) {
    this.mirrors = mirrors;
  }

  @Override
  public boolean make(SharedMirror wanting, OverBound why) throws InterruptedException {
    if (ofAll(why)) {
      for (SharedMirror mirror : mirrors.get()) {
        mirror.giveUpHistory();
      }
    }
    if (!wanting.hasRoom(why, why.ample())) {
      wanting.giveUpUnneeded();
    }
    if (ofAll(why)) {
      List<SharedMirror> others =
          mirrors.get().stream()
              .filter(m -> m != wanting)
              .sorted(Comparator.comparingLong(SharedMirror::loose).reversed())
              .toList();
      for (SharedMirror other : others) {
        if (wanting.hasRoom(why, why.ample())) {
          break;
        }
        other.giveUpUnneeded();
      }
    }
    return wanting.hasRoom(why, why.worthTrying());
  }

  /** Whether what other mirrors give up is of use. */
  private static boolean ofAll(OverBound why) {
    return switch (why.kind()) {
      case MIRROR, OBJECTS -> false;
      case CACHE, FREE -> true;
    };
  }
}
