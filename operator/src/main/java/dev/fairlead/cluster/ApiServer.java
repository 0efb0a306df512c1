package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.RequestListener.Verb;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Owner;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The API server of one cluster, spoken to in raw JSON over HTTP/1.1.
 *
 * <p>Guarantees: each call is one request (a list one for each page) and ends within its deadline;
 * nothing is repeated, and nothing limits the rate; an interruption ends the call. Answers to
 * writes and metadata reads never hold an object's content, those to dry runs where it is asked
 * for. Errors are {@link ApiException}s, whose texts hold no value of a Secret.
 *
 * <p>Any number of threads may call; calls block, so use virtual threads. Closing fails the calls
 * that are under way.
 */
public final class ApiServer implements AutoCloseable {
  /** How many objects one page of a list has at most. */
  public static final int PAGE = 500;

  private final HttpClient http;
  private final Wire wire;
  private final Requests requests;

  private ApiServer(HttpClient http, Wire wire, Requests requests) {
    this.http = http;
    this.wire = wire;
    this.requests = requests;
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
    // Not from a KubernetesClient: it loads a thousand classes of typed models that nobody asks
    // for.
    HttpClient http = new Connection.VirtualThreads().newBuilder(tuned).build();
    Wire wire = new Wire(http, tuned.getMasterUrl(), listener);
    return new ApiServer(http, wire, new Requests(deadline, Identity.OPERATOR));
  }

  /**
   * The same server, asked on somebody's behalf: over the same connections, which are closed with
   * this one.
   */
  public ApiServer as(Identity who) {
    return who.equals(requests.who())
        ? this
        : new ApiServer(http, wire, new Requests(requests.deadline(), who));
  }

  /**
   * The same server, over the same connections: nothing is written but during this term. Dry runs
   * and reads go on.
   */
  public ApiServer during(Term term) {
    return new ApiServer(http, wire.through(term), requests);
  }

  /** The same server, to be asked about the lease: with another deadline, and counted apart. */
  ApiServer forLease(Duration deadline) {
    return new ApiServer(http, wire.countedAs(Verb.LEASE), new Requests(deadline, requests.who()));
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
    return wire.call(
        requests.apply(resource, key, body, fieldManager, force, dryRun),
        answer ->
            new ApplyResult(
                LiveReader.read(resource, object(answer)),
                answer.status() == 201,
                WarningHeader.texts(answer.headers("Warning"))));
  }

  /** What is known about an object without its content; empty when it is not there. */
  public Optional<Live> getMetadata(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return find(requests.get(resource, key, false)).map(o -> LiveReader.read(resource, o));
  }

  /**
   * When an apply by this manager created an object, by the server's clock, in seconds. Empty when
   * it is not there, when others made it, and when the manager has changed it since: nothing tells
   * then.
   */
  public Optional<Instant> createdBy(String manager, Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    Optional<Json.Obj> object = find(requests.get(resource, key, false));
    Optional<Instant> applied =
        object
            .map(o -> LiveReader.read(resource, o))
            .flatMap(live -> live.applied(manager))
            .flatMap(Owner::time);
    return object
        .flatMap(o -> o.object("metadata"))
        .flatMap(m -> m.string("creationTimestamp"))
        .flatMap(LiveReader::time)
        .filter(created -> applied.equals(Optional.of(created)));
  }

  /** A whole object; empty when it is not there. */
  public Optional<Json.Obj> get(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return find(requests.get(resource, key, true));
  }

  /** A whole object with what is known of it; empty when it is not there. */
  public Optional<DryRun> read(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return get(resource, key)
        .map(o -> new DryRun(LiveReader.read(resource, o), o, false, List.of()));
  }

  /** What an apply would make of an object, with its content; see {@link #apply}. */
  public DryRun dryRunApply(
      Resource resource, ObjectKey key, byte[] body, String fieldManager, boolean force)
      throws ApiException, InterruptedException {
    return dryRun(resource, requests.dryRunApply(resource, key, body, fieldManager, force));
  }

  /** What a merge patch would make of an object that is there, with its content. */
  public DryRun dryRunPatch(Resource resource, ObjectKey key, Json.Obj patch, String fieldManager)
      throws ApiException, InterruptedException {
    return dryRun(resource, requests.dryRunPatch(resource, key, patch, fieldManager));
  }

  private DryRun dryRun(Resource resource, Wire.Call call)
      throws ApiException, InterruptedException {
    return wire.call(
        call,
        answer -> {
          Json.Obj object = object(answer);
          return new DryRun(
              LiveReader.read(resource, object),
              object,
              answer.status() == 201,
              WarningHeader.texts(answer.headers("Warning")));
        });
  }

  private Optional<Json.Obj> find(Wire.Call call) throws ApiException, InterruptedException {
    try {
      return Optional.of(wire.call(call, ApiServer::object));
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound missing
          && missing.missing() != ApiError.NotFound.Missing.KIND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Deletes an object if it is still this one in this version, otherwise {@link
   * ApiError.StaleVersion}; what depends on it is deleted in the background.
   *
   * @return the object that still waits for its finalizers; empty when it is gone at once
   */
  public Optional<Live> delete(Resource resource, ObjectKey key, String uid, String resourceVersion)
      throws ApiException, InterruptedException {
    Json.Obj answer =
        wire.call(requests.delete(resource, key, uid, resourceVersion, false), ApiServer::object);
    return answer.string("kind").orElse("").equals("Status")
        ? Optional.empty()
        : Optional.of(LiveReader.read(resource, answer)).filter(Live::deleting);
  }

  /** Asks the server whether it would delete an object. */
  public void tryDelete(Resource resource, ObjectKey key, String uid, String resourceVersion)
      throws ApiException, InterruptedException {
    Json.Obj _ =
        wire.call(requests.delete(resource, key, uid, resourceVersion, true), ApiServer::object);
  }

  /**
   * JSON merge patch (RFC 7396) of an object that is there.
   *
   * @param subresource for example {@code status}; empty for the object itself
   */
  public Live mergePatch(
      Resource resource, ObjectKey key, String subresource, Json.Obj patch, String fieldManager)
      throws ApiException, InterruptedException {
    Wire.Call call = requests.patch(resource, key, subresource, "merge", patch, fieldManager);
    return LiveReader.read(resource, wire.call(call, ApiServer::object));
  }

  /** JSON patch (RFC 6902) of an object that is there. */
  public Live jsonPatch(Resource resource, ObjectKey key, Json.Arr patch, String fieldManager)
      throws ApiException, InterruptedException {
    Wire.Call call = requests.patch(resource, key, "", "json", patch, fieldManager);
    return LiveReader.read(resource, wire.call(call, ApiServer::object));
  }

  /**
   * Creates an object that is not there yet, otherwise {@link ApiError.AlreadyExists}.
   *
   * @param namespace empty for a cluster-scoped object
   */
  public Live create(Resource resource, String namespace, Json.Obj body, String fieldManager)
      throws ApiException, InterruptedException {
    Wire.Call call = requests.create(resource, namespace, body, fieldManager);
    return LiveReader.read(resource, wire.call(call, ApiServer::object));
  }

  /**
   * The metadata of all objects that a selector matches, as they come.
   *
   * @param namespace empty for all
   * @param labelSelector empty for all
   * @return the resource version of the list, from which a watch would go on
   */
  public String list(Resource resource, String namespace, String labelSelector, Consumer<Live> sink)
      throws ApiException, InterruptedException {
    return list(
        new ResourceWatch.Scope(resource, namespace, labelSelector, false),
        item -> sink.accept(LiveReader.read(resource, item)));
  }

  /** Like {@link #list}, with whole objects but their {@code managedFields}. */
  public String listFull(
      Resource resource, String namespace, String labelSelector, Consumer<Json.Obj> sink)
      throws ApiException, InterruptedException {
    return list(
        new ResourceWatch.Scope(resource, namespace, labelSelector, true),
        item -> sink.accept(LiveReader.content(resource, item)));
  }

  /** The objects of a watch's scope as they come; returns the list's resource version. */
  String list(ResourceWatch.Scope scope, JsonAnswer.ItemSink sink)
      throws ApiException, InterruptedException {
    String next = "";
    do {
      Json.Obj metadata = wire.call(requests.list(scope, next), answer -> page(answer, sink));
      next = metadata.string("continue").orElse("");
      if (next.isEmpty()) {
        return metadata.string("resourceVersion").orElse("");
      }
    } while (true);
  }

  private static Json.Obj page(Wire.Answer answer, JsonAnswer.ItemSink sink)
      throws IOException, InterruptedException {
    try (JsonAnswer json = new JsonAnswer(answer.body())) {
      return json.list(sink).object("metadata").orElse(Json.Obj.empty());
    }
  }

  /**
   * The first objects of a list.
   *
   * @param items without their {@code managedFields}
   * @param more whether there are others
   */
  record Excerpt(List<Json.Obj> items, boolean more) {
    Excerpt {
      items = List.copyOf(items);
    }
  }

  /** Whether there is an object of the kind anywhere; reads one at most. */
  public boolean hasAny(Resource resource) throws ApiException, InterruptedException {
    Excerpt first = some(resource, "", "", "", 1);
    return !first.items().isEmpty() || first.more();
  }

  /** One page of whole objects, and no other. */
  Excerpt some(Resource resource, String namespace, String labels, String fields, int limit)
      throws ApiException, InterruptedException {
    List<Json.Obj> items = new ArrayList<>();
    Json.Obj metadata =
        wire.call(
            requests.some(resource, namespace, labels, fields, limit),
            answer -> page(answer, item -> items.add(LiveReader.content(resource, item))));
    return new Excerpt(items, !metadata.string("continue").orElse("").isEmpty());
  }

  /** The end of a container's log, as bytes: they may end within a character. */
  byte[] log(Resource pods, ObjectKey pod, String container, boolean previous, int lines, int bytes)
      throws ApiException, InterruptedException {
    return wire.call(
        requests.log(pods, pod, container, previous, lines, bytes),
        answer -> answer.body().readNBytes(bytes));
  }

  /**
   * What the server says of itself.
   *
   * @param version {@code major}, {@code minor} and {@code gitVersion}
   * @param time on its clock, which it tells in whole seconds: half of one is added, their mean
   */
  public record Greeting(Json.Obj version, Optional<Instant> time) {
    private static Greeting of(Json.Obj version, Optional<String> date) {
      try {
        return new Greeting(
            version,
            date.map(d -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(d)))
                .map(time -> time.plusMillis(500)));
      } catch (DateTimeParseException e) {
        return new Greeting(version, Optional.empty());
      }
    }
  }

  /** Asks which Kubernetes it is, and what time. */
  public Greeting greet() throws ApiException, InterruptedException {
    return wire.call(
        requests.version(), answer -> Greeting.of(object(answer), answer.header("Date")));
  }

  /** Creates an object that nobody keeps, for the server's answer in it. */
  Json.Obj ask(Resource review, Json.Obj body) throws ApiException, InterruptedException {
    return wire.call(requests.ask(review, body), ApiServer::object);
  }

  /** One of the two documents of aggregated discovery. */
  Json.Obj discover(String path) throws ApiException, InterruptedException {
    return wire.call(requests.discover(path), ApiServer::object);
  }

  /**
   * Where OpenAPI v3 documents lie, by the path of their group and version ({@code apis/apps/v1});
   * an address changes with the document.
   */
  Map<String, String> openApiIndex() throws ApiException, InterruptedException {
    Json.Obj index = wire.call(requests.openApi("/openapi/v3"), ApiServer::object);
    Map<String, String> addresses = new HashMap<>();
    index
        .object("paths")
        .orElse(Json.Obj.empty())
        .members()
        .forEach((path, entry) -> {
          if (entry instanceof Json.Obj at) {
            at.string("serverRelativeURL").ifPresent(url -> addresses.put(path, url));
          }
        });
    return addresses;
  }

  /** The schemas of one document as they come. */
  void openApiDocument(String address, JsonAnswer.SchemaSink sink)
      throws ApiException, InterruptedException {
    wire.call(
        requests.openApi(address),
        answer -> {
          try (JsonAnswer json = new JsonAnswer(answer.body())) {
            json.schemas(sink);
            return true;
          }
        });
  }

  /**
   * Opens a watch and reads it with {@code reader}.
   *
   * @param length how long the server lets it last
   * @param silence how long the server may say nothing
   */
  <T> T watch(
      ResourceWatch.Scope scope,
      String resourceVersion,
      Duration length,
      Duration silence,
      Wire.Reader<T> reader)
      throws ApiException, InterruptedException {
    return wire.call(requests.watch(scope, resourceVersion, length, silence), reader);
  }

  /** For tests that look at the bytes of an answer. */
  Wire wire() {
    return wire;
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

  @Override
  public void close() {
    http.close();
  }
}
