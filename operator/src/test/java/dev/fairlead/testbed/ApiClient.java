package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * Speaks to the API server in plain JSON, for tests that ask so often that a kubectl for each
 * question would be most of their time, as the administrator of a control plane.
 *
 * <p>What is not there is an empty answer; any other refusal is an {@link AssertionError}. Any
 * thread may call it.
 */
public final class ApiClient {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int PATIENCE = 50;
  private static final String METADATA =
      "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

  private final Kubeconfig config;
  private final HttpClient http;

  private ApiClient(Kubeconfig config) {
    this.config = config;
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(config.tls())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  /** JSON that somebody else has made. */
  static Json.Obj parse(String json) {
    try {
      return (Json.Obj) JsonReader.parse(json.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ApiClient of(ControlPlane cluster) {
    return new ApiClient(Kubeconfig.read(cluster.kubeconfig()));
  }

  /** {@code path} may have a query, here and in {@link #list}. */
  public Optional<Json.Obj> get(String path) {
    return send(request(path).GET());
  }

  /** The metadata of all objects of a collection; none where the kind is not served. */
  public List<Json.Obj> list(String path) {
    return send(request(path).header("Accept", METADATA).GET())
        .map(list -> list.items("items").stream().map(item -> (Json.Obj) item).toList())
        .orElse(List.of());
  }

  public void create(String path, String json) {
    must(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  /** Server-side apply with force, of YAML or JSON. */
  public void apply(String path, String fieldManager, String object) {
    must(
        request(path + "?force=true&fieldManager=" + fieldManager)
            .header("Content-Type", "application/apply-patch+yaml")
            .method("PATCH", BodyPublishers.ofString(object)));
  }

  public void mergePatch(String path, String json) {
    must(
        request(path + "?fieldManager=kubectl-patch")
            .header("Content-Type", "application/merge-patch+json")
            .method("PATCH", BodyPublishers.ofString(json)));
  }

  /** The same for an object that may not be there; empty then. */
  public Optional<Json.Obj> tryMergePatch(String path, String fieldManager, String json) {
    return send(
        request(path + "?fieldManager=" + fieldManager)
            .header("Content-Type", "application/merge-patch+json")
            .method("PATCH", BodyPublishers.ofString(json)));
  }

  /**
   * What a server-side apply without force would make of an object; an {@link AssertionError} with
   * the server's words where it would be refused.
   */
  public Json.Obj dryRunApply(String path, String fieldManager, String object) {
    return send(request(path + "?dryRun=All&fieldManager=" + fieldManager)
            .header("Content-Type", "application/apply-patch+yaml")
            .method("PATCH", BodyPublishers.ofString(object)))
        .orElseThrow(() -> new AssertionError(path + " has no place to be"));
  }

  /** Deletes an object, which may take its time to go. */
  public void delete(String path) {
    send(request(path).DELETE());
  }

  private void must(HttpRequest.Builder request) {
    if (send(request).isEmpty()) {
      throw new AssertionError(request.build().uri() + " is not there");
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(config.server() + path))
        .header("Authorization", "Bearer " + config.token())
        .timeout(LIMIT);
  }

  private Optional<Json.Obj> send(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      for (int i = 0; response.statusCode() == 429 && i < PATIENCE; i++) {
        // The kind has just been defined.
        Thread.sleep(200);
        response = http.send(request, BodyHandlers.ofString());
      }
      if (response.statusCode() == 404) {
        return Optional.empty();
      }
      if (response.statusCode() >= 300) {
        throw new AssertionError(
            "%s %s: %d %s"
                .formatted(
                    request.method(), request.uri(), response.statusCode(), response.body()));
      }
      return Optional.of(parse(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
