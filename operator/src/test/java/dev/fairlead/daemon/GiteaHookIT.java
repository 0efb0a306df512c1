package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GiteaRepository;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Gitea tells of pushes; nothing else would make anybody look within the hour. */
final class GiteaHookIT extends GiteaDaemon {
  private static final String TOKEN = "0123456789abcdef0123";
  private static final String WRONG = "fedcba9876543210fedc";
  private static final String HOURLY = "interval: 1h";
  private static final String HOOK = "webhook: {secretRef: {name: hook}}";

  GiteaHookIT(ControlPlane cluster, @TempDir Path directory) {
    super("gitea-hook", cluster, directory);
  }

  /** Follows it with a webhook that Fairlead knows and Gitea does not yet. */
  private void follow(GiteaRepository app, String commit, String... spec) {
    secret("hook", "--from-literal=token=" + TOKEN);
    String[] all = new String[spec.length + 2];
    System.arraycopy(spec, 0, all, 0, spec.length);
    all[spec.length] = HOURLY;
    all[spec.length + 1] = HOOK;
    sync("app", app.url(), all);
    syncs.awaitReady("app", commit);
  }

  private String hookUrl() {
    String path = syncs.status("app").string("webhookPath").orElseThrow();
    return "http://" + operator.hookAddress() + path;
  }

  private double told(String result) {
    return operator.metric("fairlead_webhook_total", "result=\"" + result + "\"");
  }

  private void awaitTold(String result, double before) {
    SyncClient.await(
        Duration.ofSeconds(60),
        "a webhook that is " + result,
        () -> told(result) > before,
        () -> operator.get("/metrics").lines().filter(l -> l.contains("webhook")).toList() + "");
  }

  @Test
  void a_push_is_applied_at_once() {
    GiteaRepository app = gitea.createRepository("push", false);
    follow(app, push(app, "1"));
    app.addHook(hookUrl(), TOKEN, "push");

    String second = push(app, "2");

    syncs.awaitReady("app", second);
    String third = push(app, "3");
    syncs.awaitReady("app", third);
    assertThat(operator.log()).doesNotContain(TOKEN);
  }

  @Test
  void a_wrong_secret_is_refused_and_a_test_delivery_tells_whether_it_is_right() {
    // Given
    GiteaRepository app = gitea.createRepository("secret", false);
    String first = push(app, "1");
    follow(app, first);
    String wrong = app.addHook(hookUrl(), WRONG, "push");
    String none = app.addHook(hookUrl(), "", "push");
    double denied = told("denied");
    double accepted = told("accepted");

    // When
    String second = push(app, "2");

    // Then
    awaitTold("denied", denied + 1);
    assertThat(told("accepted")).isEqualTo(accepted);
    assertThat(SyncClient.applied(syncs.status("app"))).isEqualTo(first);
    gitea.api("DELETE", wrong, "");
    gitea.api("DELETE", none, "");
    String right = app.addHook(hookUrl(), TOKEN, "push");
    gitea.api("POST", right + "/tests", "");
    awaitTold("accepted", accepted);
    syncs.awaitReady("app", second);
  }

  @Test
  void a_tag_is_a_push_and_so_is_one_that_the_host_makes_moves_or_deletes() {
    GiteaRepository app = gitea.createRepository("tags", false);
    String first = push(app, "1");
    app.pushTag("v1.0.0");
    follow(app, first, "ref: {semver: \"1.x\"}");
    app.addHook(hookUrl(), TOKEN, "push");

    String second = push(app, "2");
    app.pushTag("v1.1.0");
    syncs.awaitReady("app", second);

    String third = push(app, "3");
    gitea.api("POST", app.path() + "/tags", "{\"tag_name\":\"1.2.0\",\"target\":\"main\"}");
    syncs.awaitReady("app", third);
    push(app, "4");
    app.pushTag("v2.0.0");
    app.pushTag("v1.3.0-rc.1");
    app.pushTag("nightly");
    String fifth = push(app, "5");
    gitea.api(
        "POST",
        app.path() + "/releases",
        "{\"tag_name\":\"v1.10.0\",\"target_commitish\":\"main\",\"name\":\"1.10\"}");
    syncs.awaitReady("app", fifth);
    assertThat(syncs.status("app").toJson()).contains("v1.10.0@sha1:" + fifth);

    gitea.api("DELETE", app.path() + "/releases/tags/v1.10.0", "");
    gitea.api("DELETE", app.path() + "/tags/v1.10.0", "");
    syncs.awaitReady("app", third);
  }

  @Test
  void a_pull_request_is_followed_by_its_ref() {
    // Given
    GiteaRepository app = gitea.createRepository("pulls", false);
    push(app, "1");
    app.branch("feature");
    String proposed = push(app, "2");
    app.openPullRequest("feature");
    follow(app, proposed, "ref: {name: refs/pull/1/head}");
    app.addHook(hookUrl(), TOKEN, "push", "pull_request_sync");

    // When
    String better = push(app, "3");

    // Then
    syncs.awaitReady("app", better);
    awaitValue("a", "3");
  }
}
