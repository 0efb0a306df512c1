package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitServerTest {

  @TempDir private Path directory;
  private GitServer server;
  private GitRepository repository;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    server = GitServer.start(Files.createDirectory(directory.resolve("server")));
    repository = server.create("demo.git");
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  void a_clone_has_the_files_of_the_newest_commit() throws Exception {
    repository.commit(Map.of("a.yaml", "a: 1\n", "deploy/b.yaml", "b: 1\n"), "Add two files");
    String second = repository.commit(Map.of("a.yaml", "a: 2\n"), "Change one");

    Path clone = cloned("clone");

    assertThat(clone.resolve("a.yaml")).hasContent("a: 2\n");
    assertThat(clone.resolve("deploy/b.yaml")).hasContent("b: 1\n");
    assertThat(repository.resolve("HEAD")).isEqualTo(second);
  }

  @Test
  void a_push_arrives() throws Exception {
    repository.commit(Map.of("a.yaml", "a: 1\n"), "Add a file");
    Path clone = cloned("clone");
    String pushed;
    try (Git git = Git.open(clone.toFile())) {
      Files.writeString(clone.resolve("b.yaml"), "b: 1\n");
      git.add().addFilepattern("b.yaml").call();
      pushed =
          git.commit()
              .setMessage("Add b")
              .setSign(false)
              .setAuthor("Fairlead Tests", "tests@example.org")
              .setCommitter("Fairlead Tests", "tests@example.org")
              .call()
              .name();
      git.push().call();
    }

    assertThat(repository.resolve("main")).isEqualTo(pushed);
  }

  @Test
  void files_and_directories_are_deleted_and_an_old_tree_comes_back() throws Exception {
    String first =
        repository.commit(
            Map.of("a.yaml", "a", "b.yaml", "b", "dir/c.yaml", "c", "dir/d.yaml", "d"), "Add");
    repository.delete("Remove a file and a directory", "a.yaml", "dir");
    Path without = cloned("without");
    repository.restore(GitRepository.MAIN, first, "Revert");
    Path restored = cloned("restored");

    assertThat(without.resolve("a.yaml")).doesNotExist();
    assertThat(without.resolve("dir")).doesNotExist();
    assertThat(without.resolve("b.yaml")).exists();
    assertThat(restored.resolve("dir/c.yaml")).hasContent("c");
  }

  @Test
  void refs_move_by_force_and_vanish() throws Exception {
    String first = repository.commit(Map.of("a.yaml", "1"), "One");
    String second = repository.commit(Map.of("a.yaml", "2"), "Two");
    repository.branch("stage", second);
    repository.branch("main", first);
    repository.tag("v1", first);
    repository.annotatedTag("v2", second, "Release two");

    assertThat(refs())
        .containsEntry("refs/heads/main", first)
        .containsEntry("refs/heads/stage", second)
        .containsEntry("refs/tags/v1", first)
        .containsKey("refs/tags/v2")
        .doesNotContainEntry("refs/tags/v2", second);
    assertThat(repository.resolve("v2")).isEqualTo(second);

    repository.deleteBranch("stage");
    repository.deleteTag("v1");
    assertThat(refs()).doesNotContainKeys("refs/heads/stage", "refs/tags/v1");
  }

  @Test
  void symbolic_links_and_submodules_can_be_committed() throws Exception {
    repository.commit(
        "main",
        "Add a link",
        List.of(
            new GitChange.Symlink("link.yaml", "../outside.yaml"),
            new GitChange.Submodule("module", "1".repeat(40))));

    Path clone = cloned("clone");

    assertThat(Files.readSymbolicLink(clone.resolve("link.yaml"))).hasToString("../outside.yaml");
    assertThat(clone.resolve("module")).isEmptyDirectory();
  }

  @Test
  void requests_are_written_down() throws Exception {
    repository.commit(Map.of("a.yaml", "1"), "One");
    server.forgetRequests();

    look();

    assertThat(server.requests())
        .singleElement()
        .satisfies(request -> {
          assertThat(request.isLook()).isTrue();
          assertThat(request.path()).isEqualTo("/demo.git/info/refs");
          assertThat(request.query()).isEqualTo("service=git-upload-pack");
          assertThat(request.protocol()).contains("version=2");
          assertThat(request.authorization()).isEmpty();
        });
  }

  @Test
  void only_the_right_credentials_are_let_in() throws Exception {
    server.requireBasic("reader", "secret");
    assertThat(look().statusCode()).isEqualTo(401);
    assertThat(look("Authorization", basic("reader", "wrong")).statusCode()).isEqualTo(401);
    assertThat(look("Authorization", basic("reader", "secret")).statusCode()).isEqualTo(200);

    server.requireBearer("token");
    assertThat(look("Authorization", basic("reader", "secret")).statusCode()).isEqualTo(401);
    assertThat(look("Authorization", "Bearer token").statusCode()).isEqualTo(200);

    server.requireNothing();
    assertThat(look().statusCode()).isEqualTo(200);
  }

  @Test
  void an_unknown_repository_is_not_found() throws Exception {
    server.forget("demo.git");

    assertThat(look().statusCode()).isEqualTo(404);
  }

  @Test
  void statuses_come_as_told_and_only_where_told() throws Exception {
    server.fail(GitFault.tooMany(Duration.ofSeconds(7)));
    HttpResponse<String> tooMany = look();
    assertThat(tooMany.statusCode()).isEqualTo(429);
    assertThat(tooMany.headers().firstValue("Retry-After")).contains("7");

    server.fail(new GitFault.Answer(500));
    assertThat(look().statusCode()).isEqualTo(500);

    server.failWhere(GitRequest::isUploadPack, new GitFault.Answer(403));
    assertThat(look().statusCode()).isEqualTo(200);

    server.fail(GitFault.redirect("http://127.0.0.1:1/demo.git"));
    assertThat(look().headers().firstValue("Location")).contains("http://127.0.0.1:1/demo.git");

    server.heal();
    assertThat(look().statusCode()).isEqualTo(200);
  }

  @Test
  void a_stalled_answer_comes_when_the_server_heals() throws Exception {
    server.fail(new GitFault.Stall());
    assertThatThrownBy(() -> look(Duration.ofMillis(300))).isInstanceOf(HttpTimeoutException.class);
    var waiting = client.sendAsync(request(), BodyHandlers.ofString());

    server.heal();

    assertThat(waiting.join().statusCode()).isEqualTo(200);
  }

  @Test
  void a_dripping_answer_is_right_but_slow() throws Exception {
    String right = look().body();
    server.fail(new GitFault.Drip(Duration.ofMillis(2)));

    long began = System.nanoTime();
    assertThat(look().body()).isEqualTo(right);

    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isGreaterThan(Duration.ofMillis(2L * right.length()));
  }

  @Test
  void a_truncated_answer_breaks_the_connection() {
    server.fail(new GitFault.Truncate(5));

    assertThatThrownBy(this::look).isInstanceOf(IOException.class);
  }

  @Test
  void over_tls_only_its_own_certificate_vouches_for_it() throws Exception {
    Path other = Files.createDirectory(directory.resolve("tls"));
    try (GitServer tls = GitServer.startWithTls(other);
        HttpClient trusting =
            HttpClient.newBuilder().sslContext(trust(tls.caCertificate())).build()) {
      tls.create("demo.git");
      HttpRequest request = request(tls.url());

      assertThat(trusting.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
    }
  }

  private Path cloned(String name) throws Exception {
    Path clone = directory.resolve(name);
    Git.cloneRepository().setURI(repository.url()).setDirectory(clone.toFile()).call().close();
    return clone;
  }

  private Map<String, String> refs() throws Exception {
    return Git.lsRemoteRepository().setRemote(repository.url()).call().stream()
        .collect(
            Collectors.toMap(
                Ref::getName, ref -> ObjectId.toString(ref.getObjectId()), (a, b) -> a));
  }

  private HttpResponse<String> look(String... headers) throws Exception {
    HttpRequest.Builder builder = HttpRequest.newBuilder(request(), (n, v) -> true);
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return client.send(builder.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> look(Duration timeout) throws Exception {
    return client.send(
        HttpRequest.newBuilder(request(), (n, v) -> true).timeout(timeout).build(),
        BodyHandlers.ofString());
  }

  private HttpRequest request() {
    return request(server.url());
  }

  private static HttpRequest request(String server) {
    URI uri = URI.create(server + "/demo.git/info/refs?service=git-upload-pack");
    return HttpRequest.newBuilder(uri).header("Git-Protocol", "version=2").build();
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static SSLContext trust(String pem) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(UTF_8))));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
