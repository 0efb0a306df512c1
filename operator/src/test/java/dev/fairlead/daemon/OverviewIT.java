package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What status has to cut short is told in full, and nothing is told for longer than it is true. */
final class OverviewIT extends OneDaemon {
  private static final String WEB =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        replicas: 1
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
              - name: c
                image: example.org/c:1
                ports: [{containerPort: 80}]
              - name: d
                image: example.org/d:1
                ports:
                  - {containerPort: 81}
                  - {containerPort: 80}
      """;
  private static final String SHOP =
      """
      apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata:
        name: shop
        annotations:
          kubernetes.io/ingress.class: nginx
      spec:
        defaultBackend: {service: {name: shop, port: {number: 80}}}
      """;

  OverviewIT(ControlPlane cluster, @TempDir Path directory) {
    super("overview", cluster, directory);
  }

  @Test
  void each_line_of_a_file_is_told_with_its_commit_and_a_new_one_with_its_own() {
    String first = repository.commit(Map.of("deploy/a.yaml", configMap("a", "1")), "Say 1");
    follow("sync", "path: deploy");
    syncs.awaitReady("sync", first);
    String second = repository.commit(Map.of("deploy/a.yaml", configMap("a", "2")), "Say \"2\"");
    syncs.awaitReady("sync", second);

    Json.Obj blame =
        SyncClient.parse(
            operator.api("/gitsyncs/" + namespace + "/sync/blame?file=deploy%2Fa.yaml"));

    assertThat(blame.string("revision")).contains("main@sha1:" + second);
    String file = configMap("a", "2");
    List<String> lines = new ArrayList<>();
    for (Json item : blame.items("lines")) {
      Json.Obj some = (Json.Obj) item;
      for (long i = 0; i < some.integer("count").orElseThrow(); i++) {
        lines.add(some.string("commit").orElse("") + " " + some.string("subject").orElse(""));
      }
    }
    assertThat(lines).hasSize((int) file.lines().count());
    List<String> text = file.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i))
          .as(text.get(i))
          .isEqualTo(text.get(i).contains("2") ? second + " Say \"2\"" : first + " Say 1");
    }
    assertThat(operator.api("/gitsyncs/" + namespace + "/sync/blame?file=b.yaml"))
        .contains("\"status\":404", "there is no file b.yaml in commit " + second);
    assertThat(operator.api("/gitsyncs/" + namespace + "/other/blame?file=b.yaml"))
        .contains("\"status\":404", "there is no GitSync");
  }

  @Test
  void lines_of_a_submodule_are_told_with_its_commit_where_submodules_are_read() {
    // Given
    GitRepository library = another();
    String used = library.commit(Map.of("b.yaml", configMap("b", "1")), "Of the library");
    String name = library.url().replaceFirst(".*/", "");
    String commit =
        repository.commit(
            GitRepository.MAIN,
            "Use the library",
            List.of(
                new GitChange.Write(
                    ".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = ../" + name + "\n"),
                new GitChange.Write("deploy/a.yaml", configMap("a", "1")),
                new GitChange.Submodule("lib", used)));
    follow("with", "path: lib", "submodules: true");
    follow("without", "path: deploy");
    syncs.awaitReady("with", commit);
    syncs.awaitReady("without", commit);
    String path = "/blame?file=lib%2Fb.yaml";

    // When
    String with = operator.api("/gitsyncs/" + namespace + "/with" + path);
    String without = operator.api("/gitsyncs/" + namespace + "/without" + path);

    // Then
    assertThat(with)
        .contains(
            "\"revision\":\"main@sha1:" + commit + "\"",
            "\"submodule\":{\"path\":\"lib\",\"url\":\"%s\",\"commit\":\"%s\"}"
                .formatted(library.url(), used),
            "\"subject\":\"Of the library\",\"file\":\"b.yaml\"")
        .doesNotContain("Use the library");
    assertThat(without)
        .contains("\"status\":404", "there is no file lib/b.yaml in commit " + commit);
  }

  @Test
  void fifty_mistakes_are_ten_in_status_and_fifty_in_the_overview_and_in_one_line_of_the_log() {
    Map<String, String> files = new TreeMap<>();
    for (int file = 0; file < 10; file++) {
      List<String> documents = new ArrayList<>();
      for (int document = 0; document < 5; document++) {
        String name = "c" + file + "-" + document;
        documents.add(configMap(name, "x") + "immutable: \"" + name + "\"\n");
      }
      files.put("file-" + file + ".yaml", String.join("---\n", documents));
    }
    repository.commit(files, "fifty mistakes");
    follow("sync");
    syncs.awaitReason("sync", "ValidationFailed");

    Json.Obj status = syncs.status("sync");
    Json.Obj view = operator.view(namespace, "sync");
    List<String> all = places(view.items("problems"));
    assertThat(status.integer("problemCount")).contains(50L);
    assertThat(status.items("problems")).hasSize(10);
    assertThat(all).hasSize(50).doesNotHaveDuplicates().isSorted();
    assertThat(all.subList(0, 10)).isEqualTo(places(status.items("problems")));
    assertThat(view.object("plan").orElseThrow().items("refused")).hasSize(50);
    assertThat(view.items("objects")).isEmpty();

    OperatorProcess.sleep(Duration.ofSeconds(3));
    List<String> lines =
        operator.log().lines().filter(l -> l.contains(namespace) && l.contains(" WARN ")).toList();
    assertThat(lines).as("tried again, told once").hasSize(1);
    assertThat(lines.getFirst()).contains("A commit is refused").contains("count=50");
    assertThat(lines.getFirst().split("\\.yaml:", -1)).hasSize(51);
  }

  private static List<String> places(List<Json> problems) {
    return problems.stream()
        .map(p -> (Json.Obj) p)
        .map(p ->
            "%s:%02d %s"
                .formatted(
                    p.string("file").orElse(""),
                    p.integer("line").orElse(0L),
                    p.string("object").orElse("")))
        .toList();
  }

  @Test
  void a_prune_that_waits_is_told_to_the_last_object() {
    Map<String, String> files = new TreeMap<>();
    for (int i = 10; i < 35; i++) {
      files.put("c" + i + ".yaml", configMap("c" + i, "x"));
    }
    String first = repository.commit(files, "many");
    follow("sync");
    syncs.awaitReady("sync", first);
    files.remove("c10.yaml");
    repository.delete("most", files.keySet().toArray(String[]::new));
    syncs.awaitReason("sync", "PruneBlocked");

    Json.Obj pending = syncs.status("sync").object("pendingPrune").orElseThrow();
    Json.Obj view = operator.view(namespace, "sync");
    Json.Obj full = view.object("pendingPrune").orElseThrow();
    assertThat(pending.items("first")).hasSize(10);
    assertThat(full.string("digest")).isEqualTo(pending.string("digest"));
    assertThat(names(full.items("objects"))).hasSize(24).contains("c11", "c34");
    assertThat(view.object("plan").orElseThrow().items("prune")).hasSize(24);
    assertThat(view.items("objects")).hasSize(25);
    assertThat(
            view.items("objects").stream()
                .filter(o -> ((Json.Obj) o).string("state").orElse("").equals("Leftover")))
        .hasSize(24);
  }

  private static List<String> names(List<Json> objects) {
    return objects.stream().map(o -> ((Json.Obj) o).string("name").orElse("")).toList();
  }

  @Test
  void every_object_is_told_with_its_place_its_owners_and_its_health() {
    String secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n";
    String commit =
        repository.commit(
            Map.of("web.yaml", configMap("a", "x") + "---\n" + WEB, "s.yaml", secret), "all");
    follow("sync");
    syncs.awaitReady("sync", commit);
    cluster.kubectl("annotate", "configmap", "-n", namespace, "a", "colour=red");
    SyncClient.await(
        Duration.ofSeconds(10),
        "another owner",
        () -> object("a").toJson().contains("kubectl-annotate"),
        () -> object("a").toJson());

    Json.Obj view = operator.view(namespace, "sync");

    assertThat(names(view.items("objects"))).containsExactly("s", "a", "web");
    Json.Obj web = object("web");
    assertThat(web.object("origin").orElseThrow().toJson())
        .isEqualTo("{\"file\":\"web.yaml\",\"line\":6,\"document\":1}");
    assertThat(web.string("state")).contains("Applied");
    assertThat(web.object("health").orElseThrow().string("state")).contains("Healthy");
    assertThat(web.object("owner").orElseThrow().string("manager"))
        .contains("fairlead/" + namespace + "/sync");
    assertThat(object("a").object("owner").orElseThrow().items("others"))
        .containsExactly(Json.of("kubectl-annotate"));
    assertThat(web.string("appliedAt")).isPresent();
    assertThat(web.string("uid"))
        .contains(
            cluster.kubectl(
                "get", "deployment", "-n", namespace, "web", "-o", "jsonpath={.metadata.uid}"));
    assertThat(names(view.object("plan").orElseThrow().items("create")))
        .containsExactlyInAnyOrder("s", "a", "web");
    assertThat(view.toJson()).doesNotContain("hunter2").doesNotContain("aHVudGVyMg");

    // What was annotated is verified about a second later.
    OperatorProcess.sleep(Duration.ofSeconds(3));
    double requests = operator.metric("fairlead_api_requests_total", "");
    for (int i = 0; i < 5; i++) {
      operator.view(namespace, "sync");
    }
    assertThat(operator.metric("fairlead_api_requests_total", ""))
        .as("reading costs no request")
        .isEqualTo(requests);
  }

  private Json.Obj object(String name) {
    return operator.view(namespace, "sync").items("objects").stream()
        .map(o -> (Json.Obj) o)
        .filter(o -> o.string("name").orElse("").equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_warning_stays_and_follows_its_line_until_its_cause_is_gone() {
    String first = repository.commit(Map.of("web.yaml", WEB, "shop.yaml", SHOP), "warned of");
    follow("sync");
    syncs.awaitReady("sync", first);
    String ports =
        "Deployment "
            + namespace
            + "/web: spec.template.spec.containers[1].ports[1]: duplicate port definition with"
            + " spec.template.spec.containers[0].ports[0]";
    String ingress =
        "Ingress "
            + namespace
            + "/shop: annotation \"kubernetes.io/ingress.class\" is deprecated, please use"
            + " 'spec.ingressClassName' instead";
    assertThat(warnings()).containsExactly("shop.yaml:6: " + ingress, "web.yaml:19: " + ports);

    String beside = repository.commit(Map.of("a.yaml", configMap("a", "x")), "beside");
    syncs.awaitReady("sync", beside);
    assertThat(warnings()).containsExactly("shop.yaml:6: " + ingress, "web.yaml:19: " + ports);

    String moved = repository.commit(Map.of("web.yaml", "# one\n# two\n" + WEB), "two lines down");
    syncs.awaitReady("sync", moved);
    assertThat(warnings()).containsExactly("shop.yaml:6: " + ingress, "web.yaml:21: " + ports);

    String labels = "  name: web\n  labels: {tier: front}\n";
    String labelled =
        repository.commit(Map.of("web.yaml", WEB.replace("  name: web\n", labels)), "a label");
    syncs.awaitReady("sync", labelled);
    assertThat(warnings())
        .as("the server says nothing when the spec is the same")
        .containsExactly("shop.yaml:6: " + ingress, "web.yaml:20: " + ports);

    Json.Obj before = syncs.status("sync");
    restart();
    SyncClient.await(
        Duration.ofSeconds(20),
        "the verification of all objects",
        () -> operator.metric("fairlead_api_requests_total", "verb=\"apply\"") >= 3,
        () -> operator.log());
    OperatorProcess.sleep(Duration.ofSeconds(1));
    assertThat(syncs.status("sync").toJson()).isEqualTo(before.toJson());
    assertThat(operator.view(namespace, "sync").items("warnings")).hasSize(2);

    String mended =
        repository.commit(
            Map.of(
                "web.yaml", WEB.replace("            - {containerPort: 81}\n", ""),
                "shop.yaml", SHOP.replace("    kubernetes.io/ingress.class: nginx", "    a: b")),
            "one is mended, the other changed");
    syncs.awaitReady("sync", mended);
    assertThat(warnings()).containsExactly("web.yaml:18: " + ports.replace("ports[1]", "ports[0]"));

    syncs.awaitReady("sync", repository.delete("without it", "web.yaml"));
    assertThat(warnings()).isEmpty();
  }

  @Test
  void ten_warnings_are_in_status_and_all_in_the_overview() {
    Map<String, String> files = new TreeMap<>();
    for (int i = 10; i < 22; i++) {
      files.put(
          "e" + i + ".yaml",
          "apiVersion: v1\nkind: Endpoints\nmetadata: {name: e%d}\n".formatted(i));
    }
    String commit = repository.commit(files, "old ones");
    follow("sync");
    syncs.awaitReady("sync", commit);

    List<Json> all = operator.view(namespace, "sync").items("warnings");
    assertThat(warnings()).hasSize(10).isSorted();
    assertThat(warnings().getFirst())
        .startsWith("e10.yaml:1: Endpoints " + namespace + "/e10: v1 Endpoints is deprecated");
    assertThat(all).hasSize(12);
    assertThat(((Json.Obj) all.getLast()).string("file")).contains("e21.yaml");
  }

  @Test
  void a_daemon_whose_address_for_it_is_taken_works_without_it(@TempDir Path other)
      throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        OperatorProcess second =
            OperatorProcess.start(
                cluster.kubeconfig(), other, "--ui-listen", "127.0.0.1:" + taken.getLocalPort())) {
      SyncClient.await(
          Duration.ofSeconds(20), "/readyz", () -> second.log().contains("Started"), second::log);

      assertThat(second.get("/healthz")).isNotEmpty();
      assertThat(second.log())
          .contains("No JSON API: its address cannot be had; set --ui-listen to another one")
          .contains("127.0.0.1:" + taken.getLocalPort());
    }
  }

  private List<String> warnings() {
    return syncs.status("sync").items("warnings").stream()
        .map(w -> ((Json.Str) w).value())
        .toList();
  }
}
