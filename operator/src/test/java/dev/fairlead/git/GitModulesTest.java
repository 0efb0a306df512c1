package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where submodules come from, and what of {@code .gitmodules} is refused. */
final class GitModulesTest {
  private static RemoteUrl url(String url) throws GitException {
    return RemoteUrl.parse(url, true);
  }

  private static String module(String url) {
    return "# where things are\n\n[submodule \"lib\"]\n\tpath = lib\n\turl = " + url + "\n";
  }

  @ParameterizedTest(name = "{1} of {0} is {2}")
  @CsvSource({
    "https://h/team/app.git, ../lib.git, https://h/team/lib.git",
    "https://h/team/app.git, ../../other/lib.git, https://h/other/lib.git",
    "https://h/team/app.git, ./lib.git, https://h/team/app.git/lib.git",
    "https://h/team/app.git, .././lib.git/, https://h/team/lib.git",
    "https://h/app.git, ../lib.git, https://h/lib.git",
    "https://h:8443/a/app.git, ../lib.git, https://h:8443/a/lib.git",
    "https://h/team/app.git, https://H:443/x/lib.git, https://h/x/lib.git",
    "ssh://git@h/team/app.git, ../lib.git, ssh://git@h/team/lib.git",
    "ssh://git@h/team/app.git, ssh://git@h/x/lib.git, ssh://git@h/x/lib.git",
    "ssh://git@h/team/app.git, git@h:x/lib.git, git@h:x/lib.git",
    "git@h:team/app.git, ../lib.git, git@h:team/lib.git",
    "git@h:team/app.git, ../../lib.git, git@h:lib.git",
    "git@h:app.git, ../lib.git, git@h:lib.git",
    "git@h:team/app.git, git@h:x/lib.git, git@h:x/lib.git",
    "file:///srv/app.git, ../lib.git, file:///srv/lib.git",
  })
  void a_submodule_is_on_the_host_of_its_parent(String parent, String url, String source)
      throws Exception {
    GitModules modules = GitModules.parse(".gitmodules", module(url));

    assertThat(modules.source("lib", "lib", url(parent))).hasToString(source);
  }

  @ParameterizedTest(name = "{1} of {0}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "https://h/team/app.git | https://other/lib.git | is at other, which is another host, and the credentials are for https://h alone",
        "https://h/team/app.git | https://h:444/lib.git | is at h:444, which is another host",
        "https://h/team/app.git | http://h/lib.git | is reached in another way than the repository itself",
        "https://h/team/app.git | git@h:lib.git | is reached in another way than the repository itself",
        "git@h:team/app.git | https://h/lib.git | is reached in another way",
        "git@h:team/app.git | robot@h:lib.git | is reached in another way",
        "https://h/team/app.git | https://hunter2:x@h/lib.git | has a url that has a user or a password in it",
        "https://h/team/app.git | ../../../lib.git | has a url that leads out of the host",
        "git@h:app.git | ../../lib.git | has a url that leads out of the host",
        "https://h/team/app.git | ../a/../../lib.git | has a url with .. in the middle of it",
        "https://h/team/app.git | ../ | has a url with .. in the middle of it",
        "https://h/team/app.git | /srv/lib.git | is a directory of some machine",
        "https://h/team/app.git | file:///srv/lib.git | is a directory of some machine",
        "file:///srv/app.git | file:///etc | is a directory of some machine",
        "https://h/team/app.git | ext::sh -c id | has a url that is not a valid url",
        "https://h/team/app.git | lib.git | has a url that must begin with https://",
        "https://h/team/app.git | ftp://h/lib.git | has a url that must begin with https://",
      })
  void a_submodule_elsewhere_is_refused_by_name_and_line(String parent, String url, String message)
      throws Exception {
    GitModules modules = GitModules.parse("x/.gitmodules", module(url));

    assertThatThrownBy(() -> modules.source("lib", "x/lib", url(parent)))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED))
        .hasMessageStartingWith("x/.gitmodules:3: the submodule lib ")
        .hasMessageContaining(message)
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "[submodule \"../x\"]~path=a~url=../b | .gitmodules:1: the submodule ../x must not have .. in its name",
        "[submodule \"a/../x\"]~path=a~url=../b | must not have .. in its name",
        "[submodule \"x\"]~path=../a~url=../b | must not have .. or .git in its path: ../a",
        "[submodule \"x\"]~path=a/../b~url=../b | must not have .. or .git in its path",
        "[submodule \"x\"]~path=.git/hooks~url=../b | must not have .. or .git in its path",
        "[submodule \"x\"]~path=a/.GIT~url=../b | must not have .. or .git in its path",
        "[submodule \"x\"]~path=/etc~url=../b | has a path that does not begin with a directory: /etc",
        "[submodule \"x\"]~path=-u~url=../b | has a path that does not begin with a directory: -u",
        "[submodule \"x\"]~path=\"a\\\\b\"~url=../b | has a path that does not begin with a directory",
        "[submodule \"x\"]~path=a~url=-u./payload | has a url that begins like an option",
        "[submodule \"x\"]~path=a~url=--upload-pack=id | has a url that begins like an option",
        "[submodule \"x\"]~path=a~url=\"../b\\nc\" | has a url with control or invisible characters",
        "[submodule \"x\"]~path=a~url=../b~update=!id | names a command to run, which nobody will",
        "[submodule \"x\"]~path=a~url=../b~[submodule \"y\"]~path=a/~url=../c | has the path of another one",
        "[submodule | is not a file of the form of Git's configuration",
      })
  void a_trick_is_refused_wherever_it_stands(String file, String message) {
    assertThatThrownBy(() -> GitModules.parse(".gitmodules", file.replace('~', '\n')))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED))
        .hasMessageStartingWith(".gitmodules")
        .hasMessageContaining(message);
  }

  @Test
  void a_submodule_that_the_file_does_not_have_is_told() throws Exception {
    GitModules modules =
        GitModules.parse(".gitmodules", "[submodule \"half\"]\n\tpath = half\n[core]\n\tx = 1\n");

    assertThatThrownBy(() -> modules.source("half", "deploy/half", url("https://h/app.git")))
        .hasMessage(
            "deploy/half: a submodule that .gitmodules does not have: add it there with path and"
                + " url, as 'git submodule add' does");
  }
}
