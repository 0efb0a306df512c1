package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One life of a GitSync from its creation to its deletion, and the look at what the cluster holds
 * of it: no object too many, none too few, none made anew, nothing of others touched, the status
 * true.
 *
 * <p>One thread.
 */
final class KillStory {
  private static final String SYNC = "sync";

  /** What is not the sync's although it looks like it, each lacking one of the two proofs. */
  private static final Set<String> BYSTANDERS = Set.of("nobodys", "labelled", "applied");

  private final ApiClient api;
  private final GitRepository repository;
  private final SyncKey sync;
  private final String other;
  private final String group;
  private final Map<ObjectKey, String> uids = new HashMap<>();
  private final List<TrueStatus.Deployment> deployments = new ArrayList<>();
  private final Set<ObjectKey> strays = new HashSet<>();
  private String commit = "";
  private Map<String, String> bystanders = Map.of();
  private Wanted wanted = new Wanted(Map.of());
  private Wanted settled = wanted;

  /** An object of a kind that the sync has or had. */
  private record Found(ObjectKey key, String uid, boolean labelled, boolean applied) {}

  KillStory(ApiClient api, GitRepository repository, String namespace, String name) {
    this.api = api;
    this.repository = repository;
    this.sync = new SyncKey(namespace, SYNC);
    this.other = namespace + "-" + name;
    this.group = other + ".example.org";
  }

  /** The objects of others, for the whole of a namespace's life. */
  static void createBystanders(ApiClient api, String namespace) {
    SyncKey sync = new SyncKey(namespace, SYNC);
    String maps = "/api/v1/namespaces/" + namespace + "/configmaps";
    api.create(maps, "{\"metadata\":{\"name\":\"nobodys\"},\"data\":{\"key\":\"one\"}}");
    api.create(
        maps,
        "{\"metadata\":{\"name\":\"labelled\",\"labels\":{\"%s\":\"%s\"}},\"data\":{\"key\":\"one\"}}"
            .formatted(Labels.PART_OF, Labels.applySetId(sync)));
    api.apply(
        maps + "/applied",
        sync.fieldManager(),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {key: one}\n");
  }

  /** Creates the GitSync of a repository with the first commit. */
  void begin() {
    bystanders = bystanders();
    assertThat(bystanders.keySet()).isEqualTo(BYSTANDERS);
    push(Wanted.first(sync.namespace(), other, group));
    api.create(
        syncs(),
        """
        {"apiVersion":"fairlead.dev/v1alpha1","kind":"GitSync","metadata":{"name":"%s"},\
        "spec":{"url":"%s","interval":"1s"}}
        """
            .formatted(SYNC, repository.url()));
  }

  void second() {
    push(wanted.second(sync.namespace(), other));
  }

  /** While the daemon is dead Git moves on: without the object that its last write was about. */
  void without(ObjectKey key) {
    push(wanted.without(key));
    strays.addAll(members().keySet());
    strays.removeAll(wanted.keys());
    strays.removeAll(settled.keys());
  }

  void delete() {
    api.delete(syncs() + "/" + SYNC);
    // What the daemon leaves when a person deletes a GitSync.
    wanted = new Wanted(Map.of());
  }

  private void push(Wanted next) {
    List<GitChange> changes = new ArrayList<>();
    wanted.keys().stream()
        .filter(key -> !next.keys().contains(key))
        .forEach(key -> changes.add(new GitChange.Delete(file(key))));
    next.files().forEach((key, text) -> changes.add(new GitChange.Write(file(key), text)));
    commit = repository.commit(GitRepository.MAIN, "Commit", changes);
    wanted = next;
  }

  private static String file(ObjectKey key) {
    return (key.kind() + "-" + key.namespace() + "-" + key.name() + ".yaml");
  }

  private String syncs() {
    return "/apis/fairlead.dev/v1alpha1/namespaces/" + sync.namespace() + "/gitsyncs";
  }

  private Optional<Json.Obj> gitSync() {
    return api.get(syncs() + "/" + SYNC);
  }

  /** The object that a path of a write is about. */
  ObjectKey keyOf(String path) {
    return found().stream()
        .map(Found::key)
        .filter(key -> path.endsWith("/" + key.name()))
        .filter(key -> path.contains("/" + key.kind().toLowerCase(java.util.Locale.ROOT) + "s/"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no object at " + path));
  }

  /** Whether the daemon says that it is done with what was asked last. */
  boolean done() {
    Optional<Json.Obj> object = gitSync();
    if (wanted.keys().isEmpty()) {
      return object.isEmpty();
    }
    Json.Obj status = object.flatMap(o -> o.object("status")).orElse(Json.Obj.empty());
    return SyncClient.condition(status, "Ready").startsWith("True ")
        && SyncClient.applied(status).equals(commit)
        // A Job that runs is as healthy as one that is finished.
        && status.items("finishedJobs").size() == wanted.jobs().size();
  }

  /** Approves a prune that waits for it; whether there was one. */
  boolean approve() {
    Optional<String> digest =
        gitSync()
            .flatMap(o -> o.object("status"))
            .flatMap(s -> s.object("pendingPrune"))
            .flatMap(p -> p.string("digest"));
    digest.ifPresent(d ->
        api.mergePatch(
            syncs() + "/" + SYNC,
            "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(Labels.APPROVE_PRUNE, d)));
    return digest.isPresent();
  }

  String statusText() {
    return gitSync()
        .map(o ->
            o.object("metadata").orElseThrow().without("managedFields").toJson()
                + "\n"
                + o.object("status").orElse(Json.Obj.empty()).toJson())
        .orElse("no GitSync");
  }

  private List<Found> found() {
    List<Found> found = new ArrayList<>();
    Wanted.kinds(group)
        .forEach((kind, path) -> {
          for (Json.Obj object : api.list(path)) {
            Json.Obj metadata = object.object("metadata").orElseThrow();
            boolean labelled =
                metadata
                    .object("labels")
                    .flatMap(l -> l.string(Labels.PART_OF))
                    .filter(Labels.applySetId(sync)::equals)
                    .isPresent();
            boolean applied =
                metadata.items("managedFields").stream()
                    .map(f -> ((Json.Obj) f).string("manager").orElse(""))
                    .anyMatch(sync.fieldManager()::equals);
            ObjectKey key =
                new ObjectKey(
                    kind.group(),
                    kind.kind(),
                    metadata.string("namespace").orElse(""),
                    metadata.string("name").orElseThrow());
            if (labelled || applied) {
              found.add(new Found(key, metadata.string("uid").orElseThrow(), labelled, applied));
            }
          }
        });
    return found;
  }

  private boolean isBystander(ObjectKey key) {
    return key.namespace().equals(sync.namespace()) && BYSTANDERS.contains(key.name());
  }

  private Map<String, String> bystanders() {
    Map<String, String> now = new TreeMap<>();
    for (String name : BYSTANDERS) {
      api.get("/api/v1/namespaces/" + sync.namespace() + "/configmaps/" + name)
          .flatMap(o -> o.object("metadata"))
          .ifPresent(m -> now.put(name, m.string("uid").orElse("")));
    }
    return now;
  }

  /** The objects of the sync, by either proof, with their uids. */
  private Map<ObjectKey, String> members() {
    return found().stream()
        .filter(f -> !isBystander(f.key()))
        .collect(Collectors.toMap(Found::key, Found::uid));
  }

  /**
   * While the daemon is dead: whatever it was about, its inventory names each kind and namespace
   * where it has objects.
   */
  void checkWhileDead() {
    Map<ObjectKey, String> members = members();
    uids.putAll(members);
    Optional<Json.Obj> object = gitSync();
    if (object.isEmpty()) {
      assertThat(members.keySet()).as("objects of a GitSync that is gone").isEmpty();
      return;
    }
    assertThat(annotation(object.get(), Labels.CONTAINS_GROUP_KINDS))
        .as("the kinds of the inventory")
        .containsAll(kindsOf(members.keySet()));
    assertThat(annotation(object.get(), Labels.ADDITIONAL_NAMESPACES))
        .as("the namespaces of the inventory")
        .containsAll(namespacesOf(members.keySet()));
  }

  private static Set<String> annotation(Json.Obj object, String name) {
    String text =
        object
            .object("metadata")
            .flatMap(m -> m.object("annotations"))
            .flatMap(a -> a.string(name))
            .orElse("");
    return Stream.of(text.split(",", -1))
        .filter(s -> !s.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> kindsOf(Set<ObjectKey> keys) {
    return keys.stream()
        .map(ObjectKey::groupKind)
        .map(GroupKind::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> namespacesOf(Set<ObjectKey> keys) {
    return keys.stream()
        .map(ObjectKey::namespace)
        .filter(n -> !n.isEmpty() && !n.equals(sync.namespace()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** When the daemon is done: the cluster holds what Git wants of it and the status says so. */
  void check() {
    assertThat(bystanders()).as("what others made").isEqualTo(bystanders);
    List<Found> found = found().stream().filter(f -> !isBystander(f.key())).toList();
    assertThat(found).extracting(Found::key).containsExactlyInAnyOrderElementsOf(wanted.keys());
    assertThat(found).allMatch(f -> f.labelled() && f.applied(), "has both proofs");
    uids.keySet().retainAll(wanted.keys());
    assertThat(members()).as("uids").containsAllEntriesOf(uids);
    uids.putAll(members());
    if (!wanted.keys().isEmpty()) {
      checkContent();
      long removed = settled.keys().stream().filter(k -> !wanted.keys().contains(k)).count();
      if (!wanted.equals(settled)) {
        deployments.add(
            new TrueStatus.Deployment(commit, wanted.differing(settled), removed + strays.size()));
      }
      strays.clear();
      settled = wanted;
      new TrueStatus(gitSync().orElseThrow()).check(wanted, deployments);
      Json.Obj object = gitSync().orElseThrow();
      assertThat(annotation(object, Labels.CONTAINS_GROUP_KINDS)).isEqualTo(kindsOf(wanted.keys()));
      assertThat(annotation(object, Labels.ADDITIONAL_NAMESPACES))
          .isEqualTo(namespacesOf(wanted.keys()));
    }
  }

  private void checkContent() {
    ObjectKey a = new ObjectKey("", "ConfigMap", sync.namespace(), "a");
    Optional<String> value =
        api.get("/api/v1/namespaces/" + sync.namespace() + "/configmaps/a")
            .flatMap(o -> o.object("data"))
            .flatMap(d -> d.string("key"));
    Optional<String> text = Optional.ofNullable(wanted.files().get(a));
    assertThat(value.map(v -> "data: {key: " + v + "}").orElse(""))
        .isEqualTo(text.map(t -> t.lines().skip(3).findFirst().orElse("")).orElse(""));
  }

  /** Takes away what a deleted GitSync leaves. */
  void clear() {
    api.delete("/api/v1/namespaces/" + other);
  }
}
