package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitFault;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitRequest;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that hang, refuse or ask for peace, and others that are held up by none of it. */
final class HostsIT extends OneDaemon {
  private static final String TOKEN = "0123456789abcdef0123";

  private final Path directory;
  private GitServer ill;

  HostsIT(ControlPlane cluster, @TempDir Path directory) {
    super("hosts", cluster, directory);
    this.directory = directory;
    this.ill = git;
  }

  @BeforeEach
  void another_host() throws IOException {
    ill = GitServer.start(Files.createTempDirectory(directory, "ill-"));
  }

  @AfterEach
  void it_goes() {
    ill.close();
  }

  private static String commit(GitRepository into, String value) {
    return into.commit(Map.of("a.yaml", configMap("a", value)), value);
  }

  private long looksAtIll() {
    return ill.requests().stream().filter(GitRequest::isLook).count();
  }

  @Test
  void a_host_that_never_answers_holds_no_other_up_and_is_asked_by_four_at_most() {
    // Given
    ill.fail(new GitFault.Stall());
    ill.forgetRequests();
    for (int i = 0; i < 20; i++) {
      syncs.apply("ill-" + i, ill.create("hang-" + i).url(), "defaultNamespace: " + namespace);
    }
    SyncClient.await(
        Duration.ofSeconds(20),
        "looks that hang",
        () -> looksAtIll() == 4,
        () -> looksAtIll() + " looks");

    // When
    String first = commit(repository, "1");
    follow("well");

    // Then
    syncs.awaitReady("well", first);
    String second = commit(repository, "2");
    syncs.awaitReady("well", second);
    assertThat(looksAtIll()).isEqualTo(4);
  }

  @Test
  void a_host_that_asks_for_peace_has_it_as_a_whole_and_webhooks_are_told() {
    // Given
    cluster.kubectl(
        "create", "secret", "generic", "-n", namespace, "hook", "--from-literal=token=" + TOKEN);
    GitRepository one = ill.create("one");
    GitRepository two = ill.create("two");
    syncs.apply(
        "one",
        one.url(),
        "interval: 1h",
        "defaultNamespace: " + namespace,
        "webhook: {secretRef: {name: hook}}");
    syncs.awaitReady("one", commit(one, "1"));
    String path = syncs.status("one").string("webhookPath").orElseThrow();
    ill.fail(GitFault.tooMany(Duration.ofHours(1)));
    commit(one, "2");
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", TOKEN)).isEqualTo(202);
    syncs.await("one", "refused", s -> SyncClient.condition(s, "Fetched").contains("(429)"));
    ill.heal();
    ill.forgetRequests();

    // When
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", TOKEN)).isEqualTo(202);
    commit(two, "1");
    syncs.apply("two", two.url(), "defaultNamespace: " + namespace);

    // Then
    String peace = "wants to be left in peace until ";
    String told = syncs.awaitReason("two", "FetchFailed");
    assertThat(told).contains("too many requests (429)", peace).doesNotContain(one.url());
    cluster.kubectl("annotate", "gitsync", "-n", namespace, "one", "fairlead.dev/requested-at=now");
    syncs.await(
        "one", "the request acted on", s -> s.string("handledRequest").orElse("").equals("now"));
    assertThat(SyncClient.condition(syncs.status("one"), "Fetched")).contains(peace);
    assertThat(looksAtIll()).isZero();
  }

  @Test
  void a_token_that_is_used_up_stops_those_who_use_it_and_nobody_else() {
    // Given
    for (String name : List.of("red", "blue")) {
      cluster.kubectl(
          "create",
          "secret",
          "generic",
          "-n",
          namespace,
          name,
          "--from-literal=bearerToken=" + name);
    }
    GitRepository shared = ill.create("shared");
    GitRepository own = ill.create("own");
    commit(own, "1");
    String first = commit(shared, "1");
    ill.failWhere(
        r -> r.authorization().equals(Optional.of("Bearer red")),
        GitFault.tooMany(Duration.ofHours(1)));
    syncs.apply("limited", own.url(), "defaultNamespace: " + namespace, "secretRef: {name: red}");
    syncs.awaitReason("limited", "FetchFailed");
    ill.forgetRequests();

    // When
    syncs.apply("too", shared.url(), "defaultNamespace: " + namespace, "secretRef: {name: red}");
    syncs.apply("other", shared.url(), "defaultNamespace: " + namespace, "secretRef: {name: blue}");

    // Then
    syncs.awaitReady("other", first);
    assertThat(syncs.awaitReason("too", "FetchFailed"))
        .contains("too many requests (429)", "wants to be left in peace until ");
    assertThat(ill.requests()).noneMatch(r -> r.authorization().equals(Optional.of("Bearer red")));
  }

  @Test
  void credentials_that_are_wrong_are_no_trouble_of_the_host() {
    // Given
    GitRepository open = ill.create("open");
    GitRepository closed = ill.create("closed");
    ill.failWhere(r -> r.path().contains("closed"), new GitFault.Answer(401));
    String first = commit(open, "1");
    commit(closed, "1");
    syncs.apply("closed", closed.url(), "defaultNamespace: " + namespace);
    syncs.awaitReason("closed", "AuthenticationFailed");

    // When
    syncs.apply("open", open.url(), "defaultNamespace: " + namespace);

    // Then
    syncs.awaitReady("open", first);
    IntStream.range(2, 4)
        .mapToObj(i -> commit(open, "" + i))
        .forEach(c -> syncs.awaitReady("open", c));
  }
}
