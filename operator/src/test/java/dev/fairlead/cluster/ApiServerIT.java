package dev.fairlead.cluster;

import static dev.fairlead.cluster.Served.MANAGER;
import static dev.fairlead.cluster.Served.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.ResourceVersions;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ControlPlaneExtension.class)
class ApiServerIT {
  private ControlPlane cluster;
  private Served served;
  private ApiServer server;
  private String namespace;
  private Resource configMap;
  private Resource secret;

  @BeforeEach
  void connect(ControlPlane given) throws Exception {
    cluster = given;
    served = Served.by(given);
    server = served.server;
    namespace = given.createNamespace("wire");
    configMap = served.resource("v1", "ConfigMap");
    secret = served.resource("v1", "Secret");
  }

  @AfterEach
  void close() {
    served.close();
  }

  @Test
  void an_apply_creates_then_changes_then_writes_nothing() throws Exception {
    ApplyResult created = served.apply(configMap, namespace, "a", "\"data\":{\"a\":\"1\"}");
    ApplyResult changed = served.apply(configMap, namespace, "a", "\"data\":{\"a\":\"2\"}");
    ApplyResult same = served.apply(configMap, namespace, "a", "\"data\":{\"a\":\"2\"}");

    assertThat(created.created()).isTrue();
    assertThat(changed.created()).isFalse();
    assertThat(
            ResourceVersions.newer(
                changed.live().resourceVersion(), created.live().resourceVersion()))
        .isTrue();
    assertThat(same.live()).isEqualTo(changed.live());
    assertThat(created.live().owned(MANAGER).orElseThrow().paths()).containsExactly("data.a");
  }

  @Test
  void a_dry_run_changes_nothing() throws Exception {
    byte[] body = Served.bytes(configMap, "dry", "\"data\":{\"a\":\"1\"}");
    ObjectKey key = configMap.key(namespace, "dry");

    ApplyResult would = server.apply(configMap, key, body, MANAGER, false, true);

    assertThat(would.created()).isTrue();
    assertThat(server.getMetadata(configMap, key)).isEmpty();
  }

  @Test
  void empty_maps_and_nulls_reach_the_server_as_they_are() throws Exception {
    ApplyResult applied = served.apply(configMap, namespace, "empty", "\"data\":{}");

    assertThat(applied.live().owned(MANAGER).orElseThrow().paths()).containsExactly("data");
  }

  @Test
  void the_metadata_has_only_the_labels_and_annotations_that_matter() throws Exception {
    ApplyResult applied =
        served.apply(
            configMap,
            namespace,
            "labelled",
            """
            ,"labels":{"app":"x","applyset.kubernetes.io/part-of":"applyset-1-v1"},
            "annotations":{"note":"y","fairlead.dev/prune":"disabled","helm.sh/resource-policy":"keep"}}
            """);

    assertThat(applied.live().partOf()).contains("applyset-1-v1");
    assertThat(applied.live().labels()).hasSize(1);
    assertThat(applied.live().annotations())
        .isEqualTo(Map.of("fairlead.dev/prune", "disabled", "helm.sh/resource-policy", "keep"));
  }

  @Test
  void what_someone_changed_is_named_with_who_has_it_now() throws Exception {
    Resource deployments = served.resource("apps/v1", "Deployment");
    Live ours = served.apply(deployments, namespace, "web", DEPLOYMENT.formatted("v1", 2)).live();
    Baseline baseline = Baseline.of(ours, MANAGER);

    cluster.kubectl(
        "set", "image", "-n", namespace, "deploy/web", "web=registry.example.org/web:v2");
    Live drifted = server.getMetadata(deployments, ours.key()).orElseThrow();
    Live repaired =
        served
            .apply(deployments, namespace, "web", DEPLOYMENT.formatted("v1", 2), MANAGER, true)
            .live();

    var lost = repaired.owned(MANAGER).orElseThrow().minus(drifted.owned(MANAGER).orElseThrow());
    assertThat(Baseline.of(drifted, MANAGER).set()).isNotEqualTo(baseline.set());
    assertThat(lost.paths()).containsExactly("spec.template.spec.containers[name=\"web\"].image");
    assertThat(drifted.holders(lost, MANAGER))
        .singleElement()
        .satisfies(o -> assertThat(o.manager()).isEqualTo("kubectl-set"));
    assertThat(repaired.owned(MANAGER).orElseThrow().digest())
        .isEqualTo(baseline.set().orElseThrow());
  }

  @Test
  void a_conflict_names_the_managers_and_their_fields() throws Exception {
    served.apply(configMap, namespace, "a", "\"data\":{\"a\":\"1\"}", "fairlead/tests/two", false);

    ApiError error =
        refusal(() -> served.apply(configMap, namespace, "a", "\"data\":{\"a\":\"2\"}"));

    assertThat(error)
        .isInstanceOfSatisfying(
            ApiError.Conflict.class,
            c -> {
              assertThat(c.conflicts())
                  .containsExactly(new ApiError.FieldConflict("fairlead/tests/two", "data.a"));
              assertThat(c.retryable()).isFalse();
            });
    assertThat(
            served
                .apply(configMap, namespace, "a", "\"data\":{\"a\":\"2\"}", MANAGER, true)
                .created())
        .isFalse();
  }

  @Test
  void a_delete_needs_the_right_uid_and_version_and_says_what_still_waits() throws Exception {
    Live live =
        served
            .apply(configMap, namespace, "gone", ",\"finalizers\":[\"example.org/wait\"]}")
            .live();
    ObjectKey key = live.key();

    assertThat(refusal(() -> server.delete(configMap, key, "other", live.resourceVersion())))
        .isInstanceOf(ApiError.StaleVersion.class);
    assertThat(refusal(() -> server.delete(configMap, key, live.uid(), "1")))
        .isInstanceOf(ApiError.StaleVersion.class);

    Live waiting = server.delete(configMap, key, live.uid(), live.resourceVersion()).orElseThrow();
    assertThat(waiting.deleting()).isTrue();
    Json.Arr release =
        Json.of(
            List.of(
                Json.of(Map.of("op", Json.of("remove"), "path", Json.of("/metadata/finalizers")))));
    server.jsonPatch(configMap, key, release, "fairlead-operator");
    assertThat(server.getMetadata(configMap, key)).isEmpty();
    assertThat(refusal(() -> server.delete(configMap, key, live.uid(), "1")))
        .isInstanceOfSatisfying(
            ApiError.NotFound.class,
            n -> assertThat(n.missing()).isEqualTo(ApiError.NotFound.Missing.OBJECT));
  }

  @Test
  void a_delete_without_finalizers_is_done_at_once() throws Exception {
    Live live = served.apply(configMap, namespace, "short", "").live();

    assertThat(server.delete(configMap, live.key(), live.uid(), live.resourceVersion())).isEmpty();
    assertThat(server.getMetadata(configMap, live.key())).isEmpty();
  }

  @Test
  void an_apply_with_the_uid_of_an_object_that_is_gone_is_stale() throws Exception {
    ApiError error =
        refusal(() ->
            served.apply(
                configMap,
                namespace,
                "nobody",
                ",\"uid\":\"b76412c1-8ccf-4cf6-ab58-5cd2b5c07e71\"}"));

    assertThat(error).isInstanceOf(ApiError.StaleVersion.class);
  }

  @Test
  void a_merge_patch_of_the_status_and_a_stale_version_are_told_apart() throws Exception {
    Resource deployments = served.resource("apps/v1", "Deployment");
    Live live = served.apply(deployments, namespace, "st", DEPLOYMENT.formatted("v1", 0)).live();
    Json.Obj status = Json.of(Map.of("status", Json.of(Map.of("observedGeneration", Json.of(7)))));
    Json.Obj stale = Json.of(Map.of("metadata", Json.of(Map.of("resourceVersion", Json.of("1")))));

    Live patched =
        server.mergePatch(deployments, live.key(), "status", status, "fairlead-operator");

    assertThat(patched.generation()).isEqualTo(live.generation());
    assertThat(patched.managers()).anySatisfy(o -> assertThat(o.subresource()).isEqualTo("status"));
    assertThat(
            refusal(
                () -> server.mergePatch(deployments, live.key(), "", stale, "fairlead-operator")))
        .isInstanceOf(ApiError.StaleVersion.class);
  }

  @Test
  void a_list_of_many_pages_gives_every_object_once() throws Exception {
    String many = cluster.createNamespace("pages");
    for (int i = 0; i < ApiServer.PAGE + 20; i++) {
      server.create(
          configMap,
          many,
          (Json.Obj)
              json(
                  Served.bytes(configMap, "cm-" + i, ",\"labels\":{\"fairlead.dev/name\":\"x\"}}")),
          "fairlead-operator");
    }
    List<Live> all = new ArrayList<>();

    String version = server.list(configMap, many, "fairlead.dev/name=x", all::add);

    assertThat(all).extracting(Live::key).doesNotHaveDuplicates().hasSize(ApiServer.PAGE + 20);
    assertThat(all)
        .allSatisfy(
            l -> assertThat(ResourceVersions.newer(l.resourceVersion(), version)).isFalse());
    List<Json.Obj> full = new ArrayList<>();
    server.listFull(configMap, many, "", full::add);
    assertThat(full).hasSizeGreaterThanOrEqualTo(all.size());
    assertThat(full.getFirst().string("kind")).contains("ConfigMap");
  }

  @Test
  void no_answer_but_a_full_read_holds_a_secrets_value() throws Exception {
    byte[] body = Served.bytes(secret, "s", "\"data\":{\"password\":\"aHVudGVyMg==\"}");
    ObjectKey key = secret.key(namespace, "s");
    Requests requests = new Requests(Served.DEADLINE, Identity.OPERATOR);
    var scope = new ResourceWatch.Scope(secret, namespace, "", false);

    List<String> answers = new ArrayList<>();
    for (Wire.Call call :
        List.of(
            requests.apply(secret, key, body, MANAGER, false, true),
            requests.apply(secret, key, body, MANAGER, false, false),
            requests.get(secret, key, false),
            requests.patch(secret, key, "", "merge", Json.Obj.empty(), MANAGER),
            requests.patch(secret, key, "", "json", Json.of(List.of()), MANAGER),
            requests.list(scope, ""),
            requests.watch(scope, "0", java.time.Duration.ofSeconds(1), Served.DEADLINE))) {
      answers.add(server.wire().call(call, a -> new String(Wire.whole(a), StandardCharsets.UTF_8)));
    }

    assertThat(answers)
        .allSatisfy(a ->
            assertThat(a)
                .contains("\"s\"")
                .contains("PartialObjectMetadata")
                .doesNotContain("aHVudGVyMg"));
    assertThat(
            server.get(secret, key).orElseThrow().object("data").orElseThrow().string("password"))
        .contains("aHVudGVyMg==");
  }

  @Test
  void what_is_deprecated_gives_a_warning() throws Exception {
    Resource deployments = served.resource("apps/v1", "Deployment");

    // A label that is deprecated in every version that is supported, as no kind is.
    ApplyResult applied =
        served.apply(
            deployments,
            namespace,
            "old",
            """
            "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":\
            {"nodeSelector":{"beta.kubernetes.io/os":"linux"},"containers":[{"name":"c","image":"i"}]}}}\
            """);

    assertThat(applied.warnings()).anySatisfy(w -> assertThat(w).contains("deprecated"));
  }

  @Test
  void an_event_is_written_about_an_object() throws Exception {
    Live live = served.apply(configMap, namespace, "subject", "").live();
    EventSink sink = new EventSink(server, "fairlead-0");
    var event =
        new EventSink.ClusterEvent(
            live.key(),
            "v1",
            live.uid(),
            true,
            "Contested",
            "Repair",
            "ä".repeat(2000),
            Instant.parse("2026-01-02T03:04:05.678901234Z"));

    sink.emit(event);
    sink.emit(event);

    assertThat(
            cluster.kubectl(
                "get", "events", "-n", namespace, "-o", "jsonpath={.items[*].involvedObject.name}"))
        .isEqualTo("subject subject");
  }

  @Test
  void every_request_is_reported_with_its_verb_and_code() throws Exception {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    RequestListener listener = (verb, code, took) -> heard.add(verb + " " + code);
    try (Served counted = Served.by(cluster.kubeconfig(), listener)) {
      Resource cm = counted.resource("v1", "ConfigMap");
      counted.apply(cm, namespace, "counted", "");
      counted.server.getMetadata(cm, cm.key(namespace, "absent"));

      assertThat(heard).containsExactly("discover 200", "discover 200", "apply 201", "get 404");
    }
  }

  @Test
  void a_call_ends_when_its_thread_is_interrupted() throws Exception {
    AtomicReference<Optional<Throwable>> end = new AtomicReference<>(Optional.empty());
    var scope = new ResourceWatch.Scope(configMap, namespace, "", false);
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                server.watch(
                    scope,
                    "0",
                    java.time.Duration.ofMinutes(5),
                    java.time.Duration.ofMinutes(5),
                    a -> a.body().readAllBytes());
              } catch (ApiException | InterruptedException e) {
                end.set(Optional.of(e));
              }
            });
    Thread.sleep(200);

    thread.interrupt();

    assertThat(thread.join(java.time.Duration.ofSeconds(2))).isTrue();
    assertThat(end.get().orElseThrow()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void a_server_that_is_not_there_is_unavailable_not_gone() throws Exception {
    try (Served nowhere =
        Served.by(
            java.nio.file.Files.writeString(
                cluster.directory().resolve("nowhere.kubeconfig"),
                java.nio.file.Files.readString(cluster.kubeconfig())
                    .replace(cluster.server(), "https://127.0.0.1:1")),
            RequestListener.NONE)) {
      ObjectKey key = configMap.key(namespace, "a");

      assertThatThrownBy(() -> nowhere.server.getMetadata(configMap, key))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.error()).isInstanceOf(ApiError.Unavailable.class);
                assertThat(e.error().retryable()).isTrue();
                assertThat(e).hasMessageContaining("did not answer to get ConfigMap " + namespace);
              });
    }
  }

  private static Json json(byte[] bytes) throws Exception {
    try (JsonAnswer answer = new JsonAnswer(bytes)) {
      return java.util.Objects.requireNonNull(answer.next());
    }
  }

  static final String DEPLOYMENT =
      """
      "spec":{"selector":{"matchLabels":{"app":"web"}},
        "template":{"metadata":{"labels":{"app":"web"}},
          "spec":{"containers":[{"name":"web","image":"registry.example.org/web:%s"}]}},
        "replicas":%d}
      """;
}
