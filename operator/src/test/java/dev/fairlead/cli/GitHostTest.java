package dev.fairlead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.git.GitException;
import dev.fairlead.git.RepositoryAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where deploy keys go, by host, and what GitSyncs are called. */
final class GitHostTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          git@github.com:me/portfolio.git                   | https://github.com/me/portfolio/settings/keys/new; | docs.github.com
          https://github.com/me/portfolio                   | https://github.com/me/portfolio/settings/keys/new; | docs.github.com
          ssh://git@ssh.github.com:443/me/portfolio.git     | https://github.com/me/portfolio/settings/keys/new; | docs.github.com
          git@gitlab.com:group/sub/web.git                  | https://gitlab.com/group/sub/web/-/settings/repository, | docs.gitlab.com
          ssh://git@altssh.gitlab.com:443/group/web.git     | https://gitlab.com/group/web/-/settings/repository, | docs.gitlab.com
          git@gitlab.example.org:group/web.git              | https://gitlab.example.org/group/web/-/settings/repository, |
          ssh://git@git-gitlab.example.org/group/web.git    | https://git-gitlab.example.org/group/web/-/settings/repository, |
          git@codeberg.org:me/web.git                       | https://codeberg.org/me/web/settings/keys | docs.codeberg.org
          gitea@gitea.example.org:me/web.git                | https://gitea.example.org/me/web/settings/keys |
          git@forgejo.example.org:me/web                    | https://forgejo.example.org/me/web/settings/keys |
          git@bitbucket.org:team/web.git                    | https://bitbucket.org/team/web/admin/access-keys/ |
          ssh://git@gitea.example.org:2222/me/web.git       | the repository me/web at gitea.example.org |
          ssh://git@git.example.org/srv/git/web.git         | the repository srv/git/web at git.example.org |
          git@mygitlabs.example.org:web.git                 | the repository web at mygitlabs.example.org |
          """)
  void a_deploy_key_is_pasted(String url, String where, String fingerprints) throws GitException {
    GitHost host = GitHost.of(RepositoryAddress.parse(url));

    assertThat(host.paste()).contains(where);
    assertThat(host.fingerprints().isPresent()).isEqualTo(fingerprints != null);
    if (fingerprints != null) {
      assertThat(host.fingerprints().orElseThrow()).startsWith("https://" + fingerprints + "/");
    }
  }

  @ParameterizedTest(name = "{0} is called {1}")
  @CsvSource({
    "git@github.com:me/portfolio.git, portfolio",
    "https://github.com/me/My_Site.git, my-site",
    "https://github.com/me/site.example.org, site-example-org",
    "ssh://git@git.example.org/srv/git/--web--.git, web",
    "https://git.example.org/a/0123456789012345678901234567890123456789012345678901234567890, 0123456789012345678901234567890123456789012345678901",
    "https://git.example.org/a/012345678901234567890123456789012345678901234567890-23456789, 012345678901234567890123456789012345678901234567890",
    "https://git.example.org/a/___, ''",
  })
  void a_gitsync_is_called(String url, String name) throws GitException {
    assertThat(GitHost.syncName(RepositoryAddress.parse(url)).orElse("")).isEqualTo(name);
  }
}
