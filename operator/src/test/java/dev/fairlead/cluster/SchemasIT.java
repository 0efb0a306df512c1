package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.RequestListener;
import dev.fairlead.schema.KindSchema;
import dev.fairlead.schema.SchemaCheck;
import dev.fairlead.schema.SchemaDocument;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(ControlPlaneExtension.class)
class SchemasIT {
  private static final GroupVersionKind DEPLOYMENT = GroupVersionKind.of("apps/v1", "Deployment");

  private final AtomicInteger requests = new AtomicInteger();
  private ControlPlane cluster;
  private Served served;
  private Schemas schemas;

  @BeforeEach
  void connect(ControlPlane given) {
    cluster = given;
    served = Served.by(given.kubeconfig(), (verb, code, took) -> requests.incrementAndGet());
    schemas = new Schemas(served.server, InstantSource.system());
  }

  @AfterEach
  void close() {
    served.close();
  }

  @Test
  void a_document_is_fetched_once_whoever_asks_for_it() throws Exception {
    List<Future<Optional<KindSchema>>> asked = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        asked.add(threads.submit(() -> schemas.find(DEPLOYMENT)));
      }
      for (Future<Optional<KindSchema>> found : asked) {
        assertThat(found.get()).isPresent();
      }
    }

    // The index and the document.
    assertThat(requests).hasValue(2);
    schemas.find(GroupVersionKind.of("apps/v1", "StatefulSet"));
    assertThat(requests).hasValue(2);
  }

  @Test
  void what_did_not_change_is_not_fetched_again() throws Exception {
    schemas.find(DEPLOYMENT);
    schemas.refresh();
    schemas.find(DEPLOYMENT);

    assertThat(requests).hasValue(3);
  }

  @Test
  void a_kind_that_comes_later_is_found_and_a_field_that_it_gains_is_known() throws Exception {
    String group = cluster.createNamespace("schemas") + ".example.org";
    GroupVersionKind thing = GroupVersionKind.of(group + "/v1", "Thing");
    assertThat(schemas.find(thing)).isEmpty();

    define(group, "size: {type: integer}");
    KindSchema first = await(thing, "");
    define(group, "size: {type: integer}, wide: {type: boolean}");
    KindSchema second = await(thing, "wide");

    assertThat(first.custom()).isTrue();
    assertThat(second.custom()).isTrue();
    cluster.kubectl("delete", "crd", "things." + group);
  }

  private void define(String group, String fields) {
    cluster.apply(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: things.%1$s}
        spec:
          group: %1$s
          scope: Namespaced
          names: {kind: Thing, plural: things}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, properties: {%2$s}}}
        """
            .formatted(group, fields));
  }

  /** The server publishes a definition some time after it was written. */
  private KindSchema await(GroupVersionKind gvk, String field) throws Exception {
    Json.Obj object = field.isEmpty() ? Json.Obj.empty() : Json.of(Map.of(field, Json.of(true)));
    for (int i = 0; i < 100; i++) {
      schemas.refresh();
      Optional<KindSchema> schema = schemas.find(gvk);
      if (schema.isPresent() && SchemaCheck.check(object, schema.get()).isEmpty()) {
        return schema.get();
      }
      Thread.sleep(100);
    }
    throw new AssertionError(gvk + " with " + field + " is not published");
  }

  @Test
  void a_server_that_is_away_tells_nothing_and_fails_nothing(@TempDir Path directory)
      throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path nobody =
        Files.writeString(
            directory.resolve("kubeconfig"),
            Files.readString(cluster.kubeconfig())
                .replaceAll("server: \\S+", "server: https://127.0.0.1:" + port));
    try (Served away = Served.by(nobody, RequestListener.NONE)) {
      Schemas none = new Schemas(away.server, InstantSource.system());

      assertThat(none.find(DEPLOYMENT)).isEmpty();
      assertThat(none.refresh()).isFalse();
      assertThat(none.document("v1")).isSameAs(SchemaDocument.NONE);
    }
  }
}
