package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Live;
import java.util.Optional;
import java.util.function.Function;

/**
 * Changes whose an object says that it is, and nothing else of it.
 *
 * <p>Guarantees: what is decided is decided about the object as it is when it is written; whoever
 * writes to it in between is looked at again. Stateless; any thread may call it.
 */
final class OwnershipWriter {
  private static final int TRIES = 3;

  private final ApiServer reading;

  /**
   * @param reading asked for metadata of objects, under the operator's own name
   */
  OwnershipWriter(ApiServer reading) {
    this.reading = reading;
  }

  /**
   * Patches an object.
   *
   * @param writing on whose behalf it is written
   * @param patch for the object as it is, guarded by its version; nothing where it is to be left
   * @return whether it was written; false when it is gone or is to be left
   */
  boolean patch(
      ApiServer writing, Resource resource, ObjectKey key, Function<Live, Optional<Json.Arr>> patch)
      throws ApiException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Optional<Json.Arr> wanted = reading.getMetadata(resource, key).flatMap(patch);
      if (wanted.isEmpty()) {
        return false;
      }
      try {
        writing.jsonPatch(resource, key, wanted.get(), SyncWriter.MANAGER);
        return true;
      } catch (ApiException e) {
        if (e.error() instanceof ApiError.NotFound) {
          return false;
        }
        if (!(e.error() instanceof ApiError.StaleVersion) || attempt == TRIES) {
          throw e;
        }
      }
    }
  }
}
