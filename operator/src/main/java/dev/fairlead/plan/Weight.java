package dev.fairlead.plan;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Guard.Candidate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * For how many objects one counts when it is pruned: a GitSync also for all that would be pruned
 * with it, at any depth.
 *
 * <p>Stateless: any thread may call.
 */
public final class Weight {
  private Weight() {}

  /**
   * What goes with a GitSync.
   *
   * @param takesAlong whether it deletes what it has when it is deleted itself
   * @param members what it has, without what others wait for
   */
  public record Child(boolean takesAlong, List<Candidate> members) {
    public Child {
      members = List.copyOf(members);
    }
  }

  /**
   * @param children what goes with an object if it is a GitSync, else nothing
   */
  public static int of(
      ObjectKey object, Function<ObjectKey, Optional<Child>> children, Guard.Own own) {
    Set<ObjectKey> counted = new HashSet<>();
    count(object, children, own, counted);
    return counted.size();
  }

  private static void count(
      ObjectKey object,
      Function<ObjectKey, Optional<Child>> children,
      Guard.Own own,
      Set<ObjectKey> counted) {
    // A GitSync may have itself among its objects.
    if (!counted.add(object)) {
      return;
    }
    Optional<Child> child = children.apply(object).filter(Child::takesAlong);
    if (child.isPresent()) {
      for (ObjectKey member : Guard.whenDeleted(child.get().members(), own).prune()) {
        count(member, children, own, counted);
      }
    }
  }
}
