package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ContainerTweaks;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.Helm;
import dev.fairlead.testbed.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the image is, and that it works with the rights that each way to install it gives. */
final class ImageIT extends ImageDaemon {
  private static final int SIGTERM = 143;

  ImageIT(ControlPlane cluster, @TempDir Path directory) {
    super(cluster, directory);
  }

  private void story(Installation installation) {
    try (installation;
        PodContainer pod = start(installation, ContainerTweaks.NONE)) {
      pod.awaitReady();
      String namespace = cluster.createTrustedNamespace("image");
      new ImageStory(
              cluster,
              namespace,
              git.create("story-" + namespace),
              "defaultNamespace: " + namespace,
              "serviceAccountName: default")
          .run();

      assertThat(pod.log().lines().filter(l -> l.contains("\"level\":\"ERROR\""))).isEmpty();
      assertThat(pod.memory().kills()).isZero();
      assertThat(pod.stop()).as(pod.log()).isEqualTo(SIGTERM);
    }
  }

  @Test
  void deploys_updates_repairs_and_reverts_as_install_yaml_installs_it() {
    story(Installation.ofInstallYaml(cluster));
  }

  @Test
  void does_so_as_the_chart_installs_it(@TempDir Path helm) {
    story(Installation.ofChart(cluster, Helm.in(helm), "replicas: 1"));
  }

  @Test
  void does_so_in_mode_restricted(@TempDir Path helm) {
    story(Installation.ofChart(cluster, Helm.in(helm), "mode: restricted"));
  }

  @Test
  void runs_as_nobody_in_particular_and_writes_only_where_a_volume_is() {
    try (Installation installation = Installation.ofInstallYaml(cluster);
        PodContainer pod = start(installation, ContainerTweaks.NONE)) {
      pod.awaitReady();

      assertThat(pod.processStatus())
          .contains("Uid:\t65532\t65532\t65532\t65532")
          .contains("Gid:\t65532\t65532\t65532\t65532")
          .contains("CapEff:\t0000000000000000")
          .contains("CapBnd:\t0000000000000000")
          .contains("NoNewPrivs:\t1")
          .contains("Seccomp:\t2");
      assertThat(pod.writableMounts()).containsExactlyInAnyOrder("/tmp", "/var/cache/fairlead");
    }
  }

  @Test
  void takes_nearly_all_classes_from_its_archive() throws IOException {
    ContainerTweaks telling =
        ContainerTweaks.NONE.withJava("-Xshare:on", "-Xlog:class+load:file=/tmp/classes.log");
    try (Installation installation = Installation.ofInstallYaml(cluster);
        PodContainer pod = start(installation, telling)) {
      pod.awaitReady();

      Path log = place().resolve("volumes").resolve("tmp").resolve("classes.log");
      List<String> loaded =
          Files.readAllLines(log).stream().filter(l -> l.contains(" source: ")).toList();
      List<String> others =
          loaded.stream().filter(l -> !l.contains("source: shared objects file")).toList();
      assertThat(others.size() * 20)
          .as("of %d classes not from the archive: make image-classes%n%s", loaded.size(), others)
          .isLessThan(loaded.size());
    }
  }

  @Test
  void is_smaller_than_130_megabytes_and_says_what_it_is_made_of() throws IOException {
    try (var files = Files.walk(image.root())) {
      long size =
          files
              .filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
              .mapToLong(f -> f.toFile().length())
              .sum();
      assertThat(size).isLessThan(130_000_000);
    }
    String bom = Files.readString(image.root().resolve("app").resolve("fairlead.cdx.json"));
    assertThat(bom)
        .contains("pkg:maven/org.eclipse.jgit/")
        .contains("pkg:deb/debian/libc6@")
        .contains("pkg:deb/debian/openjdk-25-jre-headless@");
  }

  @Test
  void is_labelled_with_version_and_commit() {
    assertThat(image.config().object("Labels").orElseThrow().members().keySet())
        .contains("org.opencontainers.image.revision", "org.opencontainers.image.version");
  }

  @Test
  void has_no_shell_and_no_program_but_java() throws IOException {
    try (var files = Files.walk(image.root())) {
      assertThat(
              files
                  .filter(f -> Files.isRegularFile(f) && Files.isExecutable(f))
                  .map(f -> f.getFileName().toString())
                  .filter(f -> !f.contains(".so")))
          .containsExactly("java");
    }
  }
}
