package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.SyncStatus.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the daemon knows of one object of a sync; nothing of its content.
 *
 * @param version of the API that Git writes it in; empty when {@code origin} is absent
 * @param origin where it is written; absent when Git does not want it, or was not asked yet
 * @param problem what keeps it from being as Git says
 * @param work what is about to be done about it
 * @param health absent when the object was not seen yet
 * @param uid of the live object; empty when it is not known
 * @param resourceVersion the newest that was seen; empty when it is not known
 * @param appliedAt when an apply of the sync last changed something; known to the second, after an
 *     apply of this process
 */
public record ObjectView(
    ObjectKey key,
    String version,
    Optional<Origin> origin,
    State state,
    Optional<Problem> problem,
    Optional<Work> work,
    Optional<Repairs> repairs,
    Ownership ownership,
    Optional<Health> health,
    String uid,
    String resourceVersion,
    Optional<Instant> appliedAt) {
  /** How the object stands to what Git says. */
  public enum State {
    /** As the applied commit says, as far as is known. */
    APPLIED("Applied"),
    /** A Job that completed with this content; it is not made again when it is gone. */
    FINISHED("Finished"),
    /** Not yet proven by this process to be as the commit says. */
    UNVERIFIED("Unverified"),
    /** Nothing is done about it, as Git or an annotation in the cluster says. */
    LEFT_ALONE("LeftAlone"),
    /** Somebody changed or deleted it; it is about to be repaired. */
    DRIFTED("Drifted"),
    /** Somebody keeps changing it back. */
    CONTESTED("Contested"),
    /** It cannot be made what the commit says; its problem says why. */
    REFUSED("Refused"),
    /** Git does not want it any more, and it is still there. */
    LEFTOVER("Leftover");

    private final String text;

    State(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * What is about to be done.
   *
   * @param what {@code Look}, {@code Repair} or {@code Verify}
   * @param due absent when it waits for nothing but its turn
   */
  public record Work(String what, Optional<Instant> due) {}

  /**
   * Repairs since the object was last left alone for a while.
   *
   * @param managers who took fields
   */
  public record Repairs(int count, List<String> managers) {
    public Repairs {
      managers = List.copyOf(managers);
    }
  }

  /**
   * Who owns fields of it.
   *
   * @param manager the sync's own field manager
   * @param others the field managers beside it that own something other than the status; absent
   *     when the object was not seen yet
   */
  public record Ownership(String manager, Optional<List<String>> others) {
    public Ownership {
      requireNonNull(manager);
      others = others.map(List::copyOf);
    }
  }

  /**
   * How the live object is.
   *
   * @param state {@code Healthy}, {@code Progressing}, {@code Failed}, {@code Terminating} or
   *     {@code Unknown}
   * @param reason one word; empty when there is none
   */
  public record Health(String state, String reason, String message) {}

  public ObjectView {
    requireNonNull(key);
    requireNonNull(version);
    requireNonNull(origin);
    requireNonNull(state);
    requireNonNull(problem);
    requireNonNull(work);
    requireNonNull(repairs);
    requireNonNull(ownership);
    requireNonNull(health);
    requireNonNull(uid);
    requireNonNull(resourceVersion);
    requireNonNull(appliedAt);
  }
}
