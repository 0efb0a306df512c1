package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.IgnoredFields;
import dev.fairlead.plan.SelfProtection;
import dev.fairlead.plan.Treatment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Refuses a change that would break Fairlead itself, see {@link SelfProtection}.
 *
 * <p>Guarantees: writes nothing; asks nothing, unless the change has a role or a binding of
 * Fairlead's own. Stateless; any thread may call it.
 */
final class OwnCheck {
  private final ApiServer api;
  private final Discovery discovery;
  private final Guard.Own own;

  OwnCheck(ApiServer api, Discovery discovery, Guard.Own own) {
    this.api = api;
    this.discovery = discovery;
    this.own = own;
  }

  /** What of the change is refused for what it would do to Fairlead. */
  List<Refusal> refusals(List<DesiredObject> change, ApplyCalls calls, Build build)
      throws InterruptedException {
    List<Refusal> refusals = new ArrayList<>();
    for (DesiredObject object : change) {
      if (SelfProtection.concerns(object.key(), own)
          && object.treatment().reconcile() != Treatment.Reconcile.NEVER) {
        try {
          refusal(object, calls, build).ifPresent(refusals::add);
        } catch (ApiException e) {
          refusals.add(Refusal.of(object, build, e));
        }
      }
    }
    return refusals;
  }

  private Optional<Refusal> refusal(DesiredObject object, ApplyCalls calls, Build build)
      throws ApiException, InterruptedException {
    Optional<Manifest> manifest = calls.manifest(object);
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    Optional<Json.Obj> live =
        SelfProtection.needsLive(object.key()) ? live(object.key()) : Optional.empty();
    List<Json.Obj> others = new ArrayList<>();
    if (live.isPresent()) {
      for (ObjectKey other : SelfProtection.others(object.key(), own)) {
        asItWillBe(other, calls, build).ifPresent(others::add);
      }
    }
    List<SelfProtection.Breach> breaches =
        SelfProtection.breaches(object.key(), applied(manifest.get(), object), live, others, own);
    return breaches.isEmpty()
        ? Optional.empty()
        : Optional.of(Refusal.breaking(object, manifest.get(), breaches));
  }

  private Optional<Json.Obj> asItWillBe(ObjectKey key, ApplyCalls calls, Build build)
      throws ApiException, InterruptedException {
    for (DesiredObject object : build.desired()) {
      if (object.key().equals(key)) {
        return calls.manifest(object).map(m -> applied(m, object));
      }
    }
    return live(key);
  }

  /** Without what is left to others. */
  private static Json.Obj applied(Manifest manifest, DesiredObject object) {
    return IgnoredFields.without(manifest.body(), object.treatment().ignored()).body();
  }

  private Optional<Json.Obj> live(ObjectKey key) throws ApiException, InterruptedException {
    Optional<Resource> resource = discovery.resolvePreferred(key.groupKind());
    return resource.isEmpty() ? Optional.empty() : api.get(resource.get(), key);
  }
}
