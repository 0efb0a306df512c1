package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fairlead.model.Commit;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.ProgramRun;
import dev.fairlead.testbed.Seed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** The CRD as the real API server takes it, and our patches as it applies them. */
@ExtendWith(ControlPlaneExtension.class)
final class CrdIT {
  private static final String CRD = "../manifests/crd.yaml";
  private static final String URL = "url: https://example.org/team/app.git";

  @BeforeAll
  static void installTheCrd(ControlPlane cluster) {
    cluster.kubectl("apply", "--server-side", "-f", CRD);
    cluster.kubectl("wait", "--for=condition=Established", "crd/gitsyncs.fairlead.dev");
  }

  @Test
  void acceptsWhatIsFine(ControlPlane cluster) {
    List<String> specs = SpecCases.accepted();
    ProgramRun run = createAll(cluster, specs);
    assertThat(run.errors()).isEmpty();
    assertThat(run.output().lines()).hasSameSizeAs(specs);
  }

  @TestFactory
  Stream<DynamicTest> refusesWithAMessage(ControlPlane cluster) {
    List<SpecCases.Refused> cases = SpecCases.refused().toList();
    ProgramRun run = createAll(cluster, cases.stream().map(SpecCases.Refused::spec).toList());
    Map<String, String> messages = messages(run.errors());
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      SpecCases.Refused refused = cases.get(i);
      String message = messages.getOrDefault("case-" + i, "accepted");
      tests.add(
          dynamicTest(
              refused.name(),
              () ->
                  assertThat(message)
                      .contains(refused.field() + ": ")
                      .contains(refused.crdMessage())));
    }
    return tests.stream();
  }

  @Test
  void refusesANameOver52Characters(ControlPlane cluster) {
    assertThat(create(cluster, "n".repeat(52), URL, "--dry-run=server").exitCode()).isZero();
    assertThat(create(cluster, "n".repeat(53), URL, "--dry-run=server").errors())
        .contains("metadata.name must have at most 52 characters");
  }

  @Test
  void knowsNoFieldThatDoesNotWorkYet(ControlPlane cluster) {
    String spec = URL + "\nref: {latest: true}";
    assertThat(create(cluster, "later", spec, "--dry-run=server").errors())
        .contains("unknown field \"spec.ref.latest\"");
  }

  @Test
  void fillsInTheDefaultsThatWeFillInToo(ControlPlane cluster) {
    Json.Obj created = created(cluster, "defaults");
    assertThat(created.object("spec").orElseThrow())
        .isEqualTo(
            Trees.object(
                URL
                    + """

                    submodules: false
                    interval: 1m
                    fetchTimeout: 60s
                    mode: Apply
                    prune: true
                    maxPrune: 50%
                    deletionPolicy: MirrorPrune
                    suspend: false
                    rollout: {timeout: 5m, onFailure: Hold}
                    """));
    assertThat(sync(created).spec())
        .isEqualTo(sync(created.with("spec", Trees.object(URL))).spec());
  }

  @Test
  void holdsEveryFieldOfTheStatusAndLosesNone(ControlPlane cluster) {
    String namespace = namespace(created(cluster, "status"));
    long seed = Seed.of(CrdIT.class);
    RandomStatus random = new RandomStatus(new Random(seed));
    SyncStatus now = SyncStatus.EMPTY;
    List<SyncStatus> next =
        List.of(StatusJsonTest.full(), random.next(), random.next(), random.next(), outOfTime());
    for (SyncStatus after : next) {
      Json.Obj patch = StatusPatch.between(now, after).orElseThrow();
      patch(cluster, namespace, "status", patch, "--subresource=status").orFail();
      now = StatusPatch.settle(now, after);
      assertThat(get(cluster, namespace, "status").object("status"))
          .as("seed %d", seed)
          .contains(StatusJson.of(now));
    }
  }

  @Test
  void printsWhatPeopleLookFor(ControlPlane cluster) {
    String namespace = namespace(created(cluster, "columns"));
    Json.Obj patch = StatusPatch.between(SyncStatus.EMPTY, StatusJsonTest.full()).orElseThrow();
    patch(cluster, namespace, "columns", patch, "--subresource=status").orFail();

    List<String> lines = cluster.kubectl("get", "gsync", "-n", namespace).lines().toList();

    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst())
        .matches("NAME +READY +STATUS +REVISION +APPLIED +OBJECTS +SUSPENDED +AGE");
    assertThat(lines.getLast())
        .matches("columns +Unknown +one line +main@[0-9a-f]{7} +[0-9dhy]+ +11/12 +false +[0-9]+s");
    assertThat(cluster.kubectl("get", "fairlead", "-n", namespace)).contains("columns");
  }

  @Test
  void explainsItsFields(ControlPlane cluster) {
    assertThat(words(cluster.kubectl("explain", "gitsync.spec.maxPrune")))
        .contains("The most objects that one commit may prune without approval");
    assertThat(words(cluster.kubectl("explain", "gitsync.spec.deletionPolicy")))
        .contains("ENUM: MirrorPrune Orphan");
    assertThat(words(cluster.kubectl("explain", "gitsync")))
        .contains("A GitSync makes what a folder of a Git repository says run in the cluster");
  }

  @Test
  void isUnchangedWhenItIsAppliedAgain(ControlPlane cluster) {
    String version = "jsonpath={.metadata.resourceVersion} {.metadata.generation}";
    String before = cluster.kubectl("get", "crd", "gitsyncs.fairlead.dev", "-o", version);
    cluster.kubectl("apply", "--server-side", "-f", CRD);
    assertThat(cluster.kubectl("get", "crd", "gitsyncs.fairlead.dev", "-o", version))
        .isEqualTo(before);
    assertThat(
            cluster.kubectl(
                "get",
                "crd",
                "-l",
                "applyset.kubernetes.io/is-parent-type=true",
                "-o",
                "jsonpath={.items[*].metadata.name} {.items[*].status.conditions[?(@.type=='NonStructuralSchema')]}"))
        .isEqualTo("gitsyncs.fairlead.dev ");
  }

  @Test
  void becomesAndCeasesToBeTheParentOfAnApplySet(ControlPlane cluster) {
    SyncMetadata fresh = sync(created(cluster, "parent")).metadata();
    String namespace = fresh.key().namespace();
    Inventory inventory =
        new Inventory(List.of(new GroupKind("apps", "Deployment")), List.of(namespace, "web"));

    patch(cluster, namespace, "parent", MetadataPatch.adopt(fresh, inventory).orElseThrow())
        .orFail();

    SyncMetadata adopted = sync(get(cluster, namespace, "parent")).metadata();
    assertThat(adopted.hasFinalizer()).isTrue();
    assertThat(adopted.labels()).containsEntry(Labels.APPLYSET_ID, Labels.applySetId(fresh.key()));
    assertThat(MetadataPatch.inventory(adopted, Inventory.EMPTY)).isEqualTo(inventory);
    assertThat(MetadataPatch.adopt(adopted, inventory)).isEmpty();
    Inventory own = new Inventory(inventory.groupKinds(), List.of(namespace));
    patch(cluster, namespace, "parent", MetadataPatch.adopt(adopted, own).orElseThrow()).orFail();
    SyncMetadata narrowed = sync(get(cluster, namespace, "parent")).metadata();
    assertThat(narrowed.annotations()).doesNotContainKey(Labels.ADDITIONAL_NAMESPACES);
    patch(cluster, namespace, "parent", MetadataPatch.release(narrowed).orElseThrow()).orFail();
    assertThat(sync(get(cluster, namespace, "parent")).hasFinalizer()).isFalse();
  }

  @Test
  void losesNoFinalizerThatSomeoneAddedMeanwhile(ControlPlane cluster) {
    SyncMetadata seen = sync(created(cluster, "race")).metadata();
    String namespace = seen.key().namespace();
    Json.Obj foreign = Trees.object("metadata: {finalizers: [example.org/other]}");
    patch(cluster, namespace, "race", foreign).orFail();

    Json.Obj stale = MetadataPatch.adopt(seen, Inventory.EMPTY).orElseThrow();
    assertThat(patch(cluster, namespace, "race", stale).errors())
        .contains("the object has been modified");

    SyncMetadata now = sync(get(cluster, namespace, "race")).metadata();
    patch(cluster, namespace, "race", MetadataPatch.adopt(now, Inventory.EMPTY).orElseThrow())
        .orFail();
    SyncMetadata both = sync(get(cluster, namespace, "race")).metadata();
    assertThat(both.finalizers()).containsExactly("example.org/other", Labels.FINALIZER);
    patch(cluster, namespace, "race", Trees.object("metadata: {finalizers: null}")).orFail();
  }

  @Test
  void doesNotTakeAPatchForALaterGitSyncOfTheSameName(ControlPlane cluster) {
    SyncMetadata old = sync(created(cluster, "twice")).metadata();
    SyncMetadata held =
        new SyncMetadata(
            old.key(),
            "00000000-0000-0000-0000-000000000000",
            old.resourceVersion(),
            1,
            false,
            List.of(Labels.FINALIZER),
            Map.of(),
            Map.of());
    Json.Obj widen = MetadataPatch.adopt(held, Inventory.EMPTY).orElseThrow();
    assertThat(patch(cluster, old.key().namespace(), "twice", widen).errors())
        .containsAnyOf("metadata.uid", "UID");
  }

  private static SyncStatus outOfTime() {
    Commit commit = new Commit(new Revision("main", "0".repeat(40)), "", "", Instant.MIN);
    return StatusPatchTest.withSource(SyncStatus.EMPTY, new SyncStatus.Source(commit, Instant.MAX));
  }

  private static Sync sync(Json.Obj gitSync) {
    return ((SyncReading.Valid) GitSyncs.read(gitSync)).sync();
  }

  private static String namespace(Json.Obj gitSync) {
    return sync(gitSync).key().namespace();
  }

  private static Json.Obj created(ControlPlane cluster, String name) {
    String namespace = cluster.createNamespace("crd");
    create(cluster, name, URL, "-n", namespace).orFail();
    return get(cluster, namespace, name);
  }

  private static Json.Obj get(ControlPlane cluster, String namespace, String name) {
    return Trees.object(cluster.kubectl("get", "gitsync", name, "-n", namespace, "-o", "json"));
  }

  private static ProgramRun patch(
      ControlPlane cluster, String namespace, String name, Json.Obj patch, String... options) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("patch", "gitsync", name, "-n", namespace, "--type=merge"));
    command.addAll(List.of("-p", patch.toJson()));
    command.addAll(List.of(options));
    return cluster.tryKubectl("", command.toArray(String[]::new));
  }

  private static ProgramRun create(
      ControlPlane cluster, String name, String spec, String... options) {
    List<String> command = new ArrayList<>(List.of("create", "-f", "-"));
    command.addAll(List.of(options));
    return cluster.tryKubectl(gitSync(name, spec), command.toArray(String[]::new));
  }

  /** Of each spec a GitSync {@code case-<index>}, none of which is kept. */
  private static ProgramRun createAll(ControlPlane cluster, List<String> specs) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < specs.size(); i++) {
      all.append("---\n").append(gitSync("case-" + i, specs.get(i))).append('\n');
    }
    return cluster.tryKubectl(all.toString(), "create", "--dry-run=server", "-f", "-");
  }

  private static String gitSync(String name, String spec) {
    return Json.of(
            Map.of(
                "apiVersion", Json.of(GitSyncs.API_VERSION),
                "kind", Json.of(GitSyncs.KIND),
                "metadata", Json.of(Map.of("name", Json.of(name))),
                "spec", Trees.object(spec)))
        .toJson();
  }

  /** What kubectl said about each GitSync, by its name. */
  private static Map<String, String> messages(String errors) {
    Map<String, String> messages = new LinkedHashMap<>();
    Matcher refusal =
        Pattern.compile("GitSync\\.fairlead\\.dev \"([^\"]+)\" is invalid: (.*)").matcher(errors);
    while (refusal.find()) {
      messages.put(refusal.group(1), refusal.group(2));
    }
    return messages;
  }

  private static String words(String text) {
    return String.join(" ", text.strip().split("\\s+", -1));
  }
}
