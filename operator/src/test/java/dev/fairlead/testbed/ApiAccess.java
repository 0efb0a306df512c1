package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The API server of a {@link ControlPlane} as plain HTTP requests: a hundred times cheaper than
 * kubectl, for tests that look often. Any thread may call any method.
 */
public final class ApiAccess {
  private final String server;
  private final String token;
  private final HttpClient client;

  private ApiAccess(String server, String token, HttpClient client) {
    this.server = server;
    this.token = token;
    this.client = client;
  }

  /** An answer, whatever its status. */
  public record Answer(int status, String body) {
    public String orFail() {
      if (status >= 300) {
        throw new AssertionError("the API server answered " + status + ": " + body);
      }
      return body;
    }
  }

  /** As the administrator of the control plane. */
  public static ApiAccess of(ControlPlane cluster) {
    try {
      String kubeconfig = Files.readString(cluster.kubeconfig());
      byte[] authority =
          Base64.getDecoder().decode(value(kubeconfig, "certificate-authority-data"));
      HttpClient client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .sslContext(trusting(authority))
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .build();
      return new ApiAccess(value(kubeconfig, "server"), value(kubeconfig, "token"), client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String value(String kubeconfig, String key) {
    Matcher line = Pattern.compile("(?m)^\\s*" + key + ": (\\S+)$").matcher(kubeconfig);
    if (!line.find()) {
      throw new AssertionError("no " + key + " in the kubeconfig");
    }
    return line.group(1);
  }

  private static SSLContext trusting(byte[] authority) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          "ca",
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(authority)));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create(server + target))
        .header("Authorization", "Bearer " + token);
  }

  /** {@code target} is the path with its query, here and below. */
  public Answer get(String target) {
    return call(request(target).GET().build());
  }

  public Answer delete(String target) {
    return call(request(target).DELETE().build());
  }

  /** A server-side apply of one object, YAML or JSON, by a person with kubectl. */
  public Answer apply(String target, String object) {
    return call(
        request(target + "?fieldManager=kubectl&force=true")
            .header("Content-Type", "application/apply-patch+yaml")
            .method("PATCH", HttpRequest.BodyPublishers.ofString(object, UTF_8))
            .build());
  }

  /** A merge patch by a person with kubectl. */
  public Answer patch(String target, String json) {
    return call(
        request(target + "?fieldManager=kubectl-patch")
            .header("Content-Type", "application/merge-patch+json")
            .method("PATCH", HttpRequest.BodyPublishers.ofString(json, UTF_8))
            .build());
  }

  private Answer call(HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri().getPath(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
