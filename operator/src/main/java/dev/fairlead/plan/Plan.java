package dev.fairlead.plan;

import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What one commit changes in the cluster.
 *
 * @param apply what has to be sent, in the commit's order
 * @param unchanged what a baseline proves to be there already
 * @param leftAlone what is to be left as it is, or left out
 * @param prune members that the commit does not want, sorted
 */
public record Plan(
    List<DesiredObject> apply,
    List<DesiredObject> unchanged,
    List<DesiredObject> leftAlone,
    List<ObjectKey> prune) {
  public Plan {
    apply = List.copyOf(apply);
    leftAlone = List.copyOf(leftAlone);
    unchanged = List.copyOf(unchanged);
    prune = List.copyOf(prune);
  }

  /**
   * Compares what Git wants with what is proven to be there.
   *
   * @param desired the objects of the commit
   * @param proven what our last apply left of each object and nobody has touched since
   * @param isDone tells the Jobs that completed with this content: they are done, also when they
   *     are gone
   * @param members the objects that bear this sync's label and its field manager
   * @param isLeftAlone tells the objects about which nothing is to be done
   */
  public static Plan of(
      List<DesiredObject> desired,
      Map<ObjectKey, DesiredObject> proven,
      Predicate<DesiredObject> isDone,
      Collection<ObjectKey> members,
      Predicate<DesiredObject> isLeftAlone) {
    List<DesiredObject> apply = new ArrayList<>();
    List<DesiredObject> leftAlone = new ArrayList<>();
    List<DesiredObject> unchanged = new ArrayList<>();
    Set<ObjectKey> wanted = HashSet.newHashSet(desired.size());
    for (DesiredObject object : desired) {
      wanted.add(object.key());
      DesiredObject before = proven.get(object.key());
      if (isLeftAlone.test(object)) {
        leftAlone.add(object);
      } else if (isDone.test(object) || (before != null && before.sameContentAs(object))) {
        unchanged.add(object);
      } else {
        apply.add(object);
      }
    }
    List<ObjectKey> prune =
        members.stream().filter(m -> !wanted.contains(m)).sorted().distinct().toList();
    return new Plan(apply, unchanged, leftAlone, prune);
  }
}
