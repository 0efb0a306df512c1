package dev.fairlead.cluster;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads the few Secrets that GitSyncs name; nothing is kept. Any thread may call it. */
public final class Secrets {
  /** Secrets, as every API server serves them. */
  public static final Resource RESOURCE =
      new Resource("", "v1", "secrets", "Secret", true, Set.of("get", "list", "watch"));

  private final ApiServer api;

  public Secrets(ApiServer api) {
    this.api = api;
  }

  /** The Secret's data, decoded; an {@link ApiException} when it is not there. */
  public Map<String, byte[]> read(String namespace, String name)
      throws ApiException, InterruptedException {
    ObjectKey key = new ObjectKey("", "Secret", namespace, name);
    Json.Obj secret =
        api.get(RESOURCE, key)
            .orElseThrow(() ->
                new ApiException(
                    new ApiError.NotFound(
                        "it does not exist", ApiError.NotFound.Missing.OBJECT, name)));
    Map<String, byte[]> data = new HashMap<>();
    secret
        .object("data")
        .ifPresent(members ->
            members
                .members()
                .forEach((k, v) -> {
                  if (v instanceof Json.Str text) {
                    data.put(k, Base64.getDecoder().decode(text.value()));
                  }
                }));
    return data;
  }
}
