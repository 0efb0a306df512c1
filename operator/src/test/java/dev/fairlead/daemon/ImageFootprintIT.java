package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ContainerTweaks;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.PodContainer;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the image costs: how soon it is ready on one processor, and that its memory is enough. The
 * kernel counts and holds the limit; the JVM is not asked. What was measured is printed, and kept
 * in target/image-report.txt: how fast a machine is, is no test.
 */
final class ImageFootprintIT extends ImageDaemon {
  private static final Path REPORT = Path.of("..", "target", "image-report.txt");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int SYNCS = 100;
  private static final int FILES = 3000;
  private static final int FILE = 6000;

  ImageFootprintIT(ControlPlane cluster, @TempDir Path directory) {
    super(cluster, directory);
  }

  /**
   * Pages of the image's files are charged to whom reads them first: that has to be the container.
   */
  private void forgetFiles() throws IOException {
    try (var files = Files.walk(image.root())) {
      for (Path file : files.filter(f -> Files.isRegularFile(f)).toList()) {
        ProgramRun.of(
                List.of("dd", "if=" + file, "iflag=nocache", "count=0", "status=none"),
                Map.of(),
                "",
                LIMIT)
            .orFail();
      }
    }
  }

  private static void report(String line) throws IOException {
    System.out.println(line);
    Files.writeString(REPORT, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void is_soon_ready_on_one_processor() throws IOException {
    try (Installation installation = Installation.ofInstallYaml(cluster)) {
      for (int i = 0; i < 3; i++) {
        try (PodContainer pod = start(installation, ContainerTweaks.NONE.onProcessor("0"))) {
          Duration took = pod.awaitReady();
          report(
              "start to ready on one processor: %d ms; %s; load %s"
                  .formatted(
                      took.toMillis(),
                      pod.memory().describe(),
                      Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0]));
          pod.stop();
        }
      }
    }
  }

  @Test
  void a_hundred_syncs_fit_into_130_mebibytes() throws IOException {
    forgetFiles();
    GitRepository repository = git.create("many");
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < SYNCS; i++) {
      StringBuilder maps = new StringBuilder();
      for (int j = 0; j < 4; j++) {
        maps.append(SampleManifests.configMap("s" + i + "-" + j, "1")).append("---\n");
      }
      files.put("s" + i + "/maps.yaml", maps.toString());
    }
    String commit = repository.commit(files, "A hundred");
    try (Installation installation = Installation.ofInstallYaml(cluster);
        PodContainer pod = start(installation, ContainerTweaks.NONE.withMemory("130Mi"))) {
      pod.awaitReady();
      String namespace = cluster.createTrustedNamespace("image");
      var syncs = new SyncClient(cluster, namespace);
      List<String> names = new ArrayList<>();
      for (int i = 0; i < SYNCS; i++) {
        names.add("s" + i);
        syncs.apply(
            "s" + i,
            repository.url(),
            "path: s" + i,
            "interval: 1m",
            "defaultNamespace: " + namespace);
      }
      for (String name : names) {
        awaitReady(syncs, name, commit, pod);
      }
      report("100 syncs of 4 objects within 130 MiB: " + pod.memory().describe());

      syncs.delete(names.toArray(new String[0]));
      assertThat(pod.memory().kills()).isZero();
      assertThat(pod.isAlive()).as(pod.log()).isTrue();
    }
  }

  @Test
  void the_limit_of_the_deployment_is_enough_while_it_clones() throws IOException {
    forgetFiles();
    GitRepository repository = git.create("large");
    // Does not compress: what is sent is as large as what is stored.
    var random = new Random(7);
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[FILE];
      random.nextBytes(bytes);
      files.put("assets/" + i + ".txt", Base64.getEncoder().encodeToString(bytes));
    }
    files.put("deploy/map.yaml", SampleManifests.configMap("large", "1"));
    String commit = repository.commit(files, "Large");
    try (Installation installation = Installation.ofInstallYaml(cluster);
        PodContainer pod = start(installation, ContainerTweaks.NONE)) {
      pod.awaitReady();
      String namespace = cluster.createTrustedNamespace("image");
      var syncs = new SyncClient(cluster, namespace);
      syncs.apply("large", repository.url(), "path: deploy", "defaultNamespace: " + namespace);
      awaitReady(syncs, "large", commit, pod);
      report(
          "a clone of %d MB within the deployment's limit: %s"
              .formatted(FILES * FILE / 1_000_000, pod.memory().describe()));

      syncs.delete("large");
      assertThat(pod.memory().kills()).isZero();
      assertThat(pod.isAlive()).as(pod.log()).isTrue();
    }
  }

  private static void awaitReady(SyncClient syncs, String name, String commit, PodContainer pod) {
    SyncClient.await(
        PATIENCE,
        name + " Ready at " + commit,
        () ->
            SyncClient.condition(syncs.status(name), "Ready").startsWith("True ")
                && SyncClient.applied(syncs.status(name)).equals(commit),
        () -> syncs.status(name).toJson() + "\n" + pod.log());
  }
}
