package dev.fairlead.cluster;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the API server serves.
 *
 * <p>Guarantees: answers come from one consistent snapshot, and never cost a request but where the
 * method says so; a refresh costs two requests; kinds that are asked for in vain cost one refresh
 * in {@code patience} together. A group whose own server is down keeps the kinds that it had. Any
 * number of threads.
 */
public final class Discovery {
  private final ApiServer server;
  private final InstantSource clock;
  private final Duration patience;
  private final ReentrantLock refreshing = new ReentrantLock();

  private volatile ServedResources served = ServedResources.NONE;
  private volatile Instant asked = Instant.MIN;

  /**
   * Knows nothing yet.
   *
   * @param patience how long the server's word that it does not serve a kind is believed
   */
  public Discovery(ApiServer server, InstantSource clock, Duration patience) {
    this.server = server;
    this.clock = clock;
    this.patience = patience;
  }

  /** As far as is known. */
  public Optional<Resource> find(GroupVersionKind gvk) {
    return served.find(gvk);
  }

  /** In the version that the server prefers, as far as is known. */
  public Optional<Resource> preferred(GroupKind kind) {
    return served.preferred(kind);
  }

  /** Everything that is known. */
  public Collection<Resource> all() {
    return served.all();
  }

  /** Asks the server if the kind is unknown and it was not asked lately. */
  public Optional<Resource> resolve(GroupVersionKind gvk)
      throws ApiException, InterruptedException {
    Optional<Resource> known = find(gvk);
    if (known.isPresent() || !refreshIfOld()) {
      return known;
    }
    return find(gvk);
  }

  /** Like {@link #resolve}, in the version that the server prefers. */
  public Optional<Resource> resolvePreferred(GroupKind kind)
      throws ApiException, InterruptedException {
    Optional<Resource> known = preferred(kind);
    if (known.isPresent() || !refreshIfOld()) {
      return known;
    }
    return preferred(kind);
  }

  /** Asks the server where it serves the kind now. */
  Optional<Resource> servedNow(GroupKind kind) throws ApiException, InterruptedException {
    refresh();
    return preferred(kind);
  }

  /** Asks the server, for example after a CRD was written. */
  public void refresh() throws ApiException, InterruptedException {
    refreshing.lockInterruptibly();
    try {
      ask();
    } finally {
      refreshing.unlock();
    }
  }

  /** Whether there is news. */
  private boolean refreshIfOld() throws ApiException, InterruptedException {
    Instant before = asked;
    refreshing.lockInterruptibly();
    try {
      if (!asked.equals(before)) {
        return true;
      }
      if (!asked.equals(Instant.MIN) && clock.instant().isBefore(asked.plus(patience))) {
        return false;
      }
      ask();
      return true;
    } finally {
      refreshing.unlock();
    }
  }

  private void ask() throws ApiException, InterruptedException {
    ServedResources core = read("/api");
    ServedResources groups = read("/apis");
    served = core.plus(groups).completedBy(served);
    asked = clock.instant();
  }

  private ServedResources read(String path) throws ApiException, InterruptedException {
    return ServedResources.read(server.discover(path))
        .orElseThrow(() ->
            new ApiException(
                new ApiError.Rejected(
                    "the API server is too old: it has no aggregated discovery"
                        + " (Kubernetes 1.26 or newer is needed)",
                    200)));
  }
}
