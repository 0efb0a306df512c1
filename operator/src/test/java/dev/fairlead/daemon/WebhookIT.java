package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitFault;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Git hosts tell of pushes; nothing else would make anybody look within the hour. */
final class WebhookIT extends OneDaemon {
  private static final String TOKEN = "0123456789abcdef0123";
  private static final String OTHER = "fedcba9876543210fedc";

  WebhookIT(ControlPlane cluster, @TempDir Path directory) {
    super("hook", cluster, directory);
  }

  private void secret(String name, String token) {
    cluster.kubectl(
        "create", "secret", "generic", "-n", namespace, name, "--from-literal=token=" + token);
  }

  private String commit(GitRepository into, String name, String value) {
    return into.commit(Map.of(name + ".yaml", configMap(name, value)), value);
  }

  private String path(String sync) {
    return syncs.status(sync).string("webhookPath").orElse("");
  }

  @Test
  void a_hook_makes_the_ref_looked_at_at_once_and_a_new_token_counts_at_once() {
    // Given
    secret("hook", TOKEN);
    syncs.apply(
        "app",
        repository.url(),
        "interval: 1h",
        "defaultNamespace: " + namespace,
        "webhook: {secretRef: {name: hook}}");
    syncs.awaitReady("app", commit(repository, "a", "1"));
    String path = path("app");
    assertThat(path).matches("/hook/[0-9a-f]{64}");
    String second = commit(repository, "a", "2");
    double denied = operator.metric("fairlead_webhook_total", "result=\"denied\"");

    // When, Then
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", OTHER)).isEqualTo(403);
    assertThat(operator.metric("fairlead_webhook_total", "result=\"denied\"") - denied)
        .isEqualTo(1);
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", TOKEN)).isEqualTo(202);
    syncs.awaitReady("app", second);

    cluster.kubectl(
        "patch",
        "secret",
        "-n",
        namespace,
        "hook",
        "-p",
        "{\"stringData\":{\"token\":\"" + OTHER + "\"}}");
    syncs.await("app", "another path", s -> !s.string("webhookPath").orElse("").equals(path));
    String third = commit(repository, "a", "3");
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", TOKEN)).isEqualTo(404);
    assertThat(Hook.post(operator, path("app"), "X-Gitlab-Token", TOKEN)).isEqualTo(403);
    assertThat(Hook.post(operator, path("app"), "X-Gitlab-Token", OTHER)).isEqualTo(202);
    syncs.awaitReady("app", third);
    assertThat(operator.log()).doesNotContain(TOKEN).doesNotContain(OTHER);

    syncs.apply("app", repository.url(), "interval: 1h", "defaultNamespace: " + namespace);
    syncs.await("app", "no path", s -> s.string("webhookPath").isEmpty());
  }

  @Test
  void a_missing_token_is_told_and_waited_for_and_keeps_nothing_from_being_applied() {
    // Given
    syncs.apply(
        "app",
        repository.url(),
        "interval: 1h",
        "defaultNamespace: " + namespace,
        "webhook: {secretRef: {name: late}}");
    syncs.awaitReady("app", commit(repository, "a", "1"));
    syncs.await(
        "app",
        "a warning",
        s ->
            s.toJson()
                .contains(
                    "spec.webhook: the Secret %s/late does not exist: create it with the key token"
                        .formatted(namespace)));

    // When
    secret("late", TOKEN);

    // Then
    syncs.await(
        "app",
        "a path and no warning",
        s -> s.string("webhookPath").isPresent() && s.items("warnings").isEmpty());
  }

  @Test
  void two_syncs_of_a_repository_have_tokens_of_their_own_and_either_serves_both() {
    // Given
    secret("one", TOKEN);
    secret("two", OTHER);
    String first =
        repository.commit(
            Map.of("a/a.yaml", configMap("a", "1"), "b/b.yaml", configMap("b", "1")), "1");
    for (String name : List.of("one", "two")) {
      syncs.apply(
          name,
          repository.url(),
          "interval: 1h",
          "path: " + (name.equals("one") ? "a" : "b"),
          "defaultNamespace: " + namespace,
          "webhook: {secretRef: {name: %s}}".formatted(name));
      syncs.awaitReady(name, first);
    }
    assertThat(path("one")).isNotEqualTo(path("two"));
    assertThat(Hook.post(operator, path("two"), "X-Gitlab-Token", TOKEN)).isEqualTo(403);
    String second =
        repository.commit(
            Map.of("a/a.yaml", configMap("a", "2"), "b/b.yaml", configMap("b", "2")), "2");

    // When
    assertThat(Hook.post(operator, path("two"), "X-Gitlab-Token", OTHER)).isEqualTo(202);

    // Then
    syncs.awaitReady("one", second);
    syncs.awaitReady("two", second);
  }

  @Test
  void a_thousand_pushes_are_a_few_looks() {
    // Given
    secret("hook", TOKEN);
    syncs.apply(
        "app",
        repository.url(),
        "interval: 1h",
        "defaultNamespace: " + namespace,
        "webhook: {secretRef: {name: hook}}");
    syncs.awaitReady("app", commit(repository, "a", "1"));
    String path = path("app");
    git.failWhere(r -> true, new GitFault.Stall());
    git.forgetRequests();
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", TOKEN)).isEqualTo(202);
    awaitLooks(1);

    // When
    List<CompletableFuture<Integer>> answers =
        IntStream.range(0, 8)
            .mapToObj(_ ->
                CompletableFuture.supplyAsync(() ->
                    IntStream.range(0, 125)
                        .map(i -> Hook.post(operator, path, "X-Gitlab-Token", TOKEN))
                        .filter(status -> status == 202)
                        .map(_ -> 1)
                        .sum()))
            .toList();
    int accepted = answers.stream().mapToInt(CompletableFuture::join).sum();
    git.heal();

    // Then
    assertThat(accepted).isEqualTo(1000);
    // The look that hung, and one for all that came meanwhile.
    awaitLooks(2);
    // Whatever else waited would come before this one.
    String second = commit(repository, "a", "2");
    assertThat(Hook.post(operator, path, "X-Gitlab-Token", TOKEN)).isEqualTo(202);
    syncs.awaitReady("app", second);
    assertThat(looks()).isEqualTo(3);
  }

  private long looks() {
    return git.requests().stream().filter(GitRequest::isLook).count();
  }

  private void awaitLooks(long count) {
    SyncClient.await(
        Duration.ofSeconds(20), count + " looks", () -> looks() == count, () -> looks() + " looks");
  }
}
