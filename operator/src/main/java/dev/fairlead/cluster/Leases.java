package dev.fairlead.cluster;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes the one Lease of all processes of an installation.
 *
 * <p>Guarantees: what it writes passes no gate; it replaces only the version that was read,
 * otherwise {@link ApiError.StaleVersion}. Stateless; any thread may call it.
 */
final class Leases {
  /** Where the holder listens for webhooks; other processes hand on to it what they get. */
  private static final String ADDRESS = "fairlead.dev/hook-address";

  private final ApiServer api;
  private final ObjectKey key;
  private final String address;

  /**
   * @param address what is said in leases that are held, for webhooks; empty for nothing
   */
  Leases(ApiServer api, String namespace, String name, String address) {
    this.api = api;
    this.address = address;
    this.key = Lease.RESOURCE.key(namespace, name);
  }

  Optional<Lease> read() throws ApiException, InterruptedException {
    return api.get(Lease.RESOURCE, key).map(Leases::lease);
  }

  /** Makes the lease; it was not there. */
  Lease create(String holder, Duration duration, Instant now)
      throws ApiException, InterruptedException {
    Map<String, Json> spec = new LinkedHashMap<>();
    spec.put("holderIdentity", Json.of(holder));
    spec.put("leaseDurationSeconds", Json.of(duration.toSeconds()));
    spec.put("leaseTransitions", Json.of(0));
    spec.put("acquireTime", Json.of(MicroTime.of(now)));
    spec.put("renewTime", Json.of(MicroTime.of(now)));
    Map<String, Json> metadata = new LinkedHashMap<>();
    metadata.put("name", Json.of(key.name()));
    metadata.put("namespace", Json.of(key.namespace()));
    metadata.put("labels", Json.of(Map.of("app.kubernetes.io/name", Json.of("fairlead"))));
    if (!address.isEmpty()) {
      metadata.put("annotations", annotations(address));
    }
    Json.Obj body =
        Json.of(
            Map.of(
                "apiVersion", Json.of(Lease.RESOURCE.gvk().apiVersion()),
                "kind", Json.of(Lease.RESOURCE.kind()),
                "metadata", Json.of(metadata),
                "spec", Json.of(spec)));
    String version =
        api.create(Lease.RESOURCE, key.namespace(), body, SyncWriter.MANAGER).resourceVersion();
    return new Lease(holder, duration, 0, MicroTime.of(now), address, version);
  }

  /** Says that its holder is still there. */
  Lease renew(Lease own, Duration duration, Instant now) throws ApiException, InterruptedException {
    return write(own, own.holder(), duration, own.transitions(), false, now);
  }

  /** Makes somebody the holder of a lease that is free. */
  Lease take(Lease free, String holder, Duration duration, Instant now)
      throws ApiException, InterruptedException {
    return write(free, holder, duration, free.transitions() + 1, true, now);
  }

  /** Says that its holder has written its last. */
  Lease release(Lease own, Instant now) throws ApiException, InterruptedException {
    return write(own, "", Lease.RELEASED, own.transitions(), false, now);
  }

  private Lease write(
      Lease before,
      String holder,
      Duration duration,
      int transitions,
      boolean acquired,
      Instant now)
      throws ApiException, InterruptedException {
    Map<String, Json> spec = new LinkedHashMap<>();
    spec.put("holderIdentity", Json.of(holder));
    spec.put("leaseDurationSeconds", Json.of(duration.toSeconds()));
    spec.put("leaseTransitions", Json.of(transitions));
    spec.put("renewTime", Json.of(MicroTime.of(now)));
    if (acquired) {
      spec.put("acquireTime", Json.of(MicroTime.of(now)));
    }
    Map<String, Json> metadata = new LinkedHashMap<>();
    metadata.put("resourceVersion", Json.of(before.resourceVersion()));
    String said = holder.isEmpty() ? "" : address;
    if (!said.equals(before.address())) {
      metadata.put("annotations", annotations(said));
    }
    Json.Obj patch = Json.of(Map.of("metadata", Json.of(metadata), "spec", Json.of(spec)));
    String version =
        api.mergePatch(Lease.RESOURCE, key, "", patch, SyncWriter.MANAGER).resourceVersion();
    return new Lease(holder, duration, transitions, MicroTime.of(now), said, version);
  }

  /** Nothing is said by a null, which also takes away what was said before. */
  private static Json.Obj annotations(String said) {
    return Json.of(Map.of(ADDRESS, said.isEmpty() ? Json.Null.NULL : Json.of(said)));
  }

  private static Lease lease(Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
    Json.Obj spec = object.object("spec").orElse(Json.Obj.empty());
    return new Lease(
        spec.string("holderIdentity").orElse(""),
        Duration.ofSeconds(Math.max(0, spec.integer("leaseDurationSeconds").orElse(0L))),
        Math.clamp(spec.integer("leaseTransitions").orElse(0L), 0, Integer.MAX_VALUE - 1),
        spec.string("renewTime").orElse(""),
        metadata.object("annotations").flatMap(a -> a.string(ADDRESS)).orElse(""),
        metadata.string("resourceVersion").orElse(""));
  }
}
