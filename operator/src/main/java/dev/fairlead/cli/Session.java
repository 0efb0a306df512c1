package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.ClusterAccess;
import dev.fairlead.cluster.ResourceWatch;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.cluster.WatchListener;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.schema.Nearest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One conversation with one cluster, in which errors are sentences. For one thread; close it.
 *
 * <p>Every request ends within 30 s, those for lists within two minutes.
 */
final class Session implements AutoCloseable {
  /** The field manager of what the command line writes. */
  static final String MANAGER = "fairlead-cli";

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int NAMED = 5;

  private final ClusterAccess access;
  private final ApiServer api;
  private final String namespace;

  private Session(ClusterAccess access, String namespace) {
    this.access = access;
    this.namespace = namespace;
    this.api = access.connect(DEADLINE);
  }

  static Session open(ConnectionOptions options, Terminal terminal) throws CliException {
    ClusterAccess access = options.access(terminal);
    return new Session(access, options.namespace(access));
  }

  /**
   * For whom the kubeconfig's namespace says nothing.
   *
   * @param usual where GitSyncs are looked for when none was asked for
   */
  static Session open(ConnectionOptions options, Terminal terminal, String usual)
      throws CliException {
    return new Session(options.access(terminal), options.asked().orElse(usual));
  }

  /** Where GitSyncs are looked for. */
  String namespace() {
    return namespace;
  }

  ApiServer api() {
    return api;
  }

  /** The cluster, for people. */
  String cluster() {
    return access.server() + " (context " + access.context() + ")";
  }

  /** What a command needs beside a GitSync's name to find it: {@code " -n shop"}, or nothing. */
  String scope(String of) {
    return of.equals(access.namespace().orElse(ConnectionOptions.USUAL_NAMESPACE))
        ? ""
        : " -n " + of;
  }

  /** All GitSyncs, by namespace and name. */
  List<SyncItem> list(boolean allNamespaces) throws CliException, InterruptedException {
    List<SyncItem> syncs = new ArrayList<>();
    try {
      String _ =
          api.listFull(
              SyncWriter.GITSYNCS,
              allNamespaces ? "" : namespace,
              "",
              object -> syncs.add(SyncItem.of(object)));
    } catch (ApiException e) {
      throw refused(e);
    }
    syncs.sort(Comparator.comparing(SyncItem::key));
    return syncs;
  }

  /** The GitSync of that name, which may be written as {@code gitsync/name}. */
  SyncItem get(String name) throws CliException, InterruptedException {
    SyncKey key = new SyncKey(namespace, bare(name));
    Optional<SyncItem> found = find(key);
    if (found.isEmpty()) {
      throw missing(key);
    }
    return found.get();
  }

  Optional<SyncItem> find(SyncKey key) throws CliException, InterruptedException {
    return read(SyncWriter.GITSYNCS, SyncWriter.key(key)).map(SyncItem::of);
  }

  /** A whole object; empty when it is not there. */
  Optional<Json.Obj> read(Resource resource, ObjectKey key)
      throws CliException, InterruptedException {
    try {
      return api.get(resource, key);
    } catch (ApiException e) {
      throw refused(e);
    }
  }

  /** The name in {@code gitsync/name}, or in a name alone. */
  static String bare(String name) {
    for (String kind : List.of("gitsync/", "gitsyncs/", "gsync/", "gitsync.fairlead.dev/")) {
      if (name.startsWith(kind)) {
        return name.substring(kind.length());
      }
    }
    return name;
  }

  /** The time on the clock of the API server, in seconds; empty when it does not tell. */
  Optional<Instant> time() throws CliException, InterruptedException {
    try {
      return api.greet().time();
    } catch (ApiException e) {
      throw refused(e);
    }
  }

  /** Merges into a GitSync, if it is still that one. */
  void patch(SyncItem sync, Map<String, Json> change) throws CliException, InterruptedException {
    Json.Obj metadata = change.get("metadata") instanceof Json.Obj given ? given : Json.Obj.empty();
    Json.Obj patch =
        Json.of(change)
            .with("metadata", metadata.with("uid", Json.of(sync.reading().metadata().uid())));
    try {
      var _ = api.mergePatch(SyncWriter.GITSYNCS, SyncWriter.key(sync.key()), "", patch, MANAGER);
    } catch (ApiException e) {
      throw refused(e);
    }
  }

  /** Sets an annotation of a GitSync. */
  void annotate(SyncItem sync, String key, String value) throws CliException, InterruptedException {
    patch(
        sync,
        Map.of("metadata", Json.of(Map.of("annotations", Json.of(Map.of(key, Json.of(value)))))));
  }

  /** Tells of every change of GitSyncs from now on, and of all that are there. */
  ResourceWatch watch(boolean allNamespaces, WatchListener listener) {
    return ResourceWatch.start(
        api,
        new ResourceWatch.Scope(SyncWriter.GITSYNCS, allNamespaces ? "" : namespace, "", true),
        ResourceWatch.Timing.DEFAULT,
        listener);
  }

  /** What is said of a GitSync that is not there: where it is, or which may be meant. */
  private CliException missing(SyncKey key) throws InterruptedException {
    String where = "there is no GitSync " + key.name() + " in namespace " + key.namespace();
    List<SyncItem> all;
    try {
      all = list(true);
    } catch (CliException e) {
      // Who may not see the others is told of none.
      return new CliException(where + " of context " + access.context());
    }
    List<String> elsewhere =
        all.stream()
            .map(SyncItem::key)
            .filter(k -> k.name().equals(key.name()))
            .map(SyncKey::namespace)
            .toList();
    if (!elsewhere.isEmpty()) {
      return new CliException(
          where + "; it is in " + some(elsewhere) + ": add -n " + elsewhere.getFirst());
    }
    List<String> here =
        all.stream()
            .map(SyncItem::key)
            .filter(k -> k.namespace().equals(key.namespace()))
            .map(SyncKey::name)
            .toList();
    Optional<String> nearest =
        Nearest.of(key.name(), here)
            .or(() ->
                Nearest.of(
                    key.name(), all.stream().map(s -> s.key().name()).collect(Collectors.toSet())));
    if (nearest.isPresent()) {
      return new CliException(where + "; did you mean " + nearest.get() + "?");
    }
    return new CliException(
        where
            + (here.isEmpty()
                ? all.isEmpty()
                    ? ", and none in any other"
                    : ", there are " + all.size() + " in others: fairlead status -A"
                : "; there are: " + some(here))
            + " (context "
            + access.context()
            + ")");
  }

  private static String some(List<String> names) {
    List<String> sorted = List.copyOf(new TreeSet<>(names));
    return String.join(", ", sorted.subList(0, Math.min(NAMED, sorted.size())))
        + (sorted.size() > NAMED ? " and " + (sorted.size() - NAMED) + " more" : "");
  }

  /** The server's refusal, in a sentence with what to do. */
  CliException refused(ApiException e) {
    return new CliException(Refusal.of(e.error(), access.context(), access.server()));
  }

  @Override
  public void close() {
    api.close();
  }
}
