package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A GitSync.
 *
 * @param folder what it follows; empty for the root
 * @param after the one that has to be Ready first
 * @param rollsBack whether a commit that does not become healthy is rolled back
 */
record Sync(SyncKey key, Repo repo, String folder, Optional<SyncKey> after, boolean rollsBack) {

  /** Its id by KEP-3659. */
  String id() {
    String parent = key.name() + "." + key.namespace() + ".GitSync.fairlead.dev";
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(parent.getBytes(StandardCharsets.UTF_8));
      return "applyset-" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + "-v1";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  String manager() {
    return "fairlead/" + key.namespace() + "/" + key.name();
  }

  /** What its objects carry. */
  Map<String, String> labels() {
    return Map.of(
        "applyset.kubernetes.io/part-of", id(),
        "fairlead.dev/name", key.name(),
        "fairlead.dev/namespace", key.namespace());
  }

  String path() {
    return collection(key.namespace()) + "/" + key.name();
  }

  static String collection(String namespace) {
    return "/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs";
  }

  /** What the newest commit says, as if nothing in it were broken. */
  SortedMap<ObjectKey, Item> wants() {
    return repo.tree().wants(folder);
  }

  /** How the newest commit is broken. */
  Optional<Break> broken() {
    return repo.tree().broken(folder);
  }

  Json.Obj manifest() {
    Json.Obj spec =
        Json.Obj.empty()
            .with("url", Item.text(repo.url()))
            .with("interval", Item.text("1s"))
            .with(
                "rollout",
                Json.Obj.empty()
                    .with("timeout", Item.text("20s"))
                    .with("onFailure", Item.text(rollsBack ? "Rollback" : "Hold")));
    if (!folder.isEmpty()) {
      spec = spec.with("path", Item.text(folder));
    }
    if (after.isPresent()) {
      Json.Obj dependency =
          Json.Obj.empty()
              .with("name", Item.text(after.get().name()))
              .with("namespace", Item.text(after.get().namespace()));
      spec = spec.with("dependsOn", new Json.Arr(List.of(dependency), 0, 0));
    }
    return Json.Obj.empty()
        .with("apiVersion", Item.text("fairlead.dev/v1alpha1"))
        .with("kind", Item.text("GitSync"))
        .with(
            "metadata",
            Json.Obj.empty()
                .with("name", Item.text(key.name()))
                .with("namespace", Item.text(key.namespace())))
        .with("spec", spec);
  }

  @Override
  public String toString() {
    return key.namespace() + "/" + key.name();
  }
}
