package dev.fairlead.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is said in several places of how the JVM is started, and of the image, is the same. */
final class ImageFactsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String DOCKERFILE = read("Dockerfile");
  private static final String BUILD = read("image/build");

  private static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first group of each match. */
  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }

  private static String only(String pattern, String text) {
    assertThat(all(pattern, text)).as(pattern).hasSize(1);
    return all(pattern, text).get(0);
  }

  @Test
  void the_dockerfile_takes_the_root_file_system_from_where_make_image_does() {
    assertThat(DOCKERFILE).contains("RUN image/rootfs ").contains("COPY --from=build /rootfs/ /");
    assertThat(BUILD).contains("image/rootfs \"$architecture\" \"$root\"");
    // The build stage fetches the same Debian's packages.
    assertThat(only("^FROM debian:(\\w+)", DOCKERFILE))
        .isEqualTo(only("^suite=(\\w+)", read("image/debs")));
  }

  @Test
  void the_dockerfile_and_make_image_start_it_in_the_same_way_as_the_same_user() {
    assertThat(all("\"([^\"]+)\"", only("^ENTRYPOINT (.*)", DOCKERFILE)))
        .isEqualTo(all("--entrypoint (\\S+)", BUILD));
    assertThat(only("^USER (.*)", DOCKERFILE)).isEqualTo(only("--user (\\S+)", BUILD));
    assertThat(List.of(only("^ENV (.*)", DOCKERFILE).split(" ", -1)))
        .isEqualTo(all("--env (\\S+)", BUILD));
    assertThat(List.of(only("^EXPOSE (.*)", DOCKERFILE).split(" ", -1)))
        .isEqualTo(all("--port (\\S+)", BUILD));
    assertThat("/" + only("--own (\\S+)", BUILD))
        .isEqualTo(only("^COPY --from=build --chown=65532:65532 \\S+ (\\S+)", DOCKERFILE));
  }

  @Test
  void the_flags_of_the_jvm_are_in_one_file() {
    String launcher = read("fairlead");
    assertThat(all("^(-[^=\\s]+)", read("operator/jvm.options")))
        .as("flags of the file that the launcher has too")
        .hasSizeGreaterThan(10)
        .noneMatch(launcher::contains);
    assertThat(launcher).contains("\"@$home/operator/jvm.options\"");
    assertThat(all("--entrypoint (\\S+)", BUILD)).contains("@/app/jvm.options");
    assertThat(read("image/rootfs")).contains("operator/jvm.options \"$root/app/\"");
    assertThat(read("manifests/install.yaml")).doesNotContain("-XX:").doesNotContain("JAVA_");
  }

  @Test
  void the_heap_in_the_deployments_limit_is_the_one_that_the_launcher_gives() {
    double share =
        Double.parseDouble(only("^-XX:MaxRAMPercentage=(\\S+)", read("operator/jvm.options")));
    double limit =
        Double.parseDouble(only("limits:\\s+memory: (\\d+)Mi", read("manifests/install.yaml")));
    double launcher = Double.parseDouble(only("FAIRLEAD_HEAP:-(\\d+)m", read("fairlead")));

    assertThat(limit * share / 100).isCloseTo(launcher, within(1.0));
  }

  /** What left traces of one build in the archive before; 'make test-reproducible' finds others. */
  @Test
  void the_list_of_classes_has_nothing_that_makes_each_archive_another_one() {
    String list = read("image/classes.txt");

    assertThat(all("^(@lambda-proxy dev/fairlead/app/Main accept .*)", list)).isEmpty();
    assertThat(all("^(@cp .*)", list)).isEmpty();
    assertThat(all("(.* id: .*)", list)).isEmpty();
    assertThat(all("^([^#@].*)", list)).hasSizeGreaterThan(1000).doesNotHaveDuplicates();
    assertThat(read("image/rootfs")).contains("-Xms512m -Xmx512m");
  }

  @Test
  void all_files_of_the_image_have_the_time_that_those_in_the_jars_have() {
    assertThat(all("<(project.build.outputTimestamp)>\\d{4}-", read("pom.xml"))).hasSize(1);
    assertThat(read("image/rootfs"))
        .contains("<project.build.outputTimestamp>")
        .contains("touch --no-dereference --date=\"$timestamp\"");
  }

  @Test
  void the_user_of_the_image_is_that_of_the_deployment() {
    assertThat(only("--user (\\d+):", BUILD))
        .isEqualTo(only("runAsUser: (\\d+)", read("manifests/install.yaml")));
  }
}
