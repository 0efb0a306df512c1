package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.Labels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what has to be put right in {@code managedFields}, which an apply cannot do by itself:
 *
 * <ul>
 *   <li>a field that is left to others is taken out of our set, so that an apply without it keeps
 *       its value;
 *   <li>an object that people or Helm made becomes ours with all that they wrote, so that an apply
 *       removes what Git does not have;
 *   <li>a field that people or Helm own besides us becomes ours alone, so that it goes when Git
 *       drops it.
 * </ul>
 *
 * The entries of controllers, and those for subresources, are never touched.
 *
 * <p>Stateless: any thread may call.
 */
public final class Ownership {
  private static final String BEFORE_FIRST_APPLY = "before-first-apply";
  private static final String HELM = "helm";
  private static final String KUBECTL = "kubectl";

  /** Does something once and declares nothing: without its mark all pods would be replaced. */
  private static final String KUBECTL_ROLLOUT = "kubectl-rollout";

  private static final List<String> ANNOTATIONS = List.of("f:metadata", "f:annotations");

  private Ownership() {}

  /**
   * A JSON patch that puts it right, for exactly the version that was looked at.
   *
   * @param widened whether we own more than before, so that an apply has to follow
   */
  public record Patch(Json.Arr operations, boolean widened) {
    public Patch {
      requireNonNull(operations);
    }
  }

  /**
   * What we want to be true of an object's owners.
   *
   * @param manager our field manager
   * @param body as Git has it, with what is ignored
   * @param ignored the fields that are left to others
   * @param adopting whether we have never applied the object, so that what others wrote is ours now
   */
  public record Claim(String manager, Json.Obj body, List<JsonPointer> ignored, boolean adopting) {
    public Claim {
      requireNonNull(manager);
      requireNonNull(body);
      ignored = List.copyOf(ignored);
    }
  }

  /** Whether somebody has written to the object whose fields become ours when we adopt it. */
  public static boolean hasAdoptable(Live live, String manager) {
    return live.managers().stream()
        .anyMatch(o -> isAdoptable(o, manager) && !o.manager().equals(BEFORE_FIRST_APPLY));
  }

  /** Whether we own a field that is left to others. */
  public static boolean ownsIgnored(Live live, Claim claim) {
    return live.owned(claim.manager())
        .filter(set -> !IgnoredFields.without(set, claim.body(), claim.ignored()).equals(set))
        .isPresent();
  }

  /** The patch that makes the claim true; empty when it is. */
  public static Optional<Patch> patch(Live live, Claim claim) {
    List<Owner> managers = live.managers();
    int mine = -1;
    for (int i = 0; i < managers.size(); i++) {
      if (isOurs(managers.get(i), claim.manager())) {
        if (mine >= 0) {
          // In several API versions, which the next apply makes one.
          return Optional.empty();
        }
        mine = i;
      }
    }
    Ours ours = new Ours(mine < 0 ? null : managers.get(mine).fields());
    List<Json> changes = new ArrayList<>();
    List<Json> removals = new ArrayList<>();
    for (int i = managers.size() - 1; i >= 0; i--) {
      Owner owner = managers.get(i);
      if (i == mine || !isAdoptable(owner, claim.manager())) {
        continue;
      }
      FieldSet left = ours.leaveTo(owner, claim);
      String entry = "/metadata/managedFields/" + i;
      if (left.isEmpty()) {
        removals.add(operation("remove", entry, null));
      } else if (!left.equals(owner.fields())) {
        changes.add(operation("replace", entry + "/fieldsV1", left.fieldsV1()));
      }
    }
    ours.finish(mine, claim).ifPresent(changes::add);
    if (changes.isEmpty() && removals.isEmpty()) {
      return Optional.empty();
    }
    List<Json> operations = new ArrayList<>();
    // A stale version makes this a conflict instead of overwriting what somebody else did.
    operations.add(
        operation("replace", "/metadata/resourceVersion", Json.of(live.resourceVersion())));
    // Before anything moves.
    operations.addAll(changes.stream().filter(c -> !isAddition(c)).toList());
    operations.addAll(removals);
    operations.addAll(changes.stream().filter(Ownership::isAddition).toList());
    return Optional.of(new Patch(Json.of(operations), ours.widened));
  }

  /**
   * Who has what once the claim is true.
   *
   * @param ours what we have then, but for what the apply adds
   * @param left what anybody else still has
   */
  record Taken(FieldSet ours, FieldSet left) {}

  static Taken taken(Live live, Claim claim) {
    Ours ours = new Ours(live.owned(claim.manager()).orElse(null));
    FieldSet left = FieldSet.of("", Json.Obj.empty());
    for (Owner owner : live.managers().reversed()) {
      if (isOurs(owner, claim.manager())) {
        continue;
      }
      left =
          left.union(
              isAdoptable(owner, claim.manager()) ? ours.leaveTo(owner, claim) : owner.fields());
    }
    FieldSet all = ours.all;
    return new Taken(
        all == null
            ? FieldSet.of("", Json.Obj.empty())
            : IgnoredFields.without(all, claim.body(), claim.ignored()),
        left);
  }

  /** Our set as it becomes. */
  private static final class Ours {
    private final @Nullable FieldSet before;
    private @Nullable FieldSet all;
    private boolean widened;
    private Optional<Instant> time = Optional.empty();

    Ours(@Nullable FieldSet before) {
      this.before = before;
      this.all = before;
    }

    /** What is left to the owner of an entry that is adoptable. */
    FieldSet leaveTo(Owner owner, Claim claim) {
      FieldSet set = owner.fields();
      // What we wrote ourselves other than by an apply is ours in any case.
      boolean own = owner.manager().equals(claim.manager());
      // Who had what is not known of an object that had no entries: much of it is the server's.
      boolean known = !owner.manager().equals(BEFORE_FIRST_APPLY);
      boolean whole = (claim.adopting() && known) || own;
      FieldSet mine = all;
      if (!whole) {
        return mine == null ? set : set.yielding(mine);
      }
      if (mine != null && !mine.apiVersion().equals(set.apiVersion())) {
        // Fields of two API versions are no set; what they share is yielded all the same.
        return set.yielding(mine);
      }
      FieldSet kept = own ? set.minus(set) : switches(set);
      FieldSet taken = set.minus(kept);
      FieldSet now = mine == null ? taken : mine.union(taken);
      widened |= mine == null || !now.equals(mine);
      all = now;
      time = owner.time().or(() -> time);
      return kept;
    }

    Optional<Json> finish(int index, Claim claim) {
      FieldSet mine = all;
      if (mine == null) {
        return Optional.empty();
      }
      FieldSet rest = IgnoredFields.without(mine, claim.body(), claim.ignored());
      if (before != null && rest.equals(before)) {
        widened = false;
        return Optional.empty();
      }
      if (index >= 0) {
        return Optional.of(
            operation(
                "replace", "/metadata/managedFields/" + index + "/fieldsV1", rest.fieldsV1()));
      }
      Map<String, Json> entry = new LinkedHashMap<>();
      entry.put("manager", Json.of(claim.manager()));
      entry.put("operation", Json.of("Apply"));
      entry.put("apiVersion", Json.of(rest.apiVersion()));
      time.ifPresent(t -> entry.put("time", Json.of(t.toString())));
      entry.put("fieldsType", Json.of("FieldsV1"));
      entry.put("fieldsV1", rest.fieldsV1());
      return Optional.of(operation("add", "/metadata/managedFields/-", Json.of(entry)));
    }
  }

  /** Annotations by which people tell Fairlead what to do: those stay theirs. */
  private static FieldSet switches(FieldSet set) {
    FieldSet others = set;
    for (String key : set.children(ANNOTATIONS)) {
      if (key.startsWith("f:fairlead.dev/") || key.equals("f:" + Labels.HELM_RESOURCE_POLICY)) {
        List<String> path = new ArrayList<>(ANNOTATIONS);
        path.add(key);
        others = others.without(path);
      }
    }
    return set.minus(others);
  }

  private static boolean isOurs(Owner owner, String manager) {
    return owner.applied() && owner.subresource().isEmpty() && owner.manager().equals(manager);
  }

  private static boolean isAdoptable(Owner owner, String manager) {
    if (!owner.subresource().isEmpty()) {
      return false;
    }
    String name = owner.manager();
    return (name.startsWith(KUBECTL) && !name.equals(KUBECTL_ROLLOUT))
        || name.toLowerCase(Locale.ROOT).equals(HELM)
        || name.equals(BEFORE_FIRST_APPLY)
        || (name.equals(manager) && !owner.applied());
  }

  private static boolean isAddition(Json operation) {
    return operation instanceof Json.Obj o && o.string("op").orElse("").equals("add");
  }

  private static Json operation(String op, String path, @Nullable Json value) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("op", Json.of(op));
    members.put("path", Json.of(path));
    if (value != null) {
      members.put("value", value);
    }
    return Json.of(members);
  }
}
