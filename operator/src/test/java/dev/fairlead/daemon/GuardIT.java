package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stops a commit from deleting too much, too precious, or what is not its to delete. */
final class GuardIT extends OneDaemon {
  private final ApiClient api;

  GuardIT(ControlPlane cluster, @TempDir Path directory) {
    super("guard", cluster, directory);
    this.api = ApiClient.of(cluster);
  }

  @Test
  void an_approval_is_for_the_prune_that_was_shown_and_for_no_other() {
    commit("a", "b", "c", "d");
    follow("sync");
    syncs.awaitReady("sync", head());

    repository.delete("without three", "a.yaml", "b.yaml", "c.yaml");
    String three = blocked(3);
    repository.delete("nor d", "d.yaml");
    repository.commit(Map.of("e.yaml", configMap("e", "1")), "but e");
    String four = blocked(4);
    assertThat(four).isNotEqualTo(three);

    // The prune has grown since that was shown.
    approve(three);
    syncs.await(
        "sync",
        "that says so",
        s ->
            SyncClient.condition(s, "Ready")
                .contains("the approval that is set is for another prune"));
    assertThat(valueOf("a")).isEqualTo("1");

    approve(four);
    syncs.awaitReady("sync", head());
    assertThat(valuesOf("a", "b", "c", "d")).containsOnly("");

    // The same names once more: other objects, and another question.
    commit("a", "b", "c", "d");
    syncs.awaitReady("sync", head());
    repository.delete("without four", "a.yaml", "b.yaml", "c.yaml", "d.yaml");
    assertThat(blocked(4)).isNotEqualTo(four);
    assertThat(valuesOf("a", "b", "c", "d")).containsOnly("1");

    // Back in Git, nothing is asked any more.
    commit("a", "b", "c", "d");
    syncs.awaitReady("sync", head());
    assertThat(syncs.status("sync").object("pendingPrune")).isEmpty();
  }

  @Test
  void what_holds_data_is_asked_for_however_small_the_prune() {
    String group = namespace + ".example.org";
    String empty = "empty." + namespace + ".example.org";
    commit("a", "b", "c", "d", "e", "f", "g", "h");
    repository.commit(
        Map.of(
            "ns.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s-data}\n".formatted(namespace),
            "claim.yaml",
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: %1$s
              volumeName: %1$s
              resources: {requests: {storage: 1Gi}}
            """
                .formatted(namespace),
            "volume.yaml",
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: %1$s}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: %1$s
              hostPath: {path: /tmp/%1$s}
            """
                .formatted(namespace),
            "used.yaml",
            definition(group, "v1"),
            "unused.yaml",
            definition(empty, "v1")),
        "precious");
    follow("sync");
    syncs.awaitReady("sync", head());
    cluster.kubectl("wait", "crd/things." + group, "--for=condition=Established", "--timeout=20s");
    cluster.tryKubectl(thing(group, "v1", 1), "apply", "-n", namespace, "-f", "-").orFail();

    repository.delete("no unused definition", "unused.yaml");
    syncs.awaitReady("sync", head());
    assertThat(api.get(crd(empty))).isEmpty();

    repository.delete("nothing precious", "ns.yaml", "claim.yaml", "used.yaml");
    blocked(3);
    assertThat(syncs.condition("sync", "Ready"))
        .contains("CustomResourceDefinition things." + group + " with its instances")
        .contains("Namespace " + namespace + "-data")
        .contains("PersistentVolumeClaim " + namespace + "/data");
    assertThat(api.get(crd(group))).isPresent();

    // Deleting the GitSync is its own approval, but not for these.
    syncs.delete("sync");
    assertThat(valueOf("a")).isEmpty();
    for (String path : List.of(claim(), crd(group), "/api/v1/namespaces/" + namespace + "-data")) {
      assertThat(api.get(path).orElseThrow().toJson())
          .doesNotContain("deletionTimestamp")
          .doesNotContain("applyset");
    }
    cluster.kubectl("delete", "crd", "things." + group, "--timeout=30s");
  }

  @Test
  void a_gitsync_counts_as_all_that_it_would_prune() {
    Map<String, String> files = new HashMap<>();
    files.put("sync/child.yaml", child("child", ""));
    files.put("sync/orphan.yaml", child("orphan", ", deletionPolicy: Orphan"));
    for (String name : List.of("p", "q", "r", "s")) {
      files.put("sync/" + name + ".yaml", configMap(name, "1"));
      files.put("child/" + name + ".yaml", configMap("child-" + name, "1"));
      files.put("orphan/" + name + ".yaml", configMap("orphan-" + name, "1"));
    }
    repository.commit(files, "all");
    follow("parent", "path: sync");
    syncs.awaitReady("parent", head());

    repository.delete("no orphan", "sync/orphan.yaml");
    syncs.awaitReady("parent", head());
    assertThat(syncs.find("orphan")).isEmpty();
    assertThat(valueOf("orphan-p")).isEqualTo("1");

    repository.delete("no child", "sync/child.yaml");
    syncs.awaitReason("parent", "PruneBlocked");
    assertThat(syncs.condition("parent", "Ready"))
        .contains("5 objects, those of its GitSyncs among them; it has 5 of its own");
    assertThat(syncs.status("parent").object("pendingPrune").orElseThrow().toJson())
        .contains("\"objects\":5");
    assertThat(valueOf("child-p")).isEqualTo("1");
  }

  private String child(String name, String more) {
    return """
    apiVersion: fairlead.dev/v1alpha1
    kind: GitSync
    metadata: {name: %1$s, namespace: %2$s}
    spec: {url: "%3$s", path: %1$s, interval: 1s, defaultNamespace: %2$s%4$s}
    """
        .formatted(name, namespace, repository.url(), more);
  }

  @Test
  void what_says_that_it_is_to_stay_stays_whoever_says_it() {
    commit("a", "b", "c", "d", "e");
    repository.commit(
        Map.of(
            "git.yaml",
            annotated("git", "fairlead.dev/prune: disabled"),
            "helm.yaml",
            annotated("helm", "helm.sh/resource-policy: keep"),
            "other.yaml",
            annotated("other", "fairlead.dev/prune: enabled"),
            "live.yaml",
            configMap("live", "1")),
        "kept");
    follow("sync");
    syncs.awaitReady("sync", head());
    cluster.kubectl(
        "annotate", "configmap", "-n", namespace, "live", "fairlead.dev/prune=disabled");

    repository.delete("without them", "git.yaml", "helm.yaml", "other.yaml", "live.yaml");

    syncs.awaitReady("sync", head());
    assertThat(valueOf("other")).isEmpty();
    for (String name : List.of("git", "helm", "live")) {
      assertThat(api.get(configMaps(name)).orElseThrow().toJson())
          .as(name)
          .doesNotContain("applyset")
          .doesNotContain("fairlead/");
    }
  }

  private static String annotated(String name, String annotation) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, annotations: {%s}}\n"
        .formatted(name, annotation);
  }

  @Test
  void nothing_is_pruned_because_git_is_broken() {
    commit("deploy/a", "deploy/b", "deploy/c");
    String good = head();
    follow("sync", "path: deploy", "maxPrune: 100%", "ref: {branch: main}");
    syncs.awaitReady("sync", good);
    String uid = uid("a");

    repository.commit(Map.of("deploy/b.yaml", "a: [\n"), "syntax");
    syncs.awaitReason("sync", "BuildFailed");
    repository.restore(GitRepository.MAIN, good, "back");
    syncs.awaitReady("sync", head());
    repository.delete("no manifests", "deploy/a.yaml", "deploy/b.yaml", "deploy/c.yaml");
    repository.commit(Map.of("deploy/README.md", "empty"), "none");
    syncs.awaitReason("sync", "BuildFailed");
    repository.delete("no folder", "deploy/README.md");
    repository.commit(Map.of("README.md", "empty"), "nothing");
    syncs.awaitReason("sync", "PathNotFound");
    repository.deleteBranch("main");
    syncs.awaitReason("sync", "RefNotFound");
    repository.branch("main", good);
    syncs.awaitReady("sync", good);

    assertThat(uid("a")).isEqualTo(uid);
    assertThat(valuesOf("a", "b", "c")).containsOnly("1");
  }

  @Test
  void what_the_cluster_needs_is_never_deleted_not_even_with_approval() {
    commit("a", "b");
    repository.commit(
        Map.of(
            "default.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n",
            "own.yaml",
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: fairlead, namespace: fairlead-system}
            """,
            "system.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: fairlead-system}\n"),
        "needed");
    follow("sync", "maxPrune: 100%");
    syncs.awaitReady("sync", head());

    repository.delete("not needed", "default.yaml", "own.yaml", "system.yaml");

    syncs.awaitReady("sync", head());
    for (String path :
        List.of(
            "/api/v1/namespaces/default",
            "/api/v1/namespaces/fairlead-system",
            "/api/v1/namespaces/fairlead-system/serviceaccounts/fairlead")) {
      assertThat(api.get(path).orElseThrow().toJson())
          .doesNotContain("deletionTimestamp")
          .doesNotContain("applyset");
    }
  }

  @Test
  void a_charts_hooks_of_other_times_are_skipped_with_a_warning() {
    commit("a");
    repository.commit(
        Map.of(
            "chart/test.yaml",
            hook(
                "Pod",
                "chart-test",
                "test",
                "{containers: [{name: c, image: \"example.org/c:1\"}]}"),
            "chart/delete.yaml",
            hook("ConfigMap", "cleanup", "pre-delete", ""),
            "chart/install.yaml",
            hook("ConfigMap", "prepare", "pre-install,pre-upgrade", "")),
        "chart");

    follow("sync");

    syncs.awaitReady("sync", head());
    assertThat(syncs.status("sync").items("warnings"))
        .extracting(w -> ((Json.Str) w).value())
        .containsExactly(
            "chart/delete.yaml:1: ConfigMap cleanup: is a Helm hook (pre-delete) and is not applied",
            "chart/test.yaml:1: Pod chart-test: is a Helm hook (test) and is not applied");
    assertThat(api.get(configMaps("prepare"))).isPresent();
    assertThat(api.get(configMaps("cleanup"))).isEmpty();

    // Still said of a commit that does not touch them.
    commit("b");
    syncs.awaitReady("sync", head());
    assertThat(syncs.status("sync").items("warnings")).hasSize(2);
    repository.delete("no hooks", "chart/test.yaml", "chart/delete.yaml");
    syncs.awaitReady("sync", head());
    assertThat(syncs.status("sync").items("warnings")).isEmpty();
  }

  private static String hook(String kind, String name, String hooks, String spec) {
    return "apiVersion: v1\nkind: %s\nmetadata: {name: %s, annotations: {helm.sh/hook: \"%s\"}}\n%s\n"
        .formatted(kind, name, hooks, spec.isEmpty() ? "" : "spec: " + spec);
  }

  private void commit(String... names) {
    Map<String, String> files = new HashMap<>();
    for (String name : names) {
      files.put(name + ".yaml", configMap(name.substring(name.indexOf('/') + 1), "1"));
    }
    repository.commit(files, "commit");
  }

  private String head() {
    return repository.resolve("refs/heads/main");
  }

  /** Waits until that many objects wait for approval; the digest. */
  private String blocked(int objects) {
    syncs.await(
        "sync",
        objects + " objects that wait for approval",
        s ->
            s.object("pendingPrune")
                .map(p -> p.toJson().contains("\"objects\":" + objects))
                .orElse(false));
    assertThat(syncs.condition("sync", "Ready")).startsWith("False PruneBlocked");
    return syncs
        .status("sync")
        .object("pendingPrune")
        .flatMap(p -> p.string("digest"))
        .orElseThrow();
  }

  private void approve(String digest) {
    cluster.kubectl(
        "annotate",
        "--overwrite",
        "gitsync",
        "-n",
        namespace,
        "sync",
        "fairlead.dev/approve-prune=" + digest);
  }

  private Stream<String> valuesOf(String... names) {
    return Stream.of(names).map(this::valueOf);
  }

  private String configMaps(String name) {
    return "/api/v1/namespaces/" + namespace + "/configmaps/" + name;
  }

  private String claim() {
    return "/api/v1/namespaces/" + namespace + "/persistentvolumeclaims/data";
  }

  private static String crd(String group) {
    return "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things." + group;
  }

  private String uid(String name) {
    return api.get(configMaps(name))
        .flatMap(o -> o.object("metadata"))
        .flatMap(m -> m.string("uid"))
        .orElse("none");
  }
}
