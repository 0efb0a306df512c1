package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Live;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ControlPlaneExtension.class)
class ResourceWatchIT {
  private static final ResourceWatch.Timing QUICK =
      new ResourceWatch.Timing(
          Duration.ofSeconds(100),
          Duration.ofMinutes(5),
          Duration.ofMinutes(6),
          Duration.ofMillis(50),
          Duration.ofMillis(500),
          Duration.ofMinutes(10));

  private ControlPlane cluster;
  private Served served;
  private String namespace;
  private Resource configMap;
  private final Recorder recorder = new Recorder();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void connect(ControlPlane given) throws Exception {
    cluster = given;
    served = Served.by(given);
    namespace = given.createNamespace("watch");
    configMap = served.resource("v1", "ConfigMap");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    served.close();
  }

  private ResourceWatch watch(ApiServer server, String selector, ResourceWatch.Timing timing) {
    var scope = new ResourceWatch.Scope(configMap, namespace, selector, false);
    ResourceWatch watch = ResourceWatch.start(server, scope, timing, recorder);
    open.add(watch);
    return watch;
  }

  /** The same server through a cable. */
  private Served through(Cable cable) throws Exception {
    Path kubeconfig =
        Files.writeString(
            cluster.directory().resolve(namespace + "-cable.kubeconfig"),
            Files.readString(cluster.kubeconfig())
                .replace(cluster.server(), "https://127.0.0.1:" + cable.port()));
    Served far = Served.by(kubeconfig, RequestListener.NONE);
    open.add(far);
    open.add(cable);
    return far;
  }

  private Cable cable() throws Exception {
    URI server = URI.create(cluster.server());
    return new Cable(new InetSocketAddress(server.getHost(), server.getPort()));
  }

  private Live put(String name, String value) throws Exception {
    return served.apply(configMap, namespace, name, "\"data\":{\"a\":\"" + value + "\"}").live();
  }

  private void delete(Live live) throws Exception {
    served.server.delete(configMap, live.key(), live.uid(), live.resourceVersion());
  }

  @Test
  void a_list_then_every_change_comes_in_order_on_one_thread() throws Exception {
    put("a", "1");
    watch(served.server, "", QUICK);
    recorder.isSynced(1);
    assertThat(recorder.words()).containsExactly("ADDED a");

    Live a = put("a", "2");
    Live b = put("b", "1");
    delete(b);
    recorder.hears("DELETED b");

    assertThat(recorder.words()).containsExactly("ADDED a", "MODIFIED a", "ADDED b", "DELETED b");
    assertThat(recorder.threads).singleElement().satisfies(t -> assertThat(t.isVirtual()).isTrue());
    assertThat(recorder.events)
        .contains(new WatchEvent(WatchEvent.Type.MODIFIED, a, java.util.Optional.empty()));
    assertThat(recorder.events).allSatisfy(e -> assertThat(e.content()).isEmpty());
  }

  @Test
  void an_object_whose_label_goes_is_told_as_deleted_with_a_newer_version() throws Exception {
    String labelled = ",\"labels\":{\"fairlead.dev/name\":\"x\"}}";
    Live before = served.apply(configMap, namespace, "a", labelled).live();
    put("other", "1");
    watch(served.server, "fairlead.dev/name=x", QUICK);
    recorder.isSynced(1);

    served.apply(configMap, namespace, "a", "");
    recorder.hears("DELETED a");

    assertThat(recorder.words()).containsExactly("ADDED a", "DELETED a");
    Live deleted = recorder.events.getLast().live();
    assertThat(
            dev.fairlead.plan.ResourceVersions.newer(
                deleted.resourceVersion(), before.resourceVersion()))
        .isTrue();
  }

  @Test
  void a_full_watch_gives_the_content_too() throws Exception {
    put("a", "1");
    var scope = new ResourceWatch.Scope(configMap, namespace, "", true);
    open.add(ResourceWatch.start(served.server, scope, QUICK, recorder));
    recorder.hears("ADDED a");
    put("a", "2");
    recorder.hears("MODIFIED a");

    assertThat(recorder.events)
        .allSatisfy(e -> {
          var content = e.content().orElseThrow();
          assertThat(content.string("kind")).contains("ConfigMap");
          assertThat(content.object("metadata").orElseThrow().get("managedFields")).isEmpty();
        });
    assertThat(
            recorder
                .events
                .getLast()
                .content()
                .orElseThrow()
                .object("data")
                .orElseThrow()
                .string("a"))
        .contains("2");
  }

  @Test
  void a_broken_connection_loses_nothing_and_lists_nothing() throws Exception {
    Cable cable = cable();
    Served far = through(cable);
    watch(far.server, "", QUICK);
    recorder.isSynced(1);
    Live a = put("a", "1");
    recorder.hears("ADDED a");

    cable.cut();
    delete(a);
    put("b", "1");
    Thread.sleep(700);
    cable.repair();
    recorder.hears("ADDED b");

    assertThat(recorder.words()).containsExactly("ADDED a", "DELETED a", "ADDED b");
    assertThat(recorder.states)
        .anySatisfy(s ->
            assertThat(s)
                .isInstanceOfSatisfying(
                    WatchListener.Failing.class,
                    f -> assertThat(f.error()).isInstanceOf(ApiError.Unavailable.class)));
    await().until(() -> recorder.states.getLast() instanceof WatchListener.Synced);
  }

  @Test
  void a_peer_that_falls_silent_is_left() throws Exception {
    Cable cable = cable();
    Served far = through(cable);
    watch(
        far.server,
        "",
        new ResourceWatch.Timing(
            Duration.ofSeconds(2),
            QUICK.shortest(),
            QUICK.longest(),
            QUICK.firstPause(),
            QUICK.longestPause(),
            QUICK.notServedPause()));
    recorder.isSynced(1);
    put("a", "1");
    recorder.hears("ADDED a");

    cable.silence();
    put("b", "1");
    recorder.hears("ADDED b");

    assertThat(recorder.words()).containsExactly("ADDED a", "ADDED b");
  }

  @Test
  void a_kind_that_is_deleted_is_reported_and_watched_again_when_it_is_back() throws Exception {
    String crd = crd(namespace);
    cluster.apply(crd);
    cluster.kubectl(
        "wait",
        "--for=condition=Established",
        "crd/things." + namespace + ".example.org",
        "--timeout=20s");
    Resource things =
        await()
            .ignoreExceptions()
            .until(() -> served.resource(namespace + ".example.org/v1", "Thing"), r -> true);
    var scope = new ResourceWatch.Scope(things, namespace, "", false);
    ResourceWatch watch = ResourceWatch.start(served.server, scope, QUICK, recorder);
    open.add(watch);
    recorder.isSynced(1);
    served.apply(things, namespace, "one", "");
    recorder.hears("ADDED one");

    cluster.kubectl("delete", "crd", "things." + namespace + ".example.org");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> recorder.states.getLast() instanceof WatchListener.NotServed);
    assertThat(recorder.words()).contains("DELETED one");

    cluster.apply(crd);
    cluster.kubectl(
        "wait",
        "--for=condition=Established",
        "crd/things." + namespace + ".example.org",
        "--timeout=20s");
    await()
        .ignoreExceptions()
        .atMost(Duration.ofSeconds(60))
        .until(() -> served.apply(things, namespace, "two", "").created());
    watch.retryNow();
    recorder.hears("ADDED two");

    assertThat(recorder.states.getLast()).isInstanceOf(WatchListener.Synced.class);
    cluster.kubectl("delete", "crd", "things." + namespace + ".example.org");
  }

  private static String crd(String group) {
    return """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: things.%1$s.example.org}
    spec:
      group: %1$s.example.org
      scope: Namespaced
      names: {kind: Thing, plural: things}
      versions:
      - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    """
        .formatted(group);
  }

  @Test
  void a_missing_permission_is_reported_and_tried_again() throws Exception {
    Path kubeconfig = cluster.kubeconfig(namespace, "watcher");
    Served poor = Served.by(kubeconfig, RequestListener.NONE);
    open.add(poor);
    watch(poor.server, "", QUICK);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            !recorder.states.isEmpty()
                && recorder.states.getLast() instanceof WatchListener.Failing f
                && f.error() instanceof ApiError.Forbidden);

    cluster.kubectl(
        "create", "role", "watcher", "-n", namespace, "--verb=list,watch", "--resource=configmaps");
    cluster.kubectl(
        "create",
        "rolebinding",
        "watcher",
        "-n",
        namespace,
        "--role=watcher",
        "--serviceaccount=" + namespace + ":watcher");

    recorder.isSynced(1);
    assertThat(recorder.states).hasSize(2);
  }

  @Test
  void a_closed_watch_ends_at_once_and_tells_nothing_more() throws Exception {
    ResourceWatch watch = watch(served.server, "", QUICK);
    recorder.isSynced(1);
    long start = System.nanoTime();

    watch.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    put("late", "1");
    Thread.sleep(300);
    assertThat(recorder.words()).isEmpty();
  }

  @Test
  void a_listener_that_throws_does_not_end_the_watch() throws Exception {
    var scope = new ResourceWatch.Scope(configMap, namespace, "", false);
    open.add(
        ResourceWatch.start(
            served.server,
            scope,
            QUICK,
            new WatchListener() {
              @Override
              public void onEvent(WatchEvent event) {
                recorder.onEvent(event);
                throw new IllegalStateException("a test");
              }

              @Override
              public void onState(State state) {
                recorder.onState(state);
                throw new IllegalStateException("a test");
              }
            }));
    recorder.isSynced(1);
    put("a", "1");
    put("b", "1");

    recorder.hears("ADDED b");
  }

  @Test
  void a_hundred_and_thirty_watches_and_writes_go_side_by_side() throws Exception {
    List<Recorder> recorders = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      Recorder each = new Recorder();
      recorders.add(each);
      var scope = new ResourceWatch.Scope(configMap, namespace, "", i % 2 == 0);
      open.add(ResourceWatch.start(served.server, scope, QUICK, each));
    }
    recorders.forEach(r -> r.isSynced(1));

    List<Callable<Live>> writes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String name = "cm-" + i;
      writes.add(() -> put(name, "1"));
    }
    try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Live> write : many.invokeAll(writes)) {
        assertThat(write.get().uid()).isNotEmpty();
      }
    }

    for (Recorder each : recorders) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(each.words()).hasSize(200));
      assertThat(each.states).hasSize(1);
    }
  }
}
