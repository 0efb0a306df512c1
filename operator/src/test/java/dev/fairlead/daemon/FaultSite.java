package dev.fairlead.daemon;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevWalk;

/**
 * What one row of the table of faults has to itself: a namespace, a repository, and a GitSync
 * {@value #SYNC}. One thread at a time.
 */
final class FaultSite {
  static final String SYNC = "sync";
  static final String PASSWORD = "hunter2-is-secret";

  /** What every good commit has; the namespace stands for {@code <ns>}. */
  static final Map<String, String> GOOD =
      Map.of(
          "deploy/a.yaml",
          configMap("a", "good"),
          "deploy/b.yaml",
          configMap("b", "good"),
          "deploy/web.yaml",
          """
          apiVersion: v1
          kind: Service
          metadata: {name: web, namespace: <ns>}
          spec:
            ports: [{port: 80}]
          """);

  /** The kinds whose live objects are compared. */
  private static final List<String> COMPARED =
      List.of("api/v1/%s/configmaps", "api/v1/%s/services", "apis/apps/v1/%s/deployments");

  private final Ground ground;
  private final GitServer git;
  private final GitRepository repository;
  private final String namespace;
  private final SyncClient syncs;
  private final Map<String, String> files;
  private String good = "";

  /** What rows share. */
  interface Ground {
    ApiClient api();

    /** From now on the row's own hook decides about the daemon's requests, before others. */
    void hook(String namespace, ApiProxy.Hook hook);

    void stopApiServer();

    void killApiServer();

    void startApiServer();

    /** Ends the daemon in an orderly way and starts it again. */
    void restartDaemon(String... flags);

    OperatorProcess daemon();
  }

  /**
   * @param further files of the good commit beside {@link #GOOD}
   */
  FaultSite(Ground ground, GitServer git, String namespace, Map<String, String> further) {
    this.ground = ground;
    this.git = git;
    this.repository = git.create(namespace);
    this.namespace = namespace;
    this.syncs = new SyncClient(ground.api(), namespace);
    this.files = new HashMap<>(GOOD);
    files.putAll(further);
  }

  static String configMap(String name, String value) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: <ns>}\ndata: {key: \"%s\"}\n"
        .formatted(name, value);
  }

  Ground ground() {
    return ground;
  }

  GitServer git() {
    return git;
  }

  GitRepository repository() {
    return repository;
  }

  String namespace() {
    return namespace;
  }

  SyncClient syncs() {
    return syncs;
  }

  ApiClient api() {
    return ground.api();
  }

  /** The commit with which the row began. */
  String good() {
    return good;
  }

  /** The newest commit of main. */
  String head() {
    return repository.resolve("refs/heads/" + GitRepository.MAIN);
  }

  /** Whether the newest commit of main has the files of the good one. */
  boolean sameTree() {
    try (RevWalk walk = new RevWalk(repository.jgit())) {
      return walk.parseCommit(ObjectId.fromString(head()))
          .getTree()
          .equals(walk.parseCommit(ObjectId.fromString(good)).getTree());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text with the row's own names. */
  String own(String text) {
    return text.replace("<ns>", namespace)
        .replace("<url>", repository.url())
        .replace("<host>", repository.url().replaceFirst("http://([^/]*)/.*", "$1"));
  }

  void begin(List<String> spec) {
    Map<String, String> first = new HashMap<>();
    files.forEach((path, content) -> first.put(path, own(content)));
    good = repository.commit(first, "All is well");
    syncs.apply(SYNC, repository.url(), spec.stream().map(this::own).toArray(String[]::new));
    syncs.awaitReady(SYNC, good);
  }

  /** A commit that would also change one object and remove another, if it were applied. */
  void push(Map<String, String> broken) {
    List<GitChange> changes = new ArrayList<>();
    broken.forEach((path, content) -> changes.add(new GitChange.Write(path, own(content))));
    push(changes.toArray(GitChange[]::new));
  }

  /** The same with changes of other sorts. */
  void push(GitChange... broken) {
    List<GitChange> changes = new ArrayList<>();
    changes.add(new GitChange.Write("deploy/a.yaml", own(configMap("a", "changed"))));
    changes.add(new GitChange.Delete("deploy/b.yaml"));
    changes.addAll(List.of(broken));
    repository.commit(GitRepository.MAIN, "All is wrong", changes);
  }

  /** A commit that leaves this file alone in the repository. */
  void replace(String path, String content) {
    List<GitChange> changes = new ArrayList<>();
    for (String old : files.keySet()) {
      if (!old.equals(path)) {
        changes.add(new GitChange.Delete(old));
      }
    }
    changes.add(new GitChange.Write(path, own(content)));
    repository.commit(GitRepository.MAIN, "All is wrong", changes);
  }

  /** A good commit that changes one object. */
  void change() {
    repository.commit(
        Map.of("deploy/a.yaml", own(configMap("a", "changed"))), "All is well, and other");
  }

  /** A commit with exactly the good files. */
  void commitGood() {
    repository.restore(GitRepository.MAIN, good, "All is well again");
  }

  /** The Secret that {@code secretRef: {name: git}} names. */
  void secret(String password) {
    api()
        .apply(
            "/api/v1/namespaces/" + namespace + "/secrets/git",
            "kubectl",
            """
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "git"},
             "stringData": {"username": "robot", "password": "%s"}}
            """
                .formatted(password));
  }

  /** The live objects of the sync: uid and version by kind and name. */
  Map<String, String> objects() {
    Map<String, String> objects = new TreeMap<>();
    for (String kind : COMPARED) {
      String target =
          "/"
              + kind.formatted("namespaces/" + namespace)
              + "?labelSelector=applyset.kubernetes.io/part-of";
      Json.Obj list = api().get(target).orElseThrow();
      for (Json item : list.items("items")) {
        Json.Obj metadata = ((Json.Obj) item).object("metadata").orElseThrow();
        objects.put(
            kind.substring(kind.lastIndexOf('/') + 1) + "/" + metadata.string("name").orElse(""),
            metadata.string("uid").orElse("")
                + " "
                + metadata.string("resourceVersion").orElse(""));
      }
    }
    return objects;
  }

  /** The messages of the sync's events with this reason. */
  List<String> events(String reason) {
    String target =
        "/api/v1/namespaces/%s/events?fieldSelector=reason=%s,involvedObject.name=%s"
            .formatted(namespace, reason, SYNC);
    return api().get(target).orElseThrow().items("items").stream()
        .map(e -> ((Json.Obj) e).string("message").orElse(""))
        .toList();
  }

  /** Whether a text is what a row expects. */
  boolean matches(String expected, String text) {
    String[] parts = own(expected).split("\\*", -1);
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < parts.length; i++) {
      pattern.append(i == 0 ? "" : ".*").append(Pattern.quote(parts[i]));
    }
    return text.matches(pattern.toString());
  }

  void await(Duration limit, String what, java.util.function.Supplier<Boolean> until) {
    SyncClient.await(limit, what, until, () -> syncs.status(SYNC).toJson());
  }
}
