package dev.fairlead.reconcile;

import dev.fairlead.api.MergePatch;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Applier;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.cluster.DryRun;
import dev.fairlead.manifest.Locator;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.plan.Adoption;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.FieldSet;
import dev.fairlead.plan.IgnoredFields;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.ObjectDiff;
import dev.fairlead.plan.Owner;
import dev.fairlead.plan.Ownership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks the server what applying objects would do, and compares that with what is there.
 *
 * <p>Guarantees: reads and dry runs only, all on behalf of the sync, so that nobody learns through
 * a plan what the sync's account may not read; two requests for an object, three for one that
 * others made. Of what it compares nothing is kept but what {@link ObjectDiff} tells. One instance
 * a plan; any thread may call it.
 */
final class PlanCheck implements ApplyCalls.Check {
  /** What was found out about an object that the server would take. */
  record Found(boolean there, boolean deleting, boolean compared, ObjectDiff.Changes changes) {
    private static final Found ABSENT = new Found(false, false, true, ObjectDiff.Changes.NONE);
  }

  private final ApiServer api;
  private final Applier applier;
  private final Map<ObjectKey, Found> found = new ConcurrentHashMap<>();
  private final Map<ObjectKey, Planning.Mark> marks = new ConcurrentHashMap<>();
  private final Map<ObjectKey, List<PlannedObject.Field>> fields = new ConcurrentHashMap<>();

  /**
   * @param reading asked whose an object is, under the operator's own name
   * @param api on behalf of the sync
   */
  PlanCheck(ApiServer reading, ApiServer api) {
    this.api = api;
    this.applier = new Applier(reading, api);
  }

  /** What was found out; nothing about what was refused or put off before it was looked at. */
  Optional<Found> found(ObjectKey key) {
    return Optional.ofNullable(found.get(key));
  }

  /** The objects that are there, as they were found. */
  Map<ObjectKey, Planning.Mark> marks() {
    return marks;
  }

  /** The changes of an object with their places in Git. */
  List<PlannedObject.Field> fields(ObjectKey key) {
    return fields.getOrDefault(key, List.of());
  }

  @Override
  public ObjectWriter.Outcome check(ObjectWriter.Order order)
      throws ApiException, RivalException, InterruptedException {
    Optional<DryRun> before = read(order);
    if (before.isPresent()) {
      marks.put(order.key(), Planning.Mark.of(before.get().live()));
      // Replaced by what is found out, unless it is refused.
      note(order, new Found(true, before.get().live().deleting(), false, ObjectDiff.Changes.NONE));
    }
    ObjectWriter.Order all = before.map(b -> order.heeding(b.live())).orElse(order);
    boolean complete =
        before.isEmpty() || Ownership.ownsIgnored(before.get().live(), all.claim(false));
    DryRun after;
    try {
      after =
          applier.dryRun(
              order.resource(), order.key(), all.body(complete), order.owner(), order.mayForce());
    } catch (ApiException e) {
      // Only who may write an object is told that it is there.
      if (before.isPresent()
          && order.leavesAlone(before.get().live())
          && ObjectWriter.isAboutContent(e.error())) {
        return new ObjectWriter.Outcome.LeftAlone();
      }
      throw e;
    }
    if (!after.created() && order.leavesAlone(after.live())) {
      return new ObjectWriter.Outcome.LeftAlone();
    }
    ObjectWriter.refuseUndivided(order, after.live());
    note(order, compare(all, before, after));
    return new ObjectWriter.Outcome.Done(
        before.map(DryRun::live), after.live(), after.created(), false, after.warnings());
  }

  /** The object as it is: who may write it is shown it by a dry run that changes nothing. */
  private Optional<DryRun> read(ObjectWriter.Order order)
      throws ApiException, InterruptedException {
    try {
      return api.read(order.resource(), order.key());
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.Forbidden)) {
        throw e;
      }
    }
    try {
      return Optional.of(
          api.dryRunPatch(
              order.resource(), order.key(), Json.Obj.empty(), order.owner().fieldManager()));
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.Forbidden || e.error() instanceof ApiError.NotFound) {
        // The dry run of the apply says which it is.
        return Optional.empty();
      }
      throw e;
    }
  }

  private Found compare(ObjectWriter.Order order, Optional<DryRun> before, DryRun after)
      throws ApiException, InterruptedException {
    if (after.created()) {
      return Found.ABSENT;
    }
    if (before.isEmpty()) {
      return new Found(true, false, false, ObjectDiff.Changes.NONE);
    }
    Live live = before.get().live();
    String manager = order.owner().fieldManager();
    boolean adopting = live.owned(manager).isEmpty();
    Ownership.Claim claim = order.claim(adopting && Ownership.hasAdoptable(live, manager));
    FieldSet applied = after.live().owned(manager).orElse(FieldSet.of("", Json.Obj.empty()));
    Json.Obj outcome = outcome(order, before.get(), after, claim, applied);
    List<Owner> managers = new ArrayList<>(live.managers());
    managers.addAll(after.live().managers());
    ObjectDiff.Changes changes =
        ObjectDiff.between(
            before.get().object(),
            outcome,
            new ObjectDiff.Scope(
                order.key(),
                managers,
                live.managers(),
                adopting,
                IgnoredFields.places(applied, claim.body(), claim.ignored())));
    fields.put(order.key(), fields(order.whole(), changes));
    return new Found(true, live.deleting(), true, changes);
  }

  /** With what goes since it becomes the sync's, and with what the server fills in for that. */
  private Json.Obj outcome(
      ObjectWriter.Order order,
      DryRun before,
      DryRun after,
      Ownership.Claim claim,
      FieldSet applied)
      throws ApiException, InterruptedException {
    Json.Obj reduced = Adoption.outcome(before.live(), claim, applied, after.object());
    if (reduced.equals(after.object())) {
      return reduced;
    }
    Optional<Json.Obj> patch = MergePatch.between(content(before.object()), content(reduced));
    if (patch.isEmpty()) {
      return before.object();
    }
    try {
      return api.dryRunPatch(
              order.resource(), order.key(), patch.get(), order.owner().fieldManager())
          .object();
    } catch (ApiException e) {
      if (e.error().retryable()) {
        throw e;
      }
      return reduced;
    }
  }

  /** What a patch may be about. */
  private static Json.Obj content(Json.Obj object) {
    Json.Obj content = object.without("status");
    return object
        .object("metadata")
        .map(m ->
            content.with(
                "metadata",
                m.without("managedFields")
                    .without("resourceVersion")
                    .without("generation")
                    .without("uid")
                    .without("creationTimestamp")))
        .orElse(content);
  }

  private void note(ObjectWriter.Order order, Found value) {
    found.put(order.key(), value);
  }

  private static List<PlannedObject.Field> fields(Manifest manifest, ObjectDiff.Changes changes) {
    List<PlannedObject.Field> fields = new ArrayList<>();
    for (ObjectDiff.Change change : changes.fields()) {
      int line = Locator.locate(manifest.body(), change.path());
      Origin origin = line > 0 ? manifest.origin().atLine(line) : manifest.origin();
      fields.add(
          new PlannedObject.Field(
              change.path(), origin, change.from(), change.to(), change.holders()));
    }
    return fields;
  }
}
