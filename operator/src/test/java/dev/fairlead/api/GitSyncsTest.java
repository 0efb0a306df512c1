package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GitSyncsTest {
  private static final String URL = "https://example.org/team/app.git";

  @Test
  void fillsInEveryDefault() {
    assertThat(valid("url: " + URL).spec())
        .isEqualTo(
            new SyncSpec(
                URL,
                new RefSelector.Head(),
                "",
                false,
                List.of(),
                Duration.ofMinutes(1),
                Duration.ofSeconds(60),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                SyncSpec.Mode.APPLY,
                true,
                new MaxPrune(50, true),
                DeletionPolicy.MIRROR_PRUNE,
                false,
                List.of(),
                Duration.ofMinutes(5),
                SyncSpec.OnFailure.HOLD,
                java.util.List.of()));
  }

  @Test
  void readsEveryField() {
    String spec =
        """
        url: file:///srv/app.git
        ref: {tag: v1}
        path: deploy/production
        submodules: true
        interval: 1m30s
        fetchTimeout: 2s
        secretRef: {name: git}
        proxySecretRef: {name: proxy}
        webhook: {secretRef: {name: hook}}
        verify: {secretRef: {name: signers}}
        serviceAccountName: deployer
        defaultNamespace: app
        mode: Plan
        prune: false
        maxPrune: 7
        deletionPolicy: Orphan
        ignore: [drafts/, "!a.yaml"]
        suspend: true
        dependsOn: [{name: base, namespace: infra}, {name: db}, {name: db}]
        rollout: {timeout: 1h, onFailure: Rollback}
        """;
    assertThat(valid(spec).spec())
        .isEqualTo(
            new SyncSpec(
                "file:///srv/app.git",
                new RefSelector.Tag("v1"),
                "deploy/production",
                true,
                List.of("drafts/", "!a.yaml"),
                Duration.ofSeconds(90),
                Duration.ofSeconds(2),
                Optional.of("git"),
                Optional.of("proxy"),
                Optional.of("hook"),
                Optional.of("signers"),
                Optional.of("deployer"),
                Optional.of("app"),
                SyncSpec.Mode.PLAN,
                false,
                new MaxPrune(7, false),
                DeletionPolicy.ORPHAN,
                true,
                List.of(new SyncKey("infra", "base"), new SyncKey("infra", "db")),
                Duration.ofHours(1),
                SyncSpec.OnFailure.ROLLBACK,
                java.util.List.of()));
  }

  @Test
  void readsItsMetadataButNotOthersLabels() {
    Json.Obj gitSync =
        Trees.object(
            """
            metadata:
              name: app
              namespace: infra
              uid: 0b5e
              resourceVersion: "42"
              generation: 3
              deletionTimestamp: 2026-01-02T03:04:05Z
              finalizers: [example.org/other, fairlead.dev/finalizer]
              labels: {team: a, fairlead.dev/name: parent, applyset.kubernetes.io/id: x}
              annotations: {note: b, fairlead.dev/requested-at: now, fairlead.dev/approve-prune: d1}
            spec: {url: "https://example.org/team/app.git"}
            """);

    Sync sync = ((SyncReading.Valid) GitSyncs.read(gitSync)).sync();

    assertThat(sync.key()).isEqualTo(new SyncKey("infra", "app"));
    assertThat(sync.uid()).isEqualTo("0b5e");
    assertThat(sync.resourceVersion()).isEqualTo("42");
    assertThat(sync.generation()).isEqualTo(3);
    assertThat(sync.deleting()).isTrue();
    assertThat(sync.hasFinalizer()).isTrue();
    assertThat(sync.metadata().finalizers()).containsExactly("example.org/other", Labels.FINALIZER);
    assertThat(sync.metadata().labels())
        .isEqualTo(Map.of(Labels.NAME, "parent", Labels.APPLYSET_ID, "x"));
    assertThat(sync.metadata().requestedAt()).contains("now");
    assertThat(sync.metadata().approvedPrune()).contains("d1");
    assertThat(sync.status()).isEqualTo(SyncStatus.EMPTY);
  }

  @ParameterizedTest(name = "path {0} is {1}")
  @CsvSource({".,''", "./,''", "./deploy,deploy", "deploy/,deploy", "a//b/./c,a/b/c"})
  void readsPathsThatMeanTheSameAlike(String written, String meant) {
    assertThat(valid("url: %s%npath: %s".formatted(URL, written)).spec().path()).isEqualTo(meant);
  }

  @ParameterizedTest
  @MethodSource("dev.fairlead.api.SpecCases#accepted")
  void acceptsWhatTheCrdAccepts(String spec) {
    assertThat(read(spec)).isInstanceOf(SyncReading.Valid.class);
  }

  @ParameterizedTest
  @MethodSource("dev.fairlead.api.SpecCases#refused")
  void refusesWhatTheCrdRefuses(SpecCases.Refused refused) {
    assertThat(read(refused.spec()))
        .isInstanceOfSatisfying(
            SyncReading.Malformed.class,
            m ->
                assertThat(m.problems())
                    .singleElement()
                    .asString()
                    .startsWith(refused.field() + ": " + refused.message()));
  }

  @Test
  void reportsAllProblemsAtOnceButNeverTheUrlsValue() {
    assertThat(read("{url: 'https://me:hunter2@example.org/x', interval: 1d, prune: maybe}"))
        .isInstanceOfSatisfying(
            SyncReading.Malformed.class,
            m ->
                assertThat(m.problems())
                    .containsExactly(
                        "spec.url: must hold no credentials: put them into a Secret and name it in"
                            + " spec.secretRef",
                        "spec.interval: must be a duration such as 30s, 1m30s or 2h; units are ms,"
                            + " s, m and h, got \"1d\"",
                        "spec.prune: must be true or false"));
  }

  @Test
  void refusesANameThatIsTooLong() {
    Json.Obj gitSync =
        Trees.object(
            "{metadata: {name: %s, namespace: a}, spec: {url: '%s'}}"
                .formatted("n".repeat(53), URL));
    assertThat(GitSyncs.read(gitSync))
        .isInstanceOfSatisfying(
            SyncReading.Malformed.class,
            m ->
                assertThat(m.problems())
                    .containsExactly("metadata.name must have at most 52 characters"));
  }

  @Test
  void keepsTheStatusOfAMalformedGitSync() {
    Json.Obj gitSync =
        Trees.object("{metadata: {name: a, namespace: b}, spec: {}, status: {problemCount: 2}}");
    assertThat(GitSyncs.read(gitSync).status().problemCount()).isEqualTo(2);
  }

  @Test
  void ignoresFieldsOfOtherVersions() {
    Sync sync =
        valid(
            """
            url: https://example.org/team/app.git
            mode: Plan
            ref: {latest: true, branch: main}
            rollout: {window: [night]}
            """);
    assertThat(sync.spec().ref()).isEqualTo(new RefSelector.Branch("main"));
  }

  @Test
  void takesNullForAbsent() {
    Sync sync =
        valid(
            """
            url: https://example.org/team/app.git
            ref: null
            interval: null
            prune: null
            maxPrune: null
            rollout: null
            """);
    assertThat(sync).isEqualTo(valid("url: " + URL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{metadata: 1, spec: 2, status: 3}",
        "{metadata: {name: 1, labels: [a], finalizers: {a: b}, generation: x}, spec: null}",
        "{metadata: {annotations: {fairlead.dev/requested-at: 1}}, spec: {url: {}}}"
      })
  void survivesNonsense(String gitSync) {
    assertThat(GitSyncs.read(Trees.object(gitSync))).isInstanceOf(SyncReading.Malformed.class);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void survivesAnyKindOfValueInAnyField(String field, Json value) {
    Json.Obj spec = Json.of(Map.of("url", Json.of(URL))).with(field, value);
    Json.Obj gitSync = Json.of(Map.of("spec", spec, "status", Json.of(Map.of(field, value))));
    assertThat(GitSyncs.read(gitSync)).isNotNull();
  }

  private static Stream<Arguments> kinds() {
    List<String> fields =
        List.of(
            "url",
            "ref",
            "path",
            "interval",
            "fetchTimeout",
            "secretRef",
            "webhook",
            "verify",
            "defaultNamespace",
            "mode",
            "prune",
            "maxPrune",
            "deletionPolicy",
            "suspend",
            "rollout",
            "conditions",
            "source",
            "applied",
            "rollback",
            "objects",
            "plan",
            "inventory",
            "problems",
            "history",
            "summary",
            "warnings");
    List<Json> values =
        List.of(
            Json.of("x"),
            Json.of(-1),
            new Json.Num("1e400", 0, 0),
            Json.of(true),
            Json.Null.NULL,
            Json.of(List.of(Json.of("x"))),
            Json.Obj.empty());
    return fields.stream().flatMap(f -> values.stream().map(v -> Arguments.of(f, v)));
  }

  private static SyncReading read(String spec) {
    return GitSyncs.read(
        Trees.object("metadata: {name: app, namespace: infra}").with("spec", Trees.object(spec)));
  }

  private static Sync valid(String spec) {
    return ((SyncReading.Valid) read(spec)).sync();
  }
}
