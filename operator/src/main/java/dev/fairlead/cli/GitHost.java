package dev.fairlead.cli;

import static java.util.Objects.requireNonNull;

import dev.fairlead.git.RepositoryAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * What people have to know of the host of a repository to give Fairlead a deploy key. Pure.
 *
 * @param name as people call it
 * @param paste where the public half of a deploy key goes
 * @param fingerprints where the host publishes those of its own keys
 */
record GitHost(String name, String paste, Optional<String> fingerprints) {
  GitHost {
    requireNonNull(name);
    requireNonNull(paste);
    requireNonNull(fingerprints);
  }

  static GitHost of(RepositoryAddress repository) {
    String host = repository.host();
    String path = repository.path();
    return switch (host) {
      case "github.com", "ssh.github.com" ->
          new GitHost(
              "GitHub",
              "at https://github.com/" + path + "/settings/keys/new; leave write access off",
              Optional.of(
                  "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints"));
      case "gitlab.com", "altssh.gitlab.com" ->
          new GitHost(
              "GitLab",
              gitLab("https://gitlab.com/", path),
              Optional.of(
                  "https://docs.gitlab.com/ee/user/gitlab_com/#ssh-host-keys-fingerprints"));
      case "codeberg.org" ->
          new GitHost(
              "Codeberg",
              gitea("https://codeberg.org/", path),
              Optional.of("https://docs.codeberg.org/security/ssh-fingerprint/"));
      case "bitbucket.org", "altssh.bitbucket.org" ->
          new GitHost(
              "Bitbucket",
              "at https://bitbucket.org/" + path + "/admin/access-keys/ (Add key)",
              Optional.empty());
      default -> byName(repository);
    };
  }

  /** Hosts of one's own are often called by what runs there. */
  private static GitHost byName(RepositoryAddress repository) {
    String host = repository.host();
    // Where ssh has a port of its own, nobody knows where the pages are.
    boolean guess = repository.usualPort();
    if (guess && host.matches("(.*[.-])?gitlab[.-].*")) {
      return new GitHost(
          host, gitLab("https://" + host + "/", repository.path()), Optional.empty());
    }
    if (guess && host.matches("(.*[.-])?(gitea|forgejo)[.-].*")) {
      return new GitHost(host, gitea("https://" + host + "/", repository.path()), Optional.empty());
    }
    return new GitHost(
        host,
        "in the settings of the repository "
            + repository.path()
            + " at "
            + host
            + ", as a deploy key that may only read (GitLab: Settings > Repository > Deploy keys;"
            + " Gitea and Forgejo: Settings > Deploy Keys; Bitbucket: Repository settings > Access"
            + " keys); on a server without pages, as a line of the user's ~/.ssh/authorized_keys",
        Optional.empty());
  }

  private static String gitLab(String site, String path) {
    return "at "
        + site
        + path
        + "/-/settings/repository, under Deploy keys; leave write access off";
  }

  private static String gitea(String site, String path) {
    return "at " + site + path + "/settings/keys (Add Deploy Key); leave write access off";
  }

  /**
   * The name of a GitSync for a repository.
   *
   * @return empty where its path has nothing that a name may have
   */
  static Optional<String> syncName(RepositoryAddress repository) {
    String last = repository.path().substring(repository.path().lastIndexOf('/') + 1);
    String name =
        last.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceFirst("^-", "");
    String cut = name.substring(0, Math.min(name.length(), 52)).replaceFirst("-$", "");
    return Optional.of(cut).filter(n -> !n.isEmpty());
  }
}
