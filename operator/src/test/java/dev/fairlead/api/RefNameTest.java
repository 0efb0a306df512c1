package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code spec.ref.name} may be, held against {@code git check-ref-format}. */
final class RefNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "refs/heads/main",
        "refs/pull/1/head",
        "refs/a",
        "refs/heads/-x",
        "refs/heads/a.b",
        "refs/heads/größer",
        "refs/heads/@",
        "refs/heads/a@b",
        "refs/heads/{a}",
        "refs/heads/a{",
        "refs/heads/a;b",
        "refs/heads/a$(b)",
        "refs/heads/a.lockb",
        "refs/heads/a'b",
        "refs/heads/a\u00a0b",
        "refs/heads/a..b",
        "refs/heads/.a",
        "refs/heads/a.",
        "refs/heads/a/",
        "refs//heads",
        "refs/heads/a b",
        "refs/heads/a~",
        "refs/heads/a^",
        "refs/heads/a:b",
        "refs/heads/a?",
        "refs/heads/a*",
        "refs/heads/[a",
        "refs/heads/a\\b",
        "refs/heads/a@{1}",
        "refs/heads/a.lock",
        "refs/heads/a.lock/b",
        "refs/heads/a\tb",
        "refs/heads/a\u007fb",
        "refs/heads/a]",
        "refs/./a",
        "refs/",
        "refs/heads/a/./b"
      })
  void is_what_git_allows(String name) throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "check-ref-format", name)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean allowed = git.waitFor() == 0;

    List<String> problems = new ArrayList<>();
    Json.Obj spec =
        Json.of(
            Map.of(
                "url", Json.of("https://example.org/a.git"),
                "ref", Json.of(Map.of("name", Json.of(name)))));
    new SpecReader(problems).read(spec, "default");

    assertThat(problems.isEmpty()).as("%s: %s", name, problems).isEqualTo(allowed);
  }
}
