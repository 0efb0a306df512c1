package dev.fairlead.testbed;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A repository at a {@link Gitea}, and a clone of it that the real git pushes from. */
public final class GiteaRepository {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Gitea gitea;
  private final String owner;
  private final String name;
  private final Path clone;

  GiteaRepository(Gitea gitea, String owner, String name, Path clone) {
    this.gitea = gitea;
    this.owner = owner;
    this.name = name;
    this.clone = clone;
  }

  /** Makes the clone, which is empty. */
  void init() {
    try {
      Files.createDirectories(clone);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    git("init", "-q", "--initial-branch=main");
    // In the clone's settings, not in a url that git would print.
    git("config", "http.extraHeader", "Authorization: " + Gitea.authorization());
    git("remote", "add", "origin", url());
  }

  /** What it is under another name, with the same clone. */
  public GiteaRepository renamed(String newName) {
    return at(owner, newName);
  }

  private GiteaRepository at(String newOwner, String newName) {
    var moved = new GiteaRepository(gitea, newOwner, newName, clone);
    git("remote", "set-url", "origin", moved.url());
    return moved;
  }

  /** A fork of it by a new organisation, to which the same clone pushes from now on. */
  public GiteaRepository fork(String organisation) {
    awaitNotEmpty();
    gitea.api("POST", "/orgs", "{\"username\":\"%s\"}".formatted(organisation));
    gitea.api("POST", path() + "/forks", "{\"organization\":\"%s\"}".formatted(organisation));
    return at(organisation, name);
  }

  /** Its address over http, without credentials. */
  public String url() {
    return gitea.url() + "/" + owner + "/" + name + ".git";
  }

  /** Its address over ssh, with the port. */
  public String sshUrl() {
    return "ssh://git@127.0.0.1:%d/%s/%s.git".formatted(gitea.sshPort(), owner, name);
  }

  /** The same in the form of scp, which has no port; for an address at which port 22 is its. */
  public String scpUrl(String host) {
    return "git@%s:%s/%s.git".formatted(host, owner, name);
  }

  /** Where its API has it. */
  public String path() {
    return "/repos/" + owner + "/" + name;
  }

  /** Commits these files on top of the branch that the clone is at, and pushes it. */
  public String push(Map<String, String> files, String subject) {
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path at = clone.resolve(file.getKey());
        Files.createDirectories(at.getParent());
        Files.writeString(at, file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    git("add", "--all");
    git("commit", "-q", "-m", subject);
    git("push", "-q", "origin", "HEAD");
    return git("rev-parse", "HEAD").strip();
  }

  /** From now on the clone is at a new branch, which begins where it was. */
  public void branch(String branch) {
    git("checkout", "-q", "-b", branch);
  }

  /** A tag of the commit that the clone is at; pushed. */
  public void pushTag(String tag) {
    git("tag", tag);
    git("push", "-q", "origin", tag);
  }

  /**
   * Proposes a branch for {@code main}, once Gitea has noticed that there are any.
   *
   * @param branch of a fork's with its owner: {@code owner:branch}
   */
  public void openPullRequest(String branch) {
    awaitNotEmpty();
    gitea.api(
        "POST",
        path() + "/pulls",
        "{\"head\":\"%s\",\"base\":\"main\",\"title\":\"%1$s\"}".formatted(branch));
  }

  private void awaitNotEmpty() {
    await().atMost(LIMIT).until(() -> !gitea.api("GET", path(), "").bool("empty").orElse(true));
  }

  /** Lets in who has the key, for reading; as a person does it on the page of the deploy keys. */
  public void addDeployKey(String publicKey) {
    gitea.api(
        "POST",
        path() + "/keys",
        "{\"title\":\"fairlead\",\"key\":\"%s\",\"read_only\":true}".formatted(publicKey.strip()));
  }

  /**
   * A webhook of Gitea's own kind.
   *
   * @return where the API has it
   */
  public String addHook(String url, String secret, String... events) {
    long id =
        gitea
            .api(
                "POST",
                path() + "/hooks",
                """
                {"type":"gitea","active":true,"events":["%s"],
                "config":{"url":"%s","content_type":"json","secret":"%s"}}
                """
                    .formatted(String.join("\",\"", events), url, secret))
            .integer("id")
            .orElseThrow();
    return path() + "/hooks/" + id;
  }

  private String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", clone.toString()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(
            command,
            Map.of(
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_TERMINAL_PROMPT", "0",
                "GIT_AUTHOR_NAME", "Fairlead Tests",
                "GIT_AUTHOR_EMAIL", "tests@example.org",
                "GIT_COMMITTER_NAME", "Fairlead Tests",
                "GIT_COMMITTER_EMAIL", "tests@example.org"),
            "",
            LIMIT)
        .orFail();
  }
}
