package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.plan.Treatment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The objects that a sync wants and does nothing about, because Git or somebody in the cluster says
 * so.
 *
 * <p>Guarantees: what Git says of an object that is there is said on it too, so that it is not
 * pruned when it leaves Git, whatever is forgotten until then. Any thread may call it.
 */
final class LeftAlone {
  private static final String NOTED = "annotation fairlead.dev/";

  private final ApiServer api;
  private final Tenancy tenancy;
  private final Discovery discovery;
  private final LiveObjects live;

  LeftAlone(ApiServer api, Tenancy tenancy, Discovery discovery, LiveObjects live) {
    this.api = api;
    this.tenancy = tenancy;
    this.discovery = discovery;
    this.live = live;
  }

  /** Whether nothing is to be done about the object, as far as can be known without asking. */
  boolean test(SyncKey sync, DesiredObject object) {
    return test(sync, object, live.get(object.key()));
  }

  /** The same of an object that was seen like that. */
  static boolean test(SyncKey sync, DesiredObject object, Optional<Observed> observed) {
    Treatment treatment = treatment(sync, object, observed);
    // What is another sync's is refused, whatever is said of it.
    return treatment.reconcile() != Treatment.Reconcile.ALWAYS
        && treatment.leavesAlone(observed.filter(o -> isOf(sync, o)).isPresent());
  }

  /** As Git says, and as the cluster does. */
  static Treatment treatment(SyncKey sync, DesiredObject object, Optional<Observed> observed) {
    Map<String, String> said = observed.map(Observed::said).orElse(Map.of());
    return said.isEmpty() || !isOf(sync, observed.get())
        ? object.treatment()
        : object.treatment().with(said);
  }

  private static boolean isOf(SyncKey sync, Observed observed) {
    return observed.partOf().equals(Labels.applySetId(sync));
  }

  /** What people are warned of: by the server, and of objects that are not kept as Git says. */
  static List<Warning> warnings(
      SyncState state, Function<ObjectKey, Optional<Observed>> live, Instant now) {
    List<Warning> all = new ArrayList<>(state.warnings());
    all.addAll(state.notices().warnings(now));
    for (DesiredObject object : state.applied().map(Build::desired).orElse(List.of())) {
      // What another sync's object says is not for the people of this one.
      note(object, live.apply(object.key()).filter(o -> isOf(state.key(), o)), all);
    }
    return all.stream().sorted().toList();
  }

  /** Adds what is to be told of an object. */
  static void note(DesiredObject object, Optional<Observed> observed, List<Warning> notes) {
    Map<String, String> said = observed.map(Observed::said).orElse(Map.of());
    if (said.isEmpty() && object.treatment().equals(Treatment.PLAIN)) {
      return;
    }
    for (String unknown : Treatment.unknown(said)) {
      notes.add(warning(object, "in the cluster, " + unknown));
    }
    Treatment.Reconcile reconcile = object.treatment().with(said).reconcile();
    boolean inGit = object.treatment().reconcile() == reconcile;
    if (reconcile == Treatment.Reconcile.NEVER || (!inGit && observed.isPresent())) {
      notes.add(
          warning(
              object,
              "is left alone, since the %sreconcile says %s %s"
                  .formatted(
                      NOTED,
                      reconcile == Treatment.Reconcile.NEVER ? "disabled" : "create-only",
                      inGit ? "in Git" : "in the cluster")));
    }
  }

  private static Warning warning(DesiredObject object, String message) {
    return Warning.of(object.key(), object.origin(), message);
  }

  /** Without what {@link #warnings} finds anew each time. */
  static List<String> withoutNotes(List<String> warnings) {
    return warnings.stream().filter(w -> !w.contains(NOTED)).toList();
  }

  /** Says on the objects themselves what Git says of them, where they do not say it yet. */
  void mark(Sync sync, List<DesiredObject> objects) throws ApiException, InterruptedException {
    for (DesiredObject object : objects) {
      Optional<Observed> observed =
          live.get(object.key()).filter(o -> o.proven() && isOf(sync.key(), o));
      if (object.treatment().reconcile() == Treatment.Reconcile.NEVER
          && observed.isPresent()
          && !observed.get().deleting()
          && !"disabled".equals(observed.get().annotations().get(Labels.RECONCILE))) {
        mark(sync, object.key());
      }
    }
  }

  private void mark(Sync sync, ObjectKey key) throws ApiException, InterruptedException {
    Optional<Resource> resource = discovery.resolvePreferred(key.groupKind());
    if (resource.isEmpty()) {
      return;
    }
    Json.Obj annotations = Json.of(Map.of(Labels.RECONCILE, Json.of("disabled")));
    Json.Obj patch = Json.of(Map.of("metadata", Json.of(Map.of("annotations", annotations))));
    try {
      // Under the sync's own name, so that it is known to be from Git.
      api.as(tenancy.identity(sync))
          .mergePatch(resource.get(), key, "", patch, sync.key().fieldManager());
    } catch (ApiException e) {
      // The object is gone, or nobody may write to it: then nothing can be said on it.
      if (e.error().retryable()) {
        throw e;
      }
    }
  }
}
