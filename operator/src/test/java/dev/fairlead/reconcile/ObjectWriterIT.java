package dev.fairlead.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Drift;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Treatment;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether we have changed an object is told right, whatever others do to it after we have looked
 * and before we write.
 */
@ExtendWith(ControlPlaneExtension.class)
final class ObjectWriterIT {
  private static final Resource CONFIG_MAP =
      new Resource("", "v1", "configmaps", "ConfigMap", true, Set.of());
  private static final Resource DEPLOYMENT =
      new Resource("apps", "v1", "deployments", "Deployment", true, Set.of());

  private static final String CONTROLLER = "some-controller";

  private static final String SETTINGS =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: settings, namespace: %s, labels: {app: git}}
      data: {key: git}
      """;
  private static final String WEB =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: %s}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: c, image: "example.org/c:1"}]}
      """;
  private static final String SCALED_WEB =
      WEB.replace("spec:\n  sel", "spec:\n  replicas: 1\n  sel");

  private ApiClient others;
  private ApiProxy proxy;
  private ApiServer api;
  private ObjectWriter writer;
  private String namespace;
  private SyncKey sync;

  @BeforeEach
  void connect(ControlPlane cluster) {
    others = ApiClient.of(cluster);
    proxy = ApiProxy.start(cluster);
    api =
        ApiServer.connect(
            Connection.fromFile(proxy.kubeconfig()), Duration.ofSeconds(20), RequestListener.NONE);
    writer = new ObjectWriter(api, api);
    namespace = cluster.createNamespace("writer");
    sync = new SyncKey(namespace, "sync");
  }

  @AfterEach
  void close() {
    api.close();
    proxy.close();
  }

  /** An object that was applied, and what others can do to it. */
  final class Site {
    final Resource resource;
    final Manifest manifest;
    final String path;
    private final Treatment treatment;

    Site(String yaml, List<String> ignored) {
      manifest =
          new ManifestReader(Limits.DEFAULT)
              .read("a.yaml", yaml.formatted(namespace).getBytes(UTF_8))
              .manifests()
              .getFirst();
      resource = manifest.gvk().kind().equals("ConfigMap") ? CONFIG_MAP : DEPLOYMENT;
      String root = resource.group().isEmpty() ? "/api/v1" : "/apis/" + resource.group() + "/v1";
      path = root + "/namespaces/" + namespace + "/" + resource.plural() + "/" + manifest.name();
      treatment =
          new Treatment(
              Treatment.Reconcile.ALWAYS,
              false,
              ignored.stream().flatMap(p -> JsonPointer.parse(p).stream()).toList());
    }

    ObjectWriter.Order order(Optional<String> uid) {
      return new ObjectWriter.Order(resource, sync, manifest, treatment, false, false, uid);
    }

    ObjectWriter.Order plain() {
      return new ObjectWriter.Order(
          resource, sync, manifest, Treatment.PLAIN, false, false, Optional.empty());
    }

    void patch(String json) {
      patch(CONTROLLER, json);
    }

    void patch(String manager, String json) {
      assertThat(others.tryMergePatch(path, manager, json)).isPresent();
    }

    void subresource(String name, String json) {
      assertThat(others.tryMergePatch(path + "/" + name, CONTROLLER, json)).isPresent();
    }

    /** An apply, as another client sends it. */
    void apply(String manager, String members) {
      others.apply(
          path, manager, "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", " + members + "}");
    }

    Json.Obj content() {
      return others.get(path).orElseThrow();
    }

    Live look() throws Exception {
      return api.getMetadata(resource, manifest.key()).orElseThrow();
    }
  }

  /**
   * What happens.
   *
   * @param earlier before we look, which is why we write
   * @param meanwhile after we have looked
   * @param wrote whether we change anything then
   */
  record Row(
      String sentence,
      String yaml,
      List<String> ignored,
      Consumer<Site> earlier,
      Consumer<Site> meanwhile,
      boolean wrote) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  private static Arguments row(
      String sentence, Consumer<Site> earlier, Consumer<Site> meanwhile, boolean wrote) {
    return Arguments.of(new Row(sentence, SETTINGS, List.of(), earlier, meanwhile, wrote));
  }

  private static Arguments web(
      String sentence,
      String yaml,
      List<String> ignored,
      Consumer<Site> earlier,
      Consumer<Site> meanwhile,
      boolean wrote) {
    return Arguments.of(new Row(sentence, yaml, ignored, earlier, meanwhile, wrote));
  }

  private static void nothing(Site site) {}

  private static void annotated(Site site) {
    site.patch("{\"metadata\": {\"annotations\": {\"example.org/seen\": \"yes\"}}}");
  }

  private static void taken(Site site) {
    site.patch("{\"data\": {\"key\": \"other\"}}");
  }

  private static void scaled(Site site) {
    site.subresource("scale", "{\"spec\": {\"replicas\": 3}}");
  }

  private static void judged(Site site) {
    site.subresource("status", "{\"status\": {\"observedGeneration\": 0}}");
  }

  static Stream<Arguments> rows() {
    List<String> replicas = List.of("/spec/replicas");
    String ofOthers = "{\"metadata\": {\"annotations\": {\"example.org/seen\": \"twice\"}}}";
    Consumer<Site> twice =
        site -> {
          annotated(site);
          site.patch(ofOthers);
        };
    Consumer<Site> forced = site -> site.apply("rival", "\"data\": {\"key\": \"other\"}");
    Consumer<Site> shared = site -> site.apply("friend", "\"data\": {\"key\": \"git\"}");
    Consumer<Site> removed = site -> site.patch("{\"data\": {\"key\": null}}");
    Consumer<Site> cleared = site -> site.patch("{\"metadata\": {\"managedFields\": [{}]}}");
    Consumer<Site> underOurName =
        site ->
            site.apply(
                site.order(Optional.empty()).owner().fieldManager(),
                "\"metadata\": {\"labels\": {\"app\": \"git\"}}, \"data\": {\"key\": \"other\"}");
    Consumer<Site> imaged =
        site ->
            site.patch(
                "{\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"c\","
                    + " \"image\": \"example.org/c:2\"}]}}}}");
    return Stream.of(
        row("nobody does anything", ObjectWriterIT::nothing, ObjectWriterIT::nothing, false),
        row("somebody annotated it", ObjectWriterIT::annotated, ObjectWriterIT::nothing, false),
        row("a controller annotates it", ObjectWriterIT::nothing, ObjectWriterIT::annotated, false),
        row("a controller writes twice in a second", ObjectWriterIT::annotated, twice, false),
        row(
            "a controller labels it",
            ObjectWriterIT::annotated,
            site -> site.patch("{\"metadata\": {\"labels\": {\"example.org/shard\": \"7\"}}}"),
            false),
        row(
            "somebody adds a value",
            ObjectWriterIT::nothing,
            site -> site.patch("{\"data\": {\"more\": \"other\"}}"),
            false),
        row("another comes to say the same", ObjectWriterIT::nothing, shared, false),
        row("a value was taken", ObjectWriterIT::taken, ObjectWriterIT::nothing, true),
        row("one was, and it is annotated", ObjectWriterIT::taken, ObjectWriterIT::annotated, true),
        row("a value is taken", ObjectWriterIT::annotated, ObjectWriterIT::taken, true),
        row("a value is forced away", ObjectWriterIT::annotated, forced, true),
        row("a value is removed", ObjectWriterIT::annotated, removed, true),
        row(
            "a value was taken, and is given back",
            ObjectWriterIT::taken,
            site ->
                site.apply(
                    site.order(Optional.empty()).owner().fieldManager(),
                    "\"metadata\": {\"labels\": {\"app\": \"git\"}}, \"data\": {\"key\": \"git\"}"),
            false),
        row("who owns what is cleared", ObjectWriterIT::annotated, cleared, true),
        row("it was, and it is annotated", cleared, ObjectWriterIT::annotated, true),
        row("somebody applies under our name", ObjectWriterIT::annotated, underOurName, true),
        row("somebody did, and it is annotated", underOurName, ObjectWriterIT::annotated, true),
        web(
            "an autoscaler scales what is left to it",
            SCALED_WEB,
            replicas,
            ObjectWriterIT::nothing,
            ObjectWriterIT::scaled,
            false),
        web(
            "an autoscaler scales what Git does not say",
            WEB,
            List.of(),
            ObjectWriterIT::nothing,
            ObjectWriterIT::scaled,
            false),
        web(
            "its status is written",
            WEB,
            List.of(),
            ObjectWriterIT::nothing,
            ObjectWriterIT::judged,
            false),
        web(
            "an image was changed, and it is scaled",
            WEB,
            List.of(),
            imaged,
            ObjectWriterIT::scaled,
            true),
        web("an image is changed", SCALED_WEB, replicas, ObjectWriterIT::scaled, imaged, true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void who_changed_it_is_told_right(Row row) throws Exception {
    // Given
    Site site = new Site(row.yaml(), row.ignored());
    writer.write(site.plain(), Optional.empty(), "");
    row.earlier().accept(site);
    Live seen = site.look();
    meanwhile(site, 1, row.meanwhile());

    // When
    ObjectWriter.Outcome.Done done = write(site, seen);

    // Then
    assertThat(done.wrote()).as(site.content().toJson()).isEqualTo(row.wrote());
    assertThat(asInGit(site)).as(site.content().toJson()).isTrue();
  }

  @Test
  void who_takes_a_value_meanwhile_can_be_named() throws Exception {
    // Given
    Site site = new Site(SETTINGS, List.of());
    writer.write(site.plain(), Optional.empty(), "");
    Live seen = site.look();
    meanwhile(site, 1, ObjectWriterIT::taken);

    // When
    ObjectWriter.Outcome.Done done = write(site, seen);

    // Then
    Drift.Loss loss = Drift.loss(sync, done.before().orElseThrow(), done.live());
    assertThat(loss).isEqualTo(new Drift.Loss(List.of("data.key"), List.of(CONTROLLER)));
  }

  @Test
  void nobody_is_asked_for_what_nobody_else_has_written_to() throws Exception {
    // Given
    Site site = new Site(SETTINGS, List.of());
    writer.write(site.plain(), Optional.empty(), "");
    Live seen = site.look();
    List<String> requests = new CopyOnWriteArrayList<>();
    proxy.hook(request -> {
      requests.add(request.method());
      return ApiCourse.FORWARD;
    });

    // When
    ObjectWriter.Outcome.Done done = write(site, seen);

    // Then
    assertThat(done.wrote()).isFalse();
    assertThat(requests).containsExactly("PATCH");
  }

  @Test
  void what_is_deleted_meanwhile_is_created() throws Exception {
    // Given
    Site site = new Site(SETTINGS, List.of());
    writer.write(site.plain(), Optional.empty(), "");
    Live seen = site.look();
    meanwhile(site, 1, s -> others.delete(s.path));

    // When
    ObjectWriter.Outcome outcome =
        writer.write(site.order(Optional.empty()), Optional.of(seen), seen.resourceVersion());

    // Then
    assertThat(outcome)
        .isInstanceOfSatisfying(
            ObjectWriter.Outcome.Done.class,
            done -> {
              assertThat(done.created()).isTrue();
              assertThat(done.wrote()).isTrue();
            });
  }

  @Test
  void another_object_in_the_place_of_the_one_that_was_seen_is_left_to_the_caller()
      throws Exception {
    for (boolean anew : new boolean[] {false, true}) {
      // Given
      Site site = new Site(SETTINGS, List.of());
      writer.write(site.plain(), Optional.empty(), "");
      Live seen = site.look();
      AtomicInteger applies =
          meanwhile(
              site,
              1,
              s -> {
                others.delete(s.path);
                if (anew) {
                  others.create(
                      s.path.replace("/settings", ""), "{\"metadata\": {\"name\": \"settings\"}}");
                }
              });

      // When
      ApiException refused = catchThrowableOfType(ApiException.class, () -> write(site, seen));

      // Then
      assertThat(refused.error()).isInstanceOf(ApiError.StaleVersion.class);
      assertThat(applies).hasValue(1);
      assertThat(others.get(site.path).isPresent()).isEqualTo(anew);
    }
  }

  @Test
  void who_writes_without_a_pause_does_not_keep_us_from_it() throws Exception {
    // Given
    Site site = new Site(SETTINGS, List.of());
    writer.write(site.plain(), Optional.empty(), "");
    taken(site);
    Live seen = site.look();
    AtomicInteger count = new AtomicInteger();
    AtomicInteger applies =
        meanwhile(
            site,
            Integer.MAX_VALUE,
            s -> s.patch("{\"data\": {\"key\": \"" + count.incrementAndGet() + "\"}}"));

    // When
    ObjectWriter.Outcome.Done done = write(site, seen);

    // Then
    assertThat(done.wrote()).isTrue();
    // Each of four is tried without force first.
    assertThat(applies).hasValue(8);
    assertThat(asInGit(site)).isTrue();
  }

  @Test
  void status_that_is_written_without_a_pause_is_not_our_doing() throws Exception {
    // Given
    Site site = new Site(WEB, List.of());
    writer.write(site.plain(), Optional.empty(), "");
    Live seen = site.look();
    AtomicInteger count = new AtomicInteger();
    meanwhile(
        site,
        Integer.MAX_VALUE,
        s ->
            s.subresource(
                "status", "{\"status\": {\"collisionCount\": " + count.incrementAndGet() + "}}"));

    // When
    ObjectWriter.Outcome.Done done = write(site, seen);

    // Then
    assertThat(done.wrote()).isFalse();
  }

  @Test
  void what_may_not_be_looked_at_is_written_all_the_same() throws Exception {
    // Given
    Site site = new Site(SETTINGS, List.of());
    writer.write(site.plain(), Optional.empty(), "");
    taken(site);
    Live seen = site.look();
    meanwhile(site, 1, ObjectWriterIT::annotated);
    writer = new ObjectWriter(api.as(new Identity.ServiceAccount(namespace, "stranger")), api);

    // When
    ObjectWriter.Outcome.Done done = write(site, seen);

    // Then
    assertThat(done.wrote()).isTrue();
    assertThat(asInGit(site)).isTrue();
  }

  private ObjectWriter.Outcome.Done write(Site site, Live seen) throws Exception {
    return (ObjectWriter.Outcome.Done)
        writer.write(
            site.order(Optional.of(seen.uid())), Optional.of(seen), seen.resourceVersion());
  }

  /** Others do this before the first applies of ours, each time once. */
  private AtomicInteger meanwhile(Site site, int times, Consumer<Site> they) {
    AtomicInteger applies = new AtomicInteger();
    proxy.hook(request -> {
      if (request.isApply() && applies.incrementAndGet() <= times) {
        they.accept(site);
      }
      return ApiCourse.FORWARD;
    });
    return applies;
  }

  private static boolean asInGit(Site site) {
    String live = site.content().toJson();
    return live.contains(
        site.resource.equals(CONFIG_MAP) ? "\"key\":\"git\"" : "\"image\":\"example.org/c:1\"");
  }
}
