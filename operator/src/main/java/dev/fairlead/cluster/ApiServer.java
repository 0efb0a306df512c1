package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.ErrorAnswer.Subject;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.RequestListener.Verb;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Live;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The API server of one cluster, spoken to in raw JSON over HTTP/1.1.
 *
 * <p>Guarantees: each call is one request (a list one for each page) and ends within its deadline;
 * nothing is repeated, and nothing limits the rate; an interruption ends the call. Answers to
 * writes and metadata reads never hold an object's content. Errors are {@link ApiException}s, whose
 * texts hold no value of a Secret.
 *
 * <p>Any number of threads may call; calls block, so use virtual threads. Closing fails the calls
 * that are under way.
 */
public final class ApiServer implements AutoCloseable {
  /** How many objects one page of a list has at most. */
  public static final int PAGE = 500;

  static final Duration LIST_DEADLINE = Duration.ofMinutes(2);

  private static final String METADATA =
      "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
  private static final String METADATA_LIST =
      "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
  private static final String JSON = "application/json";
  private static final Pattern WARNING = Pattern.compile("299 \\S+ \"((?:[^\"\\\\]|\\\\.)*)\".*");
  private static final int MAX_WARNINGS = 10;

  private final KubernetesClient client;
  private final Wire wire;
  private final Duration deadline;

  private ApiServer(KubernetesClient client, Wire wire, Duration deadline) {
    this.client = client;
    this.wire = wire;
    this.deadline = deadline;
  }

  /**
   * Makes ready to speak to a cluster, without a request yet.
   *
   * @param config from {@link Connection}
   * @param deadline of every request but lists and watches, with its answer
   */
  public static ApiServer connect(Config config, Duration deadline, RequestListener listener) {
    requireNonNull(deadline);
    Config tuned = Connection.tune(config);
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(tuned)
            .withHttpClientFactory(new Connection.VirtualThreads())
            .build();
    return new ApiServer(
        client, new Wire(client.getHttpClient(), tuned.getMasterUrl(), listener), deadline);
  }

  /**
   * Server-side apply of an object, sent as it is.
   *
   * @param body the object as JSON
   * @param force whether fields of other managers are taken over; otherwise they are an {@link
   *     ApiError.Conflict}
   * @param dryRun whether the server only says what it would do
   */
  public ApplyResult apply(
      Resource resource,
      ObjectKey key,
      byte[] body,
      String fieldManager,
      boolean force,
      boolean dryRun)
      throws ApiException, InterruptedException {
    String query =
        "?fieldManager="
            + Paths.encode(fieldManager)
            + "&fieldValidation=Strict&force="
            + force
            + (dryRun ? "&dryRun=All" : "");
    return wire.call(
        new Wire.Call(
            dryRun ? Verb.DRY_RUN : Verb.APPLY,
            "PATCH",
            Paths.object(resource, key, "") + query,
            Map.of("Accept", METADATA),
            "application/apply-patch+yaml",
            new String(body, StandardCharsets.UTF_8),
            Subject.of(resource, key),
            deadline,
            deadline),
        answer ->
            new ApplyResult(
                LiveReader.read(resource, object(answer)),
                answer.status() == 201,
                warnings(answer)));
  }

  /** What is known about an object without its content; empty when it is not there. */
  public Optional<Live> getMetadata(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return find(resource, key, METADATA).map(o -> LiveReader.read(resource, o));
  }

  /** A whole object; empty when it is not there. */
  public Optional<Json.Obj> get(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return find(resource, key, JSON);
  }

  private Optional<Json.Obj> find(Resource resource, ObjectKey key, String accept)
      throws ApiException, InterruptedException {
    try {
      return Optional.of(
          wire.call(
              new Wire.Call(
                  Verb.GET,
                  "GET",
                  Paths.object(resource, key, ""),
                  Map.of("Accept", accept),
                  "",
                  "",
                  Subject.of(resource, key),
                  deadline,
                  deadline),
              ApiServer::object));
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound missing
          && missing.missing() != ApiError.NotFound.Missing.KIND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Deletes an object if it is still this one in this version; what depends on it is deleted in the
   * background.
   *
   * @return the object that still waits for its finalizers; empty when it is gone at once
   */
  public Optional<Live> delete(Resource resource, ObjectKey key, String uid, String resourceVersion)
      throws ApiException, InterruptedException {
    Json.Obj options =
        Json.of(
            Map.of(
                "apiVersion", Json.of("v1"),
                "kind", Json.of("DeleteOptions"),
                "propagationPolicy", Json.of("Background"),
                "preconditions",
                    Json.of(
                        Map.of("uid", Json.of(uid), "resourceVersion", Json.of(resourceVersion)))));
    Json.Obj answer = write(Verb.DELETE, "DELETE", resource, key, "", "", JSON, options.toJson());
    return answer.string("kind").orElse("").equals("PartialObjectMetadata")
        ? Optional.of(LiveReader.read(resource, answer))
        : Optional.empty();
  }

  /**
   * JSON merge patch (RFC 7396) of an object that is there.
   *
   * @param subresource for example {@code status}; empty for the object itself
   */
  public Live mergePatch(
      Resource resource, ObjectKey key, String subresource, Json.Obj patch, String fieldManager)
      throws ApiException, InterruptedException {
    return LiveReader.read(
        resource,
        write(
            Verb.PATCH,
            "PATCH",
            resource,
            key,
            subresource,
            "?fieldManager=" + Paths.encode(fieldManager),
            "application/merge-patch+json",
            patch.toJson()));
  }

  /** JSON patch (RFC 6902) of an object that is there. */
  public Live jsonPatch(Resource resource, ObjectKey key, Json.Arr patch, String fieldManager)
      throws ApiException, InterruptedException {
    return LiveReader.read(
        resource,
        write(
            Verb.PATCH,
            "PATCH",
            resource,
            key,
            "",
            "?fieldManager=" + Paths.encode(fieldManager),
            "application/json-patch+json",
            patch.toJson()));
  }

  /**
   * Creates an object that is not there yet, otherwise {@link ApiError.AlreadyExists}.
   *
   * @param namespace empty for a cluster-scoped object
   */
  public Live create(Resource resource, String namespace, Json.Obj body, String fieldManager)
      throws ApiException, InterruptedException {
    String name = body.object("metadata").flatMap(m -> m.string("name")).orElse("(generated name)");
    return wire.call(
        new Wire.Call(
            Verb.CREATE,
            "POST",
            Paths.collection(resource, namespace)
                + "?fieldManager="
                + Paths.encode(fieldManager)
                + "&fieldValidation=Strict",
            Map.of("Accept", METADATA),
            JSON,
            body.toJson(),
            Subject.of(resource, resource.key(namespace, name)),
            deadline,
            deadline),
        answer -> LiveReader.read(resource, object(answer)));
  }

  private Json.Obj write(
      Verb verb,
      String method,
      Resource resource,
      ObjectKey key,
      String subresource,
      String query,
      String contentType,
      String body)
      throws ApiException, InterruptedException {
    return wire.call(
        new Wire.Call(
            verb,
            method,
            Paths.object(resource, key, subresource) + query,
            Map.of("Accept", METADATA + "," + JSON),
            contentType,
            body,
            Subject.of(resource, key),
            deadline,
            deadline),
        ApiServer::object);
  }

  /**
   * The metadata of all objects that a selector matches.
   *
   * @param namespace empty for all
   * @param labelSelector empty for all
   * @return the resource version from which a watch goes on
   */
  public String list(Resource resource, String namespace, String labelSelector, Consumer<Live> sink)
      throws ApiException, InterruptedException {
    return pages(
        resource,
        namespace,
        labelSelector,
        METADATA_LIST,
        item -> sink.accept(LiveReader.read(resource, item)));
  }

  /** Like {@link #list}, with whole objects. */
  public String listFull(
      Resource resource, String namespace, String labelSelector, Consumer<Json.Obj> sink)
      throws ApiException, InterruptedException {
    return pages(
        resource,
        namespace,
        labelSelector,
        JSON,
        item -> sink.accept(LiveReader.content(resource, item)));
  }

  /** The objects of a watch's scope as they come, whole or their metadata. */
  String list(ResourceWatch.Scope scope, JsonAnswer.ItemSink sink)
      throws ApiException, InterruptedException {
    return pages(
        scope.resource(),
        scope.namespace(),
        scope.labelSelector(),
        scope.full() ? JSON : METADATA_LIST,
        sink);
  }

  private String pages(
      Resource resource,
      String namespace,
      String labelSelector,
      String accept,
      JsonAnswer.ItemSink sink)
      throws ApiException, InterruptedException {
    String first =
        Paths.collection(resource, namespace)
            + "?limit="
            + PAGE
            + (labelSelector.isEmpty() ? "" : "&labelSelector=" + Paths.encode(labelSelector));
    String next = "";
    do {
      Json.Obj metadata = page(resource, first + next, accept, sink);
      String token = metadata.string("continue").orElse("");
      if (token.isEmpty()) {
        return metadata.string("resourceVersion").orElse("");
      }
      next = "&continue=" + Paths.encode(token);
    } while (true);
  }

  private Json.Obj page(Resource resource, String path, String accept, JsonAnswer.ItemSink sink)
      throws ApiException, InterruptedException {
    return wire.call(
        new Wire.Call(
            Verb.LIST,
            "GET",
            path,
            Map.of("Accept", accept, "Accept-Encoding", "gzip"),
            "",
            "",
            Subject.of(resource),
            deadline,
            LIST_DEADLINE),
        answer -> {
          try (JsonAnswer json = new JsonAnswer(answer.body())) {
            return json.list(sink).object("metadata").orElse(Json.Obj.empty());
          }
        });
  }

  /** A document that is no object of a kind, for example discovery's. */
  Json.Obj document(String path, String accept) throws ApiException, InterruptedException {
    return wire.call(
        new Wire.Call(
            Verb.DISCOVER,
            "GET",
            path,
            Map.of("Accept", accept, "Accept-Encoding", "gzip"),
            "",
            "",
            new Subject(path, "", ""),
            deadline,
            deadline),
        ApiServer::object);
  }

  /**
   * Opens a watch and reads it with {@code reader}.
   *
   * @param query with a leading question mark
   * @param silence how long the server may say nothing
   * @param whole how long the watch may last
   */
  <T> T watch(
      ResourceWatch.Scope scope,
      String query,
      Duration silence,
      Duration whole,
      Wire.Reader<T> reader)
      throws ApiException, InterruptedException {
    return wire.call(
        new Wire.Call(
            Verb.WATCH,
            "GET",
            Paths.collection(scope.resource(), scope.namespace()) + query,
            Map.of("Accept", scope.full() ? JSON : METADATA),
            "",
            "",
            Subject.of(scope.resource()),
            silence,
            whole),
        reader);
  }

  private static Json.Obj object(Wire.Answer answer) throws IOException, ApiException {
    try (JsonAnswer json = new JsonAnswer(Wire.whole(answer))) {
      Json.Obj object = json.nextObject();
      if (object == null) {
        throw new IOException("the API server's answer is empty");
      }
      return object;
    }
  }

  private static List<String> warnings(Wire.Answer answer) {
    List<String> warnings = new ArrayList<>();
    for (String header : answer.headers("Warning")) {
      Matcher warning = WARNING.matcher(header);
      if (warning.matches() && warnings.size() < MAX_WARNINGS) {
        warnings.add(ErrorAnswer.cut(warning.group(1).replace("\\\"", "\"").replace("\\\\", "\\")));
      }
    }
    return warnings;
  }

  @Override
  public void close() {
    client.close();
  }
}
