package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.manifest.ApplyOrder;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.CustomKind;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.MissingRights;
import dev.fairlead.plan.OwnershipPatch;
import dev.fairlead.plan.Stages;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.plan.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes, or releases, objects that a sync no longer wants.
 *
 * <p>Guarantees: an object is deleted only while both proofs hold (the label, and an apply entry of
 * the sync), with its uid and resourceVersion as preconditions; what changed meanwhile is looked at
 * again. Definitions go last, when nothing else is left. Does not wait for finalizers: the watches
 * tell when an object is gone. One thread a sync.
 */
final class PruneStep {
  private static final int TRIES = 3;

  /** What an account may not do with so many objects it may not do with the others. */
  private static final int MAX_DENIED = 20;

  /** Everything that the work needs. */
  record Tools(
      ApiServer api,
      Discovery discovery,
      LiveObjects live,
      Syncs syncs,
      HandOverStep handOver,
      Guard.Own own,
      Tenancy tenancy,
      Reporter reporter) {}

  private final Tools tools;
  private final OwnershipWriter ownership;

  PruneStep(Tools tools) {
    this.tools = tools;
    this.ownership = new OwnershipWriter(tools.api());
  }

  /**
   * What was done.
   *
   * @param denied what the sync's account had no right to
   */
  record Done(int deleted, int released, List<ApiError.Forbidden> denied) {
    /** Fails when rights were missing, with the rules to add. */
    void orDenied() throws ApiException {
      List<ApiError.Permission> missing =
          denied.stream().flatMap(d -> d.permission().stream()).toList();
      if (missing.size() > 1) {
        throw new ApiException(
            new ApiError.Forbidden(
                MissingRights.summary(missing), Optional.of(missing.getFirst())));
      }
      if (!denied.isEmpty()) {
        throw new ApiException(denied.getFirst());
      }
    }
  }

  /** What the guard has to know of these members. */
  List<Guard.Candidate> candidates(List<Observed> members)
      throws ApiException, InterruptedException {
    List<Guard.Candidate> candidates = new ArrayList<>();
    for (Observed member : members) {
      candidates.add(
          new Guard.Candidate(
              member.key(),
              member.uid(),
              member.annotations(),
              Weight.of(member.key(), this::child, tools.own()),
              inUse(member)));
    }
    return candidates;
  }

  /** What goes with a GitSync. */
  private Optional<Weight.Child> child(ObjectKey key) {
    if (!key.groupKind().equals(SyncWriter.GITSYNCS.groupKind())) {
      return Optional.empty();
    }
    Optional<Sync> sync = tools.syncs().valid(new SyncKey(key.namespace(), key.name()));
    if (sync.isEmpty()) {
      return Optional.empty();
    }
    List<Observed> members = tools.live().members(sync.get().key());
    Set<Observed> moving = tools.handOver().heirs(sync.get(), members, Set.of()).keySet();
    return Optional.of(
        new Weight.Child(
            FinishDecision.deletes(sync.get().spec()),
            members.stream()
                .filter(m -> !moving.contains(m))
                .map(m -> new Guard.Candidate(m.key(), m.uid(), m.annotations(), 1, false))
                .toList()));
  }

  private boolean inUse(Observed member) throws ApiException, InterruptedException {
    return switch (member.key().kind()) {
      case "CustomResourceDefinition" -> hasInstances(member);
      case "PersistentVolume" -> isBound(member);
      default -> false;
    };
  }

  private boolean isBound(Observed member) throws ApiException, InterruptedException {
    Optional<Resource> resource = resource(member.key().groupKind());
    return resource.isPresent()
        && tools
            .api()
            .get(resource.get(), member.key())
            .flatMap(volume -> volume.object("status"))
            .flatMap(status -> status.string("phase"))
            .filter("Bound"::equals)
            .isPresent();
  }

  /**
   * By what the definition itself says: discovery tells of a new kind later, and what it does not
   * tell of would be deleted with all its instances.
   */
  private boolean hasInstances(Observed member) throws ApiException, InterruptedException {
    Optional<Json.Obj> definition = tools.api().get(CustomKind.DEFINITIONS, member.key());
    if (definition.isEmpty()) {
      return false;
    }
    List<Resource> served = CustomKind.served(definition.get());
    if (served.isEmpty()) {
      // They can still be there, and nobody can look.
      return true;
    }
    try {
      return tools.api().hasAny(served.getFirst());
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.NotFound) || CustomKind.isEstablished(definition.get())) {
        throw e;
      }
      // Nobody could make one yet.
      return false;
    }
  }

  /**
   * Deletes what may be deleted now and releases what stays.
   *
   * @param doomed what is to be deleted, by what the guard says
   * @param released what is to stay without being the sync's any more
   * @param also whether what is being deleted is released too, since it never goes
   */
  Done run(Sync sync, Set<ObjectKey> doomed, Set<ObjectKey> released, boolean also)
      throws ApiException, InterruptedException {
    SyncState state = tools.syncs().state(sync.key());
    Map<ObjectKey, Observed> members = new HashMap<>();
    for (Observed member : tools.live().members(sync.key())) {
      members.put(member.key(), member);
    }
    state.prune().retainDeleted(members.values());
    List<ApiError.Forbidden> denied = new ArrayList<>();
    int freed = 0;
    Optional<ApiException> refused = Optional.empty();
    for (ObjectKey key : released) {
      Observed member = members.get(key);
      if (member != null && (also || !state.prune().isGoing(member))) {
        try {
          if (permitted(denied, () -> release(sync.key(), member, writer(sync)))) {
            freed++;
          }
        } catch (ApiException e) {
          // One that cannot be released holds up no other.
          refused = Optional.of(e);
        }
      }
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
    List<ObjectKey> order =
        doomed.stream()
            .filter(members::containsKey)
            .sorted(
                Comparator.comparing(ObjectKey::groupKind, ApplyOrder.BY_KIND)
                    .reversed()
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    boolean onlyDefinitions = order.stream().allMatch(key -> Stages.isDefinition(key.groupKind()));
    Set<ObjectKey> deleted = new HashSet<>();
    for (ObjectKey key : order) {
      Observed member = members.get(key);
      if (member == null
          || state.prune().isGoing(member)
          || (Stages.isDefinition(key.groupKind()) && !onlyDefinitions)) {
        continue;
      }
      if (permitted(denied, () -> delete(sync, member))) {
        state.prune().deleted(member.uid());
        deleted.add(key);
      }
    }
    if (!deleted.isEmpty()) {
      tools.reporter().pruned(sync, deleted.size());
    }
    return new Done(deleted.size(), freed, denied);
  }

  private interface Write {
    boolean run() throws ApiException, InterruptedException;
  }

  /** Whether it was done; takes note when the account has no right to it. */
  private static boolean permitted(List<ApiError.Forbidden> denied, Write write)
      throws ApiException, InterruptedException {
    if (denied.size() == MAX_DENIED) {
      return false;
    }
    try {
      return write.run();
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.Forbidden forbidden)) {
        throw e;
      }
      denied.add(forbidden);
      return false;
    }
  }

  /**
   * Releases with the operator's own rights what the sync's account may not touch any more; takes
   * no more than the sync's own marks off.
   *
   * @return how many of them stay as they are, since the operator has no right either
   */
  int releaseAsOperator(SyncKey sync, List<Observed> members)
      throws ApiException, InterruptedException {
    int left = 0;
    for (Observed member : members) {
      List<ApiError.Forbidden> denied = new ArrayList<>();
      boolean _ = permitted(denied, () -> release(sync, member, tools.api()));
      left += denied.size();
    }
    return left;
  }

  /** Writes with the rights of the sync's account; what is only looked at is so by our own role. */
  private ApiServer writer(Sync sync) {
    return tools.api().as(tools.tenancy().identity(sync));
  }

  private boolean delete(Sync sync, Observed member) throws ApiException, InterruptedException {
    Optional<Resource> resource = resource(member.key().groupKind());
    if (resource.isEmpty()) {
      return false;
    }
    String uid = member.uid();
    String version = member.resourceVersion();
    for (int attempt = 1; ; attempt++) {
      try {
        writer(sync).delete(resource.get(), member.key(), uid, version);
        return true;
      } catch (ApiException e) {
        if (e.error() instanceof ApiError.NotFound) {
          return true;
        }
        if (!(e.error() instanceof ApiError.StaleVersion) || attempt == TRIES) {
          throw e;
        }
      }
      // Somebody wrote to it since: both proofs again.
      Optional<Live> now = tools.api().getMetadata(resource.get(), member.key());
      if (now.isEmpty()
          || now.get().deleting()
          || !now.get().uid().equals(member.uid())
          || !OwnershipPatch.isMember(sync.key(), now.get())
          // Somebody may have written just that it is to stay; the watch is about to tell.
          || Guard.kept(now.get().annotations()).isPresent()) {
        return false;
      }
      version = now.get().resourceVersion();
    }
  }

  /**
   * Takes labels and ownership off an object and leaves it as it is. One JSON patch: an apply
   * without the fields would remove them.
   */
  private boolean release(SyncKey sync, Observed member, ApiServer writer)
      throws ApiException, InterruptedException {
    Optional<Resource> resource = resource(member.key().groupKind());
    if (resource.isEmpty()) {
      return false;
    }
    return ownership.patch(
        writer,
        resource.get(),
        member.key(),
        live ->
            OwnershipPatch.isMember(sync, live)
                ? Optional.of(OwnershipPatch.release(sync, live))
                : Optional.empty());
  }

  private Optional<Resource> resource(GroupKind kind) throws ApiException, InterruptedException {
    return tools.discovery().resolvePreferred(kind);
  }
}
