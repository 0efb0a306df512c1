package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.git.SigningKeys.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SemverRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What counts for a commit that was looked at: its own signature, or that of its tag. */
final class VerificationTest {
  private static final RefSelector RANGE = new RefSelector.Semver(SemverRange.parse("1.x"));

  @TempDir private Path directory;
  private MirrorFixture git;
  private Path origin;
  private SigningKeys keys;
  private String[] key;
  private Signers signers;

  @BeforeEach
  void start() throws Exception {
    git =
        new MirrorFixture(
            directory,
            new GitLimits(
                true,
                4,
                GitLimits.Pack.DEFAULT,
                new GitLimits.Disk(0, 1L << 30, 1L << 32, 4, Duration.ZERO),
                GitLimits.Tree.DEFAULT),
            true);
    origin = git.origin.repository().getDirectory().toPath();
    keys = new SigningKeys(directory);
    Path ssh = keys.ssh("signer", "ed25519", 256);
    key = with(ssh);
    signers = Signers.of(Map.of("a.sshpub", SigningKeys.publicHalf(ssh).getBytes(UTF_8)));
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  private String commit(boolean signed) throws Exception {
    String tree = Git.run(origin, "mktree").strip();
    String commit =
        signed
            ? keys.git(origin, key, "commit-tree", "-S", "-m", "Signed", tree)
            : Git.run(origin, "commit-tree", "-m", "Unsigned", tree);
    Git.run(origin, "update-ref", "refs/heads/main", commit.strip());
    return commit.strip();
  }

  private void tag(String name, String what) throws Exception {
    switch (what) {
      case "signed" -> keys.git(origin, key, "tag", "-s", "-m", "Release", name, "main");
      case "annotated" -> Git.run(origin, "tag", "-a", "-m", "Release", name, "main");
      case "light" -> Git.run(origin, "tag", name, "main");
      case "renamed" -> {
        keys.git(origin, key, "tag", "-s", "-m", "Release", "v1.0.1", "main");
        Git.run(origin, "update-ref", "refs/tags/" + name, "refs/tags/v1.0.1");
        Git.run(origin, "update-ref", "-d", "refs/tags/v1.0.1");
      }
      default -> throw new IllegalArgumentException(what);
    }
  }

  @ParameterizedTest(name = "{0}, commit signed {1}, tag {2}: {3}")
  @CsvSource(
      textBlock =
          """
          branch, true,  light,     true
          branch, false, light,     false
          branch, false, signed,    false
          tag,    true,  light,     true
          tag,    true,  annotated, true
          tag,    false, signed,    true
          tag,    true,  signed,    true
          tag,    false, annotated, false
          tag,    false, light,     false
          tag,    false, renamed,   false
          semver, false, signed,    true
          semver, false, renamed,   false
          semver, true,  annotated, true
          name,   false, signed,    true
          name,   false, annotated, false
          hash,   true,  light,     true
          hash,   false, signed,    false
          """)
  void either_signature_counts_where_a_tag_is_followed(
      String followed, boolean signed, String tag, boolean counts) throws Exception {
    String commit = commit(signed);
    tag("v1.0.0", tag);
    RefSelector ref =
        switch (followed) {
          case "branch" -> MirrorFixture.MAIN;
          case "tag" -> new RefSelector.Tag("v1.0.0");
          case "semver" -> RANGE;
          case "name" -> new RefSelector.Name("refs/tags/v1.0.0");
          default -> new RefSelector.Hash(commit);
        };
    Mirror mirror = git.mirror();
    // Another sync that follows the tag makes no difference to this one.
    look(mirror, new RefSelector.Tag("v1.0.0"));
    Commit seen = look(mirror, ref);
    assertThat(seen.revision().commit()).isEqualTo(commit);

    GitException refused =
        catchThrowableOfType(GitException.class, () -> mirror.verify(commit, ref, signers));

    assertThat(refused == null).as("%s", refused).isEqualTo(counts);
    if (refused != null) {
      assertThat(refused.reason()).isEqualTo(Reason.SIGNATURE_INVALID);
      assertThat(refused)
          .hasMessageContaining("commit " + commit.substring(0, 7) + " is not signed")
          .hasMessageEndingWith(", and spec.verify wants a signature: git commit -S");
    }
  }

  @Test
  void a_tag_that_is_signed_later_counts_though_its_commit_was_there() throws Exception {
    String commit = commit(false);
    Mirror mirror = git.mirror();
    look(mirror, MirrorFixture.MAIN);
    tag("v1.0.0", "signed");
    RefSelector ref = new RefSelector.Tag("v1.0.0");

    look(mirror, ref);
    assertThatCode(() -> mirror.verify(commit, ref, signers)).doesNotThrowAnyException();

    git.server.forget();
    look(mirror, ref);
    assertThat(git.server.requests()).as("an unchanged look").hasSize(2);
  }

  @Test
  void a_repack_keeps_the_tags_of_the_commits_that_it_keeps() throws Exception {
    String commit = commit(false);
    tag("v1.0.0", "signed");
    RefSelector ref = new RefSelector.Tag("v1.0.0");
    Mirror mirror = git.mirror();
    look(mirror, ref);
    mirror.pin(commit);
    for (int i = 0; i < 10; i++) {
      git.origin.commit("other", "Commit " + i, Map.of("n", String.valueOf(i)));
      look(mirror, new RefSelector.Branch("other"));
    }

    assertThat(DamageTest.packs(git.directory())).hasSizeLessThan(8);
    assertThatCode(() -> mirror.verify(commit, ref, signers)).doesNotThrowAnyException();
  }

  @Test
  void a_tag_that_is_moved_time_and_again_takes_no_more_room() throws Exception {
    String commit = commit(false);
    RefSelector ref = new RefSelector.Tag("v1.0.0");
    Mirror mirror = git.mirror();
    for (int i = 0; i < 20; i++) {
      keys.git(origin, key, "tag", "-f", "-s", "-m", "Release " + i, "v1.0.0", "main");
      look(mirror, ref);
      mirror.verify(commit, ref, signers);
    }
    try (var walk = Files.walk(git.directory().resolve("refs"))) {
      assertThat(walk.filter(Files::isRegularFile)).hasSizeLessThanOrEqualTo(17);
    }
  }
}
