package dev.fairlead.daemon;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Fairlead makes of the corpus on one control plane is, field by field, what {@code kubectl
 * apply --server-side} makes of it on another; after the first commit, after one that changes and
 * removes, and after one that deletes.
 *
 * <p>The tests are steps of one story, in their order. After each, the two sides are compared until
 * the control plane's controllers have settled. Found are the objects by who applied them, as the
 * API server wrote it down, and by kubectl's reading of the files, not by Fairlead's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class CorpusComparisonIT {
  private static final String SYNC = "corpus";

  /** Directories and files that leave Git; with them, all that is not healthy but one object. */
  private static final String[] DELETED = {
    "database/migrate.yaml", "database/postgres.yaml", "jobs", "monitoring", "storage", "workloads"
  };

  private final Path directory;
  private final CorpusCluster fairlead;
  private final CorpusCluster kubectl;
  private final GitServer git;
  private final GitRepository repository;
  private final OperatorProcess operator;
  private final SyncClient syncs;
  private final Corpus corpus;
  private final IgnoredFields ignored;
  private Map<ObjectKey, Json.Obj> manifests = Map.of();

  CorpusComparisonIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    CompletableFuture<ControlPlane> other = CompletableFuture.supplyAsync(ControlPlane::start);
    this.fairlead = new CorpusCluster(ControlPlane.start(), "fairlead/default/" + SYNC);
    this.kubectl = new CorpusCluster(other.join(), "kubectl");
    for (CorpusCluster side : List.of(fairlead, kubectl)) {
      side.cluster()
          .kubectl("config", "set-context", "--current", "--namespace=" + Corpus.NAMESPACE);
    }
    this.corpus = Corpus.copyTo(directory.resolve("corpus"));
    this.ignored =
        IgnoredFields.parse(Files.readString(corpus.root().resolve("ignored-fields.txt")));
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("corpus");
    fairlead.cluster().kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    fairlead.cluster().trust("default");
    this.operator = OperatorProcess.start(fairlead.cluster().kubeconfig(), directory);
    this.syncs = new SyncClient(fairlead.cluster(), "default");
  }

  @BeforeAll
  void both_apply_the_corpus() {
    String commit = repository.commit(GitRepository.MAIN, "corpus", corpus.asChanges());
    syncs.apply(
        SYNC, repository.url(), "defaultNamespace: " + Corpus.NAMESPACE, "rollout: {timeout: 5s}");

    // The second pass is for what needs the namespaces and definitions of the first.
    List<String> files = corpus.recursively();
    kubectl.cluster().tryKubectl("", applyOf(files));
    kubectl.cluster().kubectl(applyOf(files));
    awaitApplied(commit);
    manifests = corpus.manifests(kubectl.cluster());
  }

  private static String[] applyOf(List<String> files) {
    return command("apply --server-side --validate=strict", files);
  }

  private static String[] command(String words, List<String> files) {
    return Stream.concat(Stream.of(words.split(" ")), files.stream()).toArray(String[]::new);
  }

  @AfterAll
  void stop() {
    operator.close();
    git.close();
    fairlead.cluster().close();
    kubectl.cluster().close();
  }

  private void awaitApplied(String commit) {
    syncs.await(
        SYNC,
        "Applied at " + commit,
        status ->
            SyncClient.condition(status, "Applied").startsWith("True ")
                && SyncClient.applied(status).equals(commit));
  }

  private Map<ObjectKey, Json.Obj> applied(CorpusCluster side) {
    Map<ObjectKey, Json.Obj> objects =
        AppliedObjects.of(side.applier(), manifests.keySet(), side.everything());
    objects.replaceAll(
        (key, live) -> ignored.strip(key, live, manifests.getOrDefault(key, Json.Obj.empty())));
    return objects;
  }

  private List<String> differences() {
    return Difference.between(applied(fairlead), applied(kubectl)).stream()
        .map(Difference::toString)
        .toList();
  }

  /** What the daemon says that it has repaired. */
  private List<String> drifts() {
    return operator.log().lines().filter(l -> l.contains("Drift repaired")).toList();
  }

  private void awaitDifferences(String what, List<String> expected) {
    SyncClient.await(
        Duration.ofSeconds(20),
        what + ":\n" + String.join("\n", expected),
        () -> differences().equals(expected),
        () -> "\n" + String.join("\n", differences()));
  }

  @Test
  @Order(1)
  void each_object_is_what_kubectl_makes_of_the_same_file() {
    awaitDifferences("no difference", List.of());

    Set<GroupKind> kinds = new TreeSet<>();
    manifests.keySet().forEach(k -> kinds.add(k.groupKind()));
    System.out.println(
        "compared " + manifests.size() + " objects of " + kinds.size() + " kinds, equal");
    assertThat(manifests.size()).as("objects").isGreaterThanOrEqualTo(120);
    assertThat(kinds.size()).as("kinds").isGreaterThanOrEqualTo(30);
    assertThat(applied(fairlead).keySet()).isEqualTo(manifests.keySet());
    assertThat(drifts()).as("drift, with nobody there").isEmpty();
    assertThat(ignored.unused()).as("lines of ignored-fields.txt that ignore nothing").isEmpty();
  }

  @Test
  @Order(2)
  void the_sync_names_what_cannot_become_healthy_here_and_nothing_else() {
    Map<String, String> expected =
        new TreeMap<>(
            Map.of(
                "Deployment corpus/numbers-and-words",
                "Unschedulable", // its pod wants ephemeral storage, and the nodes have none
                "Job corpus/paused",
                "JobNotStarted", // suspended by its manifest
                "PersistentVolumeClaim corpus/block",
                "NotBound", // the provisioner of its class does not run
                "PersistentVolumeClaim corpus/uploads",
                "NotBound", // the same
                "StatefulSet corpus/quorum",
                "NotBound", // its claims are not bound
                "StatefulSet corpus-data/postgres",
                "NotBound", // the same
                "StatefulSet corpus-monitoring/monitoring-server",
                "NotBound")); // the same

    syncs.await(
        SYNC,
        "with exactly these problems: " + expected,
        status ->
            status.items("problems").stream()
                .map(p -> (Json.Obj) p)
                .collect(
                    toMap(p -> p.string("object").orElse(""), p -> p.string("reason").orElse("")))
                .equals(expected));

    Json.Obj objects = syncs.status(SYNC).object("objects").orElseThrow();
    assertThat(objects.integer("total")).contains((long) manifests.size());
    assertThat(objects.integer("healthy")).contains((long) (manifests.size() - expected.size()));
    assertThat(syncs.condition(SYNC, "Ready")).startsWith("False ");
  }

  @Test
  @Order(3)
  void a_planted_difference_is_named_by_object_and_field() {
    Corpus planted = Corpus.copyTo(directory.resolve("planted"));
    planted.edit(CorpusEdits.PLANTED);
    kubectl.cluster().kubectl(applyOf(planted.recursively()));
    kubectl.cluster().kubectl("delete", "configmap", "from-json");
    kubectl
        .cluster()
        .apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: planted}, data: {a: b}}");

    awaitDifferences("the planted differences", CorpusEdits.PLANTED_DIFFERENCES);

    kubectl.cluster().kubectl("delete", "configmap", "planted");
    kubectl.cluster().kubectl(applyOf(corpus.recursively()));
    awaitDifferences("no difference, now that nothing is planted", List.of());
  }

  @Test
  @Order(4)
  void what_a_commit_changes_and_removes_is_what_kubectl_changes_and_removes() {
    corpus.edit(CorpusEdits.CHANGES);

    String commit = repository.commit(GitRepository.MAIN, "change", corpus.asChanges());
    kubectl.cluster().kubectl(applyOf(corpus.recursively()));
    manifests = corpus.manifests(kubectl.cluster());
    awaitApplied(commit);

    // kubectl owns a Secret's stringData, which the server never shows, and so never takes a key of
    // it out of data again. Fairlead applies data.
    awaitDifferences(
        "only the one that has a reason",
        List.of(
            "Secret corpus/from-strings /data/number: - with Fairlead, \"MTIzNDU=\" with kubectl"));
    kubectl
        .cluster()
        .kubectl(
            "patch",
            "secret",
            "from-strings",
            "--type=merge",
            "-p",
            "{\"data\":{\"number\":null}}");
  }

  @Test
  @Order(5)
  void what_leaves_git_is_pruned_when_approved_and_nothing_else() {
    // Given
    Map<ObjectKey, String> before = fairlead.uids();
    Map<ObjectKey, String> beforeWithKubectl = kubectl.uids();
    Set<ObjectKey> members = Set.copyOf(manifests.keySet());
    Set<ObjectKey> left = new TreeSet<>(corpus.manifests(kubectl.cluster(), DELETED).keySet());
    kubectl
        .cluster()
        .kubectl(command("delete --wait=false --ignore-not-found", corpus.recursively(DELETED)));
    corpus.delete(DELETED);
    // What is ill for a commit holds up the prunes after it: it has to leave, or to be cured.
    corpus.edit(List.of(CorpusEdits.CURE));
    kubectl.cluster().kubectl(applyOf(corpus.recursively()));
    manifests = corpus.manifests(kubectl.cluster());

    // When
    List<GitChange> changes = new ArrayList<>(corpus.asChanges());
    Stream.of(DELETED).forEach(path -> changes.add(new GitChange.Delete(path)));
    String commit = repository.commit(GitRepository.MAIN, "delete", changes);

    // Then
    syncs.awaitReason(SYNC, "PruneBlocked");
    assertThat(fairlead.gone(before)).as("gone without approval").isEmpty();
    approve();
    syncs.awaitReady(SYNC, commit);

    Set<ObjectKey> pruned = new TreeSet<>(fairlead.gone(before));
    pruned.retainAll(members);
    assertThat(pruned).isEqualTo(left).hasSizeGreaterThan(40);
    // With them goes what the control plane itself kept for them, and that alone.
    SyncClient.await(
        Duration.ofSeconds(20),
        "what is gone from the whole cluster is what is gone after kubectl delete",
        () -> fairlead.gone(before).equals(kubectl.gone(beforeWithKubectl)),
        () -> fairlead.gone(before) + "\nand with kubectl\n" + kubectl.gone(beforeWithKubectl));
    awaitDifferences("no difference in what stays", List.of());
    assertThat(drifts()).as("drift, with nobody there").isEmpty();
    System.out.println("pruned " + left.size() + " objects, compared " + manifests.size());
  }

  private void approve() {
    Json.Obj pending = syncs.status(SYNC).object("pendingPrune").orElseThrow();
    fairlead
        .cluster()
        .kubectl(
            "annotate",
            "gitsync",
            SYNC,
            "--namespace=default",
            "fairlead.dev/approve-prune=" + pending.string("digest").orElseThrow());
  }
}
