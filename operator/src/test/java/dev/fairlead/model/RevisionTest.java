package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevisionTest {
  private static final String HASH = "1f2e3d4c5b6a79880123456789abcdef01234567";

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a branch, main",
    "a branch with slashes, feature/new-hero",
    "a branch that looks like a revision, odd@sha1:name",
    "a tag, v1.2.3",
    "the remote's HEAD, HEAD"
  })
  void isReadAsItIsWritten(String sentence, String ref) {
    Revision revision = new Revision(ref, HASH);

    assertThat(revision.toString()).isEqualTo(ref + "@sha1:" + HASH);
    assertThat(Revision.parse(revision.toString())).isEqualTo(revision);
    assertThat(revision.shortForm()).isEqualTo(ref + "@1f2e3d4");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no hash                | main                                                    | not a revision: main
          a short hash           | main@sha1:1f2e3d4                                       | not a commit hash: 1f2e3d4
          upper case             | main@sha1:1F2E3D4C5B6A79880123456789ABCDEF01234567      | not a commit hash: 1F2E3D4C5B6A79880123456789ABCDEF01234567
          another algorithm      | main@sha256:1f2e3d4c5b6a79880123456789abcdef01234567    | not a revision: main@sha256:1f2e3d4c5b6a79880123456789abcdef01234567
          something after it     | main@sha1:1f2e3d4c5b6a79880123456789abcdef01234567x     | not a commit hash: 1f2e3d4c5b6a79880123456789abcdef01234567x
          no ref                 | @sha1:1f2e3d4c5b6a79880123456789abcdef01234567          | a revision needs its ref
          """)
  void saysWhyATextIsNone(String sentence, String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Revision.parse(text))
        .withMessage(message);
  }

  @Test
  void twoRefsOfOneCommitAreTwoRevisions() {
    assertThat(new Revision("main", HASH)).isNotEqualTo(new Revision("v1", HASH));
  }
}
