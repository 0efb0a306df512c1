package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.jspecify.annotations.Nullable;

/**
 * What one question for the history of a file may take: of the heap, counted before it is held, and
 * of time, in which waiting for a turn is not counted.
 *
 * <p>Guarantees: one such work at a time, over all repositories; beside the packs that are unpacked
 * meanwhile it holds no more than any of these, see {@link PackMemory}. For one thread.
 */
final class BlameWork {
  /** Of a file that is asked for; what is larger is written by programs. */
  static final int BYTES = 1 << 20;

  /** Of what it was before, for people make large files small. */
  static final int OLDER_BYTES = 4 << 20;

  static final int LINES = 100_000;

  private final GitLimits limits;
  private final Turns turns;
  private final Duration limit;
  private long left;
  private long since;
  private long held;
  private Turns.@Nullable Turn large;

  BlameWork(GitLimits limits, Turns turns) {
    this.limits = limits;
    this.turns = turns;
    this.limit = limits.tree().reading().dividedBy(2);
    this.left = limit.toNanos();
  }

  /** Nothing more is to be done, which says nothing of the files of the mirror. */
  static final class Over extends IOException {
    private final Reason reason;

    /**
     * @param reason BUILD_FAILED where the file must change; FETCH_FAILED where it may pass
     * @param message what is the matter with the file, in words
     */
    Over(Reason reason, String message) {
      super(message);
      this.reason = reason;
    }

    Reason reason() {
      return reason;
    }
  }

  /** Waits for its turn, which is over when what this returns is closed. */
  Turns.Turn begin() throws InterruptedException {
    Turns.Turn turn = turns.history();
    since = System.nanoTime();
    return () -> {
      left -= System.nanoTime() - since;
      held = 0;
      if (large != null) {
        large.close();
        large = null;
      }
      turn.close();
    };
  }

  /**
   * So much more is about to be held.
   *
   * @throws Over it must not be
   */
  void hold(long bytes) throws IOException {
    held += bytes;
    if (held > limits.pack().memory()) {
      throw new Over(
          Reason.BUILD_FAILED,
          "has a history that takes more than " + Text.size(limits.pack().memory()) + " of memory");
    }
    if (held > limits.pack().share() && large == null) {
      large = waiting(() -> PackMemory.turn(turns));
    }
  }

  /** Of one directory. */
  int directoryBytes() {
    return limits.tree().bytes();
  }

  void release(long bytes) {
    held -= bytes;
  }

  /**
   * Whether there is time left.
   *
   * @throws Over there is none
   */
  void spend() throws IOException {
    if (System.nanoTime() - since > left) {
      throw new Over(
          Reason.FETCH_FAILED,
          "has a history that takes more than " + limit.toSeconds() + " s to be looked through");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("nobody waits for it any more");
    }
  }

  private interface Wait {
    Turns.Turn end() throws IOException;
  }

  private Turns.Turn waiting(Wait wait) throws IOException {
    long began = System.nanoTime();
    try {
      return wait.end();
    } finally {
      since += System.nanoTime() - began;
    }
  }

  /** Reads while there is time, and no directory that is larger than any may be. */
  ObjectReader reader(BoundedRepository repository) {
    ObjectReader reader = repository.newObjectReader();
    return new ObjectReader.Filter() {
      @Override
      protected ObjectReader delegate() {
        return reader;
      }

      @Override
      public ObjectReader newReader() {
        return reader(repository);
      }

      @Override
      public ObjectLoader open(AnyObjectId id, int type) throws IOException {
        spend();
        if (type == Constants.OBJ_TREE && reader.getObjectSize(id, type) > limits.tree().bytes()) {
          throw new Over(
              Reason.BUILD_FAILED,
              "has a history that leads through a directory with more entries than fit into "
                  + Text.size(limits.tree().bytes()));
        }
        try (Turns.Turn _ = waiting(repository::reading)) {
          return reader.open(id, type);
        }
      }

      @Override
      public ObjectLoader open(AnyObjectId id) throws IOException {
        return open(id, OBJ_ANY);
      }
    };
  }
}
