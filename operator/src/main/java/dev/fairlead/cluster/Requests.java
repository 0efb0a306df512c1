package dev.fairlead.cluster;

import dev.fairlead.cluster.ErrorAnswer.Subject;
import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RequestListener.Verb;
import dev.fairlead.model.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How each request to the API server is written. All but those for whole objects ask for metadata
 * only, so that the content of a Secret does not come back. Each says as whom it is sent. Pure.
 *
 * @param deadline of every request but lists and watches, with its answer
 * @param who on whose behalf
 */
record Requests(Duration deadline, Identity who) {
  private static final Duration LIST_DEADLINE = Duration.ofMinutes(2);
  private static final String JSON = "application/json";
  private static final String METADATA =
      "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
  private static final String METADATA_LIST =
      "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
  private static final String DISCOVERY =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
          + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

  Wire.Call apply(
      Resource resource,
      ObjectKey key,
      byte[] body,
      String fieldManager,
      boolean force,
      boolean dryRun) {
    String query =
        "?fieldValidation=Strict&force="
            + force
            + "&fieldManager="
            + Paths.encode(fieldManager)
            + (dryRun ? "&dryRun=All" : "");
    return new Wire.Call(
        dryRun ? Verb.DRY_RUN : Verb.APPLY,
        "PATCH",
        Paths.object(resource, key, "") + query,
        headers("Accept", METADATA),
        "application/apply-patch+yaml",
        new String(body, StandardCharsets.UTF_8),
        Subject.of(resource, key),
        deadline,
        deadline);
  }

  /** What an apply would make of an object, with its content. */
  Wire.Call dryRunApply(
      Resource resource, ObjectKey key, byte[] body, String fieldManager, boolean force) {
    return withContent(apply(resource, key, body, fieldManager, force, true));
  }

  /** What a merge patch would make of an object that is there, with its content. */
  Wire.Call dryRunPatch(Resource resource, ObjectKey key, Json patch, String fieldManager) {
    Wire.Call call = withContent(patch(resource, key, "", "merge", patch, fieldManager));
    return new Wire.Call(
        Verb.DRY_RUN,
        call.method(),
        call.path() + "&dryRun=All",
        call.headers(),
        call.contentType(),
        call.body(),
        call.subject(),
        call.silence(),
        call.deadline());
  }

  private static Wire.Call withContent(Wire.Call call) {
    Map<String, String> headers = new HashMap<>(call.headers());
    headers.put("Accept", JSON);
    return new Wire.Call(
        call.verb(),
        call.method(),
        call.path(),
        headers,
        call.contentType(),
        call.body(),
        call.subject(),
        call.silence(),
        call.deadline());
  }

  Wire.Call get(Resource resource, ObjectKey key, boolean full) {
    return read(
        Verb.GET,
        Paths.object(resource, key, ""),
        headers("Accept", full ? JSON : METADATA),
        Subject.of(resource, key),
        deadline,
        deadline);
  }

  Wire.Call delete(
      Resource resource, ObjectKey key, String uid, String resourceVersion, boolean dryRun) {
    Json.Obj preconditions =
        Json.of(Map.of("uid", Json.of(uid), "resourceVersion", Json.of(resourceVersion)));
    Json.Obj options =
        Json.of(
            Map.of(
                "apiVersion", Json.of("v1"),
                "kind", Json.of("DeleteOptions"),
                "propagationPolicy", Json.of("Background"),
                "preconditions", preconditions));
    if (dryRun) {
      options = options.with("dryRun", Json.of(List.of(Json.of("All"))));
    }
    return new Wire.Call(
        dryRun ? Verb.DRY_RUN : Verb.DELETE,
        "DELETE",
        Paths.object(resource, key, ""),
        // What is gone at once is answered with a Status, which has no metadata form.
        headers("Accept", METADATA + "," + JSON),
        JSON,
        options.toJson(),
        Subject.of(resource, key),
        deadline,
        deadline);
  }

  /**
   * A patch of an object that is there.
   *
   * @param type {@code merge} or {@code json}
   */
  Wire.Call patch(
      Resource resource,
      ObjectKey key,
      String subresource,
      String type,
      Json patch,
      String fieldManager) {
    return new Wire.Call(
        Verb.PATCH,
        "PATCH",
        Paths.object(resource, key, subresource) + "?fieldManager=" + Paths.encode(fieldManager),
        headers("Accept", METADATA),
        "application/" + type + "-patch+json",
        patch.toJson(),
        Subject.of(resource, key),
        deadline,
        deadline);
  }

  Wire.Call create(Resource resource, String namespace, Json.Obj body, String fieldManager) {
    String name = body.object("metadata").flatMap(m -> m.string("name")).orElse("");
    return new Wire.Call(
        Verb.CREATE,
        "POST",
        Paths.collection(resource, namespace)
            + "?fieldValidation=Strict&fieldManager="
            + Paths.encode(fieldManager),
        headers("Accept", METADATA),
        JSON,
        body.toJson(),
        Subject.of(resource, resource.key(namespace, name)),
        deadline,
        deadline);
  }

  /**
   * One page of a list.
   *
   * @param next the token of the page before; empty for the first
   */
  Wire.Call list(ResourceWatch.Scope scope, String next) {
    return read(
        Verb.LIST,
        Paths.collection(scope.resource(), scope.namespace())
            + "?limit="
            + ApiServer.PAGE
            + selector(scope)
            + (next.isEmpty() ? "" : "&continue=" + Paths.encode(next)),
        headers("Accept", scope.full() ? JSON : METADATA_LIST, "Accept-Encoding", "gzip"),
        Subject.of(scope.resource()),
        deadline,
        LIST_DEADLINE);
  }

  /**
   * The first objects of a list, whole.
   *
   * @param labels selects by labels; empty for all
   * @param fields selects by fields; empty for all
   */
  Wire.Call some(Resource resource, String namespace, String labels, String fields, int limit) {
    return read(
        Verb.LIST,
        Paths.collection(resource, namespace)
            + "?limit="
            + limit
            + (labels.isEmpty() ? "" : "&labelSelector=" + Paths.encode(labels))
            + (fields.isEmpty() ? "" : "&fieldSelector=" + Paths.encode(fields)),
        headers("Accept", JSON, "Accept-Encoding", "gzip"),
        Subject.of(resource),
        deadline,
        deadline);
  }

  /**
   * The end of a container's log.
   *
   * @param pods the resource
   * @param previous of the container's last run, not of the one that goes on
   */
  Wire.Call log(
      Resource pods, ObjectKey pod, String container, boolean previous, int lines, int bytes) {
    return read(
        Verb.GET,
        Paths.object(pods, pod, "log")
            + "?container="
            + Paths.encode(container)
            + "&previous="
            + previous
            + "&tailLines="
            + lines
            + "&limitBytes="
            + bytes,
        headers("Accept", "*/*"),
        Subject.of(pods, pod),
        deadline,
        deadline);
  }

  /**
   * A watch.
   *
   * @param length how long the server lets it last
   * @param silence how long the server may say nothing
   */
  Wire.Call watch(
      ResourceWatch.Scope scope, String resourceVersion, Duration length, Duration silence) {
    return read(
        Verb.WATCH,
        Paths.collection(scope.resource(), scope.namespace())
            + "?watch=true&allowWatchBookmarks=true&resourceVersion="
            + Paths.encode(resourceVersion)
            + "&timeoutSeconds="
            + length.toSeconds()
            + selector(scope),
        headers("Accept", scope.full() ? JSON : METADATA),
        Subject.of(scope.resource()),
        silence,
        length.plus(silence));
  }

  /**
   * Aggregated discovery.
   *
   * @param path {@code /api} or {@code /apis}
   */
  Wire.Call discover(String path) {
    return read(
        Verb.DISCOVER,
        path,
        headers("Accept", DISCOVERY, "Accept-Encoding", "gzip"),
        new Subject(path, "", ""),
        deadline,
        deadline);
  }

  /** A question that is asked by creating an object. */
  Wire.Call ask(Resource review, Json.Obj body) {
    return withContent(create(review, "", body, SyncWriter.MANAGER));
  }

  /** Which Kubernetes it is. */
  Wire.Call version() {
    return read(
        Verb.DISCOVER,
        "/version",
        headers("Accept", JSON),
        new Subject("/version", "", ""),
        deadline,
        deadline);
  }

  private Map<String, String> headers(String... namesAndValues) {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    if (who instanceof Identity.ServiceAccount account) {
      headers.put("Impersonate-User", account.user());
    }
    return headers;
  }

  /**
   * The index of OpenAPI v3, or one of its documents.
   *
   * @param path with its query
   */
  Wire.Call openApi(String path) {
    return read(
        Verb.DISCOVER,
        path,
        Map.of("Accept", JSON, "Accept-Encoding", "gzip"),
        new Subject("/openapi/v3", "", ""),
        deadline,
        deadline);
  }

  private static String selector(ResourceWatch.Scope scope) {
    return scope.labelSelector().isEmpty()
        ? ""
        : "&labelSelector=" + Paths.encode(scope.labelSelector());
  }

  private static Wire.Call read(
      Verb verb,
      String path,
      Map<String, String> headers,
      Subject subject,
      Duration silence,
      Duration deadline) {
    return new Wire.Call(verb, "GET", path, headers, "", "", subject, silence, deadline);
  }
}
