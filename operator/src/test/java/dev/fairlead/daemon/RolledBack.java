package dev.fairlead.daemon;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What tests of commits that fail have in common: a site that can be broken, and looks at it. */
abstract class RolledBack extends OneDaemon {
  static final String ROLLBACK = "rollout: {timeout: 3s, onFailure: Rollback}";

  /** A Deployment of this image tag says after a second that it makes no progress. */
  static final String BAD = "missing";

  RolledBack(String prefix, ControlPlane cluster, Path directory) {
    super(prefix, cluster, directory);
  }

  /** A commit of two pods of that image, and further changes. */
  String push(String tag, GitChange... others) {
    List<GitChange> changes = new ArrayList<>(Arrays.asList(others));
    changes.add(new GitChange.Write("web.yaml", deployment("web", tag)));
    return repository.commit(GitRepository.MAIN, "Deploy " + tag, changes);
  }

  static GitChange write(String file, String text) {
    return new GitChange.Write(file, text);
  }

  static GitChange delete(String file) {
    return new GitChange.Delete(file);
  }

  void awaitRolledBack(String from, String to) {
    awaitRolledBack("sync", from, to);
  }

  void awaitRolledBack(String name, String from, String to) {
    syncs.await(name, "rolled back from " + from + " to " + to, s -> isRolledBack(s, from, to));
  }

  static boolean isRolledBack(Json.Obj status, String from, String to) {
    return SyncClient.condition(status, "Ready").startsWith("False RolledBack")
        && SyncClient.applied(status).equals(to)
        && hash(status, "from").equals(from)
        && hash(status, "to").equals(to);
  }

  private static String hash(Json.Obj status, String end) {
    return status
        .object("rollback")
        .flatMap(r -> r.string(end))
        .map(r -> r.substring(r.lastIndexOf(':') + 1))
        .orElse("");
  }

  static String brief(String hash) {
    return "main@" + hash.substring(0, 7);
  }

  /** What {@code status.history} says of each commit, the newest first. */
  static List<String> results(Json.Obj status) {
    List<String> results = new ArrayList<>();
    for (Json item : status.items("history")) {
      Json.Obj entry = (Json.Obj) item;
      String revision = entry.string("revision").orElse("");
      String hash = revision.substring(revision.lastIndexOf(':') + 1);
      results.add(brief(hash) + " " + entry.string("result").orElse(""));
    }
    return results;
  }

  String image(String deployment) {
    return get("deployment", deployment, "jsonpath={.spec.template.spec.containers[0].image}");
  }

  /** The uid of an object; empty when there is none. */
  String uid(String kind, String name) {
    return get(kind, name, "jsonpath={.metadata.uid}");
  }

  String get(String kind, String name, String output) {
    return cluster.tryKubectl("", "get", kind, "-n", namespace, name, "-o", output).output();
  }

  /** The pods of a Deployment that are ready, by uid. */
  List<String> readyPods(String deployment) {
    String all =
        cluster.kubectl(
            "get",
            "pods",
            "-n",
            namespace,
            "-l",
            "app=" + deployment,
            "-o",
            "jsonpath={range .items[*]}{.metadata.uid} {.status.conditions[?(@.type==\"Ready\")].status}{\"\\n\"}{end}");
    return all.lines()
        .filter(l -> l.endsWith(" True"))
        .map(l -> l.split(" ", -1)[0])
        .sorted()
        .toList();
  }

  /** Events of this test's namespace, as reason and message. */
  Stream<String> events() {
    return cluster
        .kubectl(
            "get",
            "events",
            "-n",
            namespace,
            "-o",
            "jsonpath={range .items[*]}{.reason} {.message}{\"\\n\"}{end}")
        .lines();
  }

  double rollbacks() {
    return operator.metric("fairlead_rollback_total", "namespace=\"" + namespace + "\"");
  }

  static Map<String, String> site(String tag) {
    return Map.of("web.yaml", deployment("web", tag));
  }

  static String deployment(String name, String tag) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: 2
      progressDeadlineSeconds: %3$d
      strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec: {containers: [{name: c, image: "example.org/c:%2$s"}]}
    """
        .formatted(name, tag, tag.equals(BAD) ? 1 : 60);
  }
}
