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
    clone("a clone of 3,000 files, 24 MB,", 1, files("assets", 3000, 6000));
  }

  @Test
  void it_is_enough_for_a_large_repository() throws IOException {
    clone("a clone of 20,000 files, 160 MB,", 1, files("assets", 20_000, 6000));
  }

  @Test
  void it_is_enough_for_fifty_of_5000_files() throws IOException {
    clone("50 clones of 5,000 files", 50, files("deploy", 5000, 150));
  }

  /** Files that do not compress: what is sent is as large as what is stored. */
  private static Map<String, String> files(String directory, int count, int bytes) {
    var random = new Random(7);
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < count; i++) {
      byte[] content = new byte[bytes];
      random.nextBytes(content);
      files.put(
          "%s/%d/%d.txt".formatted(directory, i / 100, i),
          Base64.getEncoder().encodeToString(content));
    }
    return files;
  }

  /** Has that many repositories with these files cloned at the same time. */
  private void clone(String what, int count, Map<String, String> files) throws IOException {
    forgetFiles();
    GitRepository repository = git.create("large-" + count + "-" + files.size());
    files.put("deploy/map.yaml", SampleManifests.configMap("large", "1"));
    String commit = repository.commit(files, "Large");
    try (Installation installation = Installation.ofInstallYaml(cluster);
        PodContainer pod = start(installation, ContainerTweaks.NONE)) {
      pod.awaitReady();
      Map<String, SyncClient> clients = new HashMap<>();
      for (int i = 0; i < count; i++) {
        String namespace = cluster.createTrustedNamespace("image");
        var syncs = new SyncClient(cluster, namespace);
        clients.put(namespace, syncs);
        syncs.apply(
            "large",
            git.alias(namespace, repository),
            "path: deploy",
            "defaultNamespace: " + namespace);
      }
      for (SyncClient syncs : clients.values()) {
        awaitReady(syncs, "large", commit, pod);
      }
      report(what + " within the deployment's limit: " + pod.memory().describe());

      clients.values().forEach(syncs -> syncs.delete("large"));
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
