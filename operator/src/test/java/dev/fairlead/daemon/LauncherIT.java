package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./fairlead} keeps for its next start, and which Java it takes. */
@ExtendWith(ControlPlaneExtension.class)
final class LauncherIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Between the archive of a verb that never reached a cluster, and that of one that did. */
  private static final long MEGABYTES = 6_000_000;

  private final ControlPlane cluster;
  private final Path home;

  LauncherIT(ControlPlane cluster, @TempDir Path home) throws IOException {
    this.cluster = cluster;
    this.home = home;
    Path target = Files.createDirectories(home.resolve("operator").resolve("target"));
    Files.copy(ROOT.resolve("fairlead"), home.resolve("fairlead"));
    for (String file : List.of("operator/jvm.options", "operator/target/fairlead.jar")) {
      Files.copy(ROOT.resolve(file), home.resolve(file));
    }
    try (var jars = Files.list(ROOT.resolve("operator").resolve("target").resolve("lib"))) {
      Path lib = Files.createDirectory(target.resolve("lib"));
      for (Path jar : jars.toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()));
      }
    }
  }

  private Path archive() {
    return home.resolve("operator").resolve("target").resolve("fairlead-cli.jsa");
  }

  private ProgramRun fairlead(String java, String... arguments) {
    List<String> command = new ArrayList<>(List.of("bash", home.resolve("fairlead").toString()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(command, Map.of("FAIRLEAD_JAVA", java), "", LIMIT);
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  @Test
  void the_archive_of_the_verbs_is_that_of_one_that_reached_a_cluster() throws IOException {
    cluster.kubectl("apply", "-f", ROOT.resolve("manifests").resolve("crd.yaml").toString());
    String kubeconfig = cluster.kubeconfig().toString();
    fairlead(java(), "--help").orFail();
    assertThat(archive()).doesNotExist();

    ProgramRun lost =
        fairlead(java(), "status", "--kubeconfig", home.resolve("nowhere").toString());
    assertThat(lost.exitCode()).isNotZero();
    assertThat(lost.errors()).endsWith("nowhere does not exist\n");
    ProgramRun found = fairlead(java(), "status", "-A", "--kubeconfig", kubeconfig);
    assertThat(found.output() + found.errors()).doesNotContain("arning");
    assertThat(Files.size(archive())).isGreaterThan(MEGABYTES);

    var written = Files.getLastModifiedTime(archive());
    fairlead(java(), "--help").orFail();
    var _ = fairlead(java(), "status", "-A", "--kubeconfig", kubeconfig);
    assertThat(Files.getLastModifiedTime(archive())).isEqualTo(written);
  }

  @Test
  void a_java_that_is_reached_by_a_link_or_a_script_is_asked_for_its_version() throws IOException {
    Path link = Files.createSymbolicLink(home.resolve("java"), Path.of(java()));
    Path script = home.resolve("wrapper");
    Files.writeString(script, "#!/bin/sh\nexec " + java() + " \"$@\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Path other = Files.createDirectories(home.resolve("other").resolve("bin")).resolve("java");
    Files.writeString(home.resolve("other").resolve("release"), "JAVA_VERSION=\"21.0.4\"\n");
    Files.writeString(other, "#!/bin/sh\necho started >&2\nexit 1\n");
    assertThat(other.toFile().setExecutable(true)).isTrue();

    for (Path java : List.of(link, script)) {
      assertThat(fairlead(java.toString(), "--help").orFail()).contains("status");
    }
    Files.delete(link);
    // Another one is found, or none; this one is not started.
    assertThat(fairlead(other.toString(), "--help").errors()).doesNotContain("started");
  }
}
