package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Condition;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import java.util.Optional;

/**
 * Decides whether a GitSync that another one depends on is ready for it. Ready alone is not enough
 * where both follow one ref: it may still be the Ready of the commit before.
 *
 * <p>Stateless: any thread may call.
 */
public final class SyncDependency {
  private SyncDependency() {}

  /** What there is under the name. */
  public enum Existence {
    MISSING,
    /** Its spec cannot be read. */
    MALFORMED,
    DELETING,
    SUSPENDED,
    AT_WORK
  }

  /**
   * A dependency that follows the same ref of the same repository.
   *
   * @param wanted the commit that the dependent is about to apply
   * @param seen the newest commit that the dependency has seen
   * @param looked whether its last look began after the dependent's
   * @param applied the commit that it has applied
   */
  public record SameRef(
      Revision wanted, Optional<Revision> seen, boolean looked, Optional<Revision> applied) {
    public SameRef {
      requireNonNull(wanted);
      requireNonNull(seen);
      requireNonNull(applied);
    }
  }

  /**
   * What is known of a dependency.
   *
   * @param foreign whether it is of another namespace, so that its messages are not to be told
   * @param generation of its spec
   * @param ready its condition of that type
   * @param sameRef present where it follows the same ref
   */
  public record Facts(
      SyncKey key,
      Existence existence,
      boolean foreign,
      long generation,
      Optional<Condition> ready,
      Optional<SameRef> sameRef) {
    public Facts {
      requireNonNull(key);
      requireNonNull(existence);
      requireNonNull(ready);
      requireNonNull(sameRef);
    }
  }

  /** Whether it is ready. */
  public sealed interface Verdict {
    /** It is. */
    record Met() implements Verdict {}

    /**
     * It is not.
     *
     * @param sentence what is waited for, for people: it begins with the name
     * @param soon whether that is under way, so that nobody has to do anything
     * @param look who has to look at Git for that
     */
    record Waits(String sentence, boolean soon, Look look) implements Verdict {
      public Waits {
        requireNonNull(sentence);
        requireNonNull(look);
      }
    }
  }

  /** Who has not seen what the other one has. */
  public enum Look {
    NOBODY,
    DEPENDENCY,
    DEPENDENT
  }

  public static Verdict decide(Facts facts) {
    return switch (facts.existence()) {
      case MISSING -> waits(facts, "does not exist", false);
      case MALFORMED -> waits(facts, "has a spec that cannot be read", false);
      case DELETING -> waits(facts, "is being deleted", false);
      case SUSPENDED, AT_WORK -> there(facts);
    };
  }

  private static Verdict there(Facts facts) {
    boolean suspended = facts.existence() == Existence.SUSPENDED;
    String still = suspended ? " and is suspended" : "";
    Optional<SameRef> same = facts.sameRef();
    if (same.isPresent() && !same.get().seen().equals(Optional.of(same.get().wanted()))) {
      String commit = same.get().wanted().shortForm();
      if (suspended || !same.get().looked()) {
        return new Verdict.Waits(
            facts.key() + ", which has not seen " + commit + still,
            !suspended,
            suspended ? Look.NOBODY : Look.DEPENDENCY);
      }
      return new Verdict.Waits(
          facts.key() + ", which has seen another commit than " + commit, true, Look.DEPENDENT);
    }
    if (facts.ready().isEmpty()) {
      return waits(facts, "has not been looked at yet" + still, !suspended);
    }
    Condition ready = facts.ready().get();
    if (ready.observedGeneration() != facts.generation()) {
      return waits(facts, "has not taken up its present spec yet" + still, !suspended);
    }
    if (ready.state() != Condition.State.TRUE) {
      boolean soon =
          !suspended
              && (ready.reason().equals(Reason.PROGRESSING.toString())
                  || ready.reason().equals(Reason.DEPENDENCY_NOT_READY.toString()));
      String why =
          facts.foreign() || ready.message().isEmpty()
              ? ready.reason()
              : ready.reason() + ": " + ready.message();
      return waits(facts, "is not Ready" + still + " (" + why + ")", soon);
    }
    if (same.isPresent() && !same.get().applied().equals(Optional.of(same.get().wanted()))) {
      return waits(
          facts, "has not applied " + same.get().wanted().shortForm() + " yet" + still, !suspended);
    }
    return new Verdict.Met();
  }

  private static Verdict waits(Facts facts, String what, boolean soon) {
    return new Verdict.Waits(facts.key() + ", which " + what, soon, Look.NOBODY);
  }
}
