package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.Gitea;
import dev.fairlead.testbed.GiteaRepository;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Gitea over http: who may read, who may not, and what becomes of a repository there. */
final class GiteaHttpIT extends GiteaDaemon {
  private static final String SECRET = "secretRef: {name: git}";

  GiteaHttpIT(ControlPlane cluster, @TempDir Path directory) {
    super("gitea-http", cluster, directory);
  }

  private void basic(String username, String password) {
    secret("git", "--from-literal=username=" + username, "--from-literal=password=" + password);
  }

  @Test
  void a_password_and_a_token_in_either_way_read_a_private_repository() {
    GiteaRepository app = gitea.createRepository("ways-in", true);
    String first = push(app, "1");
    String token = gitea.createToken(Gitea.OWNER, "ways-in", "read:repository");

    basic(Gitea.OWNER, Gitea.PASSWORD);
    sync("app", app.url(), SECRET);
    syncs.awaitReady("app", first);

    basic("anything", token);
    String second = push(app, "2");
    syncs.awaitReady("app", second);

    secret("git", "--from-literal=bearerToken=" + token);
    String third = push(app, "3");
    syncs.awaitReady("app", third);
    awaitValue("a", "3");
    assertThat(operator.log()).doesNotContain(token).doesNotContain(Gitea.PASSWORD);
  }

  @Test
  void a_token_that_is_deleted_is_told_until_the_secret_has_another() {
    // Given
    GiteaRepository app = gitea.createRepository("deleted-token", true);
    String first = push(app, "1");
    String token = gitea.createToken(Gitea.OWNER, "old", "read:repository");
    secret("git", "--from-literal=bearerToken=" + token);
    sync("app", app.url(), SECRET);
    syncs.awaitReady("app", first);

    // When
    gitea.deleteToken(Gitea.OWNER, "old");

    // Then
    String refused =
        gitea.host() + " does not accept the credentials (401): check the Secret of spec.secretRef";
    assertThat(syncs.awaitReason("app", "AuthenticationFailed")).contains(refused);
    basic(Gitea.OWNER, token);
    String second = push(app, "2");
    syncs.await("app", "refused", s -> SyncClient.condition(s, "Fetched").contains(refused));
    assertThat(valueOf("a")).isEqualTo("1");
    basic(Gitea.OWNER, gitea.createToken(Gitea.OWNER, "new", "read:repository"));
    syncs.awaitReady("app", second);
  }

  @Test
  void a_pull_request_of_a_fork_is_followed_at_the_repository_that_it_is_for() {
    GiteaRepository app = gitea.createRepository("forked", false);
    push(app, "1");
    GiteaRepository fork = app.fork("contributors");
    fork.branch("feature");
    String proposed = push(fork, "2");
    app.openPullRequest("contributors:feature");

    sync("app", app.url(), "ref: {name: refs/pull/1/head}");
    syncs.awaitReady("app", proposed);

    String better = push(fork, "3");
    syncs.awaitReady("app", better);
    awaitValue("a", "3");
  }

  @Test
  void wrong_and_missing_credentials_are_told() {
    GiteaRepository app = gitea.createRepository("wrong", true);
    String first = push(app, "1");

    sync("app", app.url());
    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(
            gitea.host()
                + " asks for credentials (401): name a Secret with username and password, or"
                + " bearerToken, in spec.secretRef");

    basic(Gitea.OWNER, "wrong");
    sync("app", app.url(), SECRET);
    syncs.await(
        "app",
        "the password refused",
        s ->
            SyncClient.condition(s, "Ready")
                .contains("does not accept the credentials (401): check the Secret"));

    basic(Gitea.OWNER, Gitea.PASSWORD);
    syncs.awaitReady("app", first);
  }

  @Test
  void an_account_and_a_token_that_may_not_read_are_told_until_they_may() {
    GiteaRepository app = gitea.createRepository("rights", true);
    String first = push(app, "1");
    gitea.createAccount("guest");

    basic("guest", Gitea.PASSWORD);
    sync("app", app.url(), SECRET);
    assertThat(syncs.awaitReason("app", "FetchFailed"))
        .contains(
            "there is no repository at "
                + app.url()
                + " (404): check spec.url; many servers say so too when credentials are missing or"
                + " may not read it");

    basic("guest", gitea.createToken("guest", "issues", "read:issue"));
    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(
            gitea.host()
                + " forbids reading (403): the credentials need read access to the repository");

    gitea.api("PUT", app.path() + "/collaborators/guest", "{\"permission\":\"read\"}");
    basic("guest", Gitea.PASSWORD);
    syncs.awaitReady("app", first);
  }

  @Test
  void a_renamed_repository_says_its_new_address_and_a_deleted_one_leaves_what_runs() {
    // Given
    GiteaRepository app = gitea.createRepository("before", false);
    String first = push(app, "1");
    sync("app", app.url());
    syncs.awaitReady("app", first);

    // When, Then
    gitea.api("PATCH", app.path(), "{\"name\":\"after\"}");
    String after = gitea.url() + "/" + Gitea.OWNER + "/after";
    assertThat(syncs.awaitReason("app", "FetchFailed"))
        .contains(app.url() + " redirects to " + after + ": use that as spec.url");
    sync("app", after);
    syncs.awaitReady("app", first);

    gitea.api("DELETE", "/repos/" + Gitea.OWNER + "/after", "");
    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains("asks for credentials (401)")
        .contains("check spec.url");
    basic(Gitea.OWNER, Gitea.PASSWORD);
    sync("app", after, SECRET);
    assertThat(syncs.awaitReason("app", "FetchFailed"))
        .contains("there is no repository at " + after + " (404)");
    assertThat(valueOf("a")).isEqualTo("1");
  }
}
