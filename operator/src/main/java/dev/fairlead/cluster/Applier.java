package dev.fairlead.cluster;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.OwnershipPatch;
import java.util.List;

/**
 * Applies objects for syncs: politely towards other syncs, firmly towards everybody else.
 *
 * <p>The first try is unforced, so that the server itself names whoever owns a field: another
 * GitSync ({@code fairlead/<namespace>/<name>}) is never overruled, any other manager always is.
 *
 * <p>Any thread may call it.
 */
public final class Applier {
  /** How often a request is sent at most when others write to the object at the same time. */
  private static final int TRIES = 3;

  private final ApiServer reading;
  private final ApiServer writing;

  /**
   * @param reading asked whose an object is, under the operator's own name
   * @param writing for everything else, on somebody's behalf
   */
  public Applier(ApiServer reading, ApiServer writing) {
    this.reading = reading;
    this.writing = writing;
  }

  /** Another GitSync owns a field or the object. */
  public static final class RivalException extends Exception {
    private final List<String> managers;

    RivalException(ApiError.Conflict conflict, List<String> managers) {
      super(conflict.message());
      this.managers = List.copyOf(managers);
    }

    /** The field managers of the rivals, each {@code fairlead/<namespace>/<name>}. */
    public List<String> managers() {
      return managers;
    }
  }

  /**
   * Applies, or asks the server what an apply would do.
   *
   * @param mayForce whether the managers of somebody else's fields are known to be no GitSyncs, so
   *     that the polite try can be left out
   */
  public ApplyResult apply(
      Resource resource,
      ObjectKey key,
      byte[] body,
      SyncKey owner,
      boolean mayForce,
      boolean dryRun)
      throws ApiException, RivalException, InterruptedException {
    return politely(
        resource,
        key,
        owner,
        mayForce,
        TRIES,
        force -> writing.apply(resource, key, body, owner.fieldManager(), force, dryRun));
  }

  /**
   * Applies to the one version of an object that the body names; where there is a newer one, that
   * is {@link ApiError.StaleVersion} at once. What is not there is created.
   */
  public ApplyResult applyTo(
      Resource resource, ObjectKey key, byte[] body, SyncKey owner, boolean mayForce)
      throws ApiException, RivalException, InterruptedException {
    return politely(
        resource,
        key,
        owner,
        mayForce,
        1,
        force -> writing.apply(resource, key, body, owner.fieldManager(), force, false));
  }

  /** Asks the server what an apply would make of an object, with its content. */
  public DryRun dryRun(
      Resource resource, ObjectKey key, byte[] body, SyncKey owner, boolean mayForce)
      throws ApiException, RivalException, InterruptedException {
    return politely(
        resource,
        key,
        owner,
        mayForce,
        TRIES,
        force -> writing.dryRunApply(resource, key, body, owner.fieldManager(), force));
  }

  private interface Request<T> {
    T send(boolean force) throws ApiException, InterruptedException;
  }

  private <T> T politely(
      Resource resource,
      ObjectKey key,
      SyncKey owner,
      boolean mayForce,
      int tries,
      Request<T> request)
      throws ApiException, RivalException, InterruptedException {
    if (!mayForce) {
      try {
        return send(request, false, tries);
      } catch (ApiException e) {
        if (!(e.error() instanceof ApiError.Conflict conflict)) {
          throw e;
        }
        List<String> rivals = rivals(resource, key, owner, conflict);
        if (!rivals.isEmpty()) {
          throw new RivalException(conflict, rivals);
        }
      }
    }
    return send(request, true, tries);
  }

  /**
   * The field managers of the other syncs that have the object. What was handed over bears its
   * labels in the operator's name until its new sync applies it, so that one is not named.
   */
  private List<String> rivals(
      Resource resource, ObjectKey key, SyncKey owner, ApiError.Conflict conflict)
      throws ApiException, InterruptedException {
    List<String> named = conflict.managers().stream().filter(SyncKey::isSyncManager).toList();
    if (!named.isEmpty() || !conflict.managers().contains(SyncWriter.MANAGER)) {
      return named;
    }
    return reading
        .getMetadata(resource, key)
        .flatMap(OwnershipPatch::member)
        .filter(member -> !member.equals(owner))
        .map(SyncKey::fieldManager)
        .stream()
        .toList();
  }

  private static <T> T send(Request<T> request, boolean force, int tries)
      throws ApiException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return request.send(force);
      } catch (ApiException e) {
        // Somebody else's write came between the server's read and write.
        if (attempt == tries || !(e.error() instanceof ApiError.StaleVersion)) {
          throw e;
        }
      }
    }
  }
}
