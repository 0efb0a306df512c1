package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What may become of the cache directory while daemons use it, and that nothing has to be done
 * about it but to give them a disk.
 */
final class CacheDirectoryIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final Path cache;
  private final Optional<SmallDisk> disk;

  CacheDirectoryIT(ControlPlane cluster, @TempDir Path directory) {
    Path cache = directory.resolve("cache");
    Optional<SmallDisk> disk = SmallDisk.mount(cache, 16);
    super("cache", cluster, directory, cluster.kubeconfig(), "--min-free-bytes=0");
    this.directory = directory;
    this.cache = cache;
    this.disk = disk;
  }

  @AfterAll
  void unmount() {
    operator.close();
    disk.ifPresent(SmallDisk::close);
  }

  private static void await(String what, Supplier<Boolean> until, Supplier<String> instead) {
    SyncClient.await(PATIENCE, what, until, instead);
  }

  private void awaitCondition(String sync, String start) {
    await(
        sync + " with Ready " + start,
        () -> syncs.condition(sync, "Ready").startsWith(start),
        () -> syncs.status(sync).toJson() + "\n" + operator.log());
  }

  private void awaitApplied(String sync, String commit) {
    await(
        sync + " Ready at " + commit,
        () ->
            syncs.condition(sync, "Ready").startsWith("True ")
                && SyncClient.applied(syncs.status(sync)).equals(commit),
        () -> syncs.status(sync).toJson() + "\n" + operator.log());
  }

  private void awaitData(String configMap, String value) {
    await(
        "ConfigMap " + configMap + " with " + value,
        () -> valueOf(configMap).equals(value),
        () -> valueOf(configMap) + "\n" + operator.log());
  }

  /** A GitSync of a repository of its own. */
  private GitRepository neighbour(String name, Map<String, String> files) {
    GitRepository own = another();
    own.commit(files, name);
    syncs.apply(name, own.url(), "defaultNamespace: " + namespace);
    return own;
  }

  private static String noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The directories of mirrors, of all processes. */
  private Set<Path> mirrors() {
    Set<Path> mirrors = new TreeSet<>();
    for (Path process : processes()) {
      list(process)
          .filter(p -> p.getFileName().toString().startsWith("mirror-"))
          .forEach(mirrors::add);
    }
    return mirrors;
  }

  private List<Path> processes() {
    return list(cache).filter(p -> p.getFileName().toString().startsWith("process-")).toList();
  }

  private static Stream<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList().stream();
    } catch (IOException e) {
      // It comes and goes.
      return Stream.empty();
    }
  }

  /** What a disk may be ill of, and what is said of it. */
  enum Illness {
    FULL(
        "the disk of the cache directory %s is full: make room there, or let --cache-dir name a larger one") {
      @Override
      boolean befall(SmallDisk disk) {
        disk.fill(0);
        return true;
      }

      @Override
      void end(SmallDisk disk) {
        disk.makeRoom();
      }
    },
    READ_ONLY(
        "the cache directory %s cannot be used: its file system is read-only; --cache-dir may name another") {
      @Override
      boolean befall(SmallDisk disk) {
        return disk.makeReadOnly();
      }

      @Override
      void end(SmallDisk disk) {
        disk.makeWritable();
      }
    };

    private final String sentence;

    Illness(String sentence) {
      this.sentence = sentence;
    }

    /** False where this machine does not allow it. */
    abstract boolean befall(SmallDisk disk);

    abstract void end(SmallDisk disk);
  }

  @ParameterizedTest
  @EnumSource
  void a_disk_that_takes_nothing_is_told_by_those_who_have_to_fetch_and_the_others_go_on(
      Illness illness) {
    assumeTrue(disk.isPresent(), "mounting is allowed");
    String one =
        repository.commit(
            Map.of("a/a.yaml", configMap("a", "1"), "b/b.yaml", configMap("b", "1")), "One");
    follow("near", "path: a");
    awaitApplied("near", one);
    GitRepository behind = neighbour("behind", Map.of("c.yaml", configMap("c", "1")));
    awaitData("c", "1");
    String failed = "False FetchFailed: " + illness.sentence.formatted(cache);
    String next;
    String first;
    GitRepository fresh = another();
    boolean possible = illness.befall(disk.orElseThrow());
    try {
      assumeTrue(possible, "this kind of mount is allowed");
      next = behind.commit(Map.of("c.yaml", configMap("c", "2"), "noise", noise(300_000)), "Two");
      first = fresh.commit(Map.of("d.yaml", configMap("d", "1"), "noise", noise(300_000)), "One");
      syncs.apply("fresh", fresh.url(), "defaultNamespace: " + namespace);

      awaitCondition("behind", failed);
      awaitCondition("fresh", failed);
      cluster.kubectl("delete", "configmap", "-n", namespace, "a", "c");
      awaitData("a", "1");
      awaitData("c", "1");
      // Read from the mirror that is there.
      follow("near", "path: b");
      awaitData("b", "1");
      awaitApplied("near", one);
    } finally {
      illness.end(disk.orElseThrow());
    }

    awaitApplied("behind", next);
    awaitApplied("fresh", first);
    assertThat(valueOf("c")).isEqualTo("2");
    assertThat(valueOf("d")).isEqualTo("1");
    assertThat(operator.isAlive()).isTrue();
  }

  @Test
  void a_directory_that_is_emptied_under_the_daemon_is_filled_again_by_the_next_look()
      throws Exception {
    String one =
        repository.commit(
            Map.of("a/a.yaml", configMap("a", "1"), "b/b.yaml", configMap("b", "1")), "One");
    follow("sync", "path: a");
    GitRepository other = neighbour("other", Map.of("c.yaml", configMap("c", "1")));
    awaitApplied("sync", one);
    awaitData("c", "1");
    await("two mirrors", () -> mirrors().size() == 2, () -> mirrors().toString());
    Set<Path> before = mirrors();

    empty(cache);

    await(
        "two mirrors, made anew",
        () -> mirrors().size() == 2 && mirrors().stream().noneMatch(before::contains),
        () -> mirrors() + " in place of " + before + "\n" + operator.log());
    follow("sync", "path: b");
    awaitData("b", "1");
    awaitApplied("sync", one);
    awaitApplied("other", other.commit(Map.of("c.yaml", configMap("c", "2")), "Two"));
    assertThat(operator.log())
        .contains("The directory of the mirrors was deleted and is made again");
  }

  private static void empty(Path directory) throws Exception {
    Process find =
        new ProcessBuilder("find", directory.toString(), "-mindepth", "1", "-delete")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    find.waitFor();
  }

  @Test
  void a_mirror_that_is_damaged_is_fetched_again_and_the_one_beside_it_is_left_as_it_is()
      throws Exception {
    neighbour("other", Map.of("c.yaml", configMap("c", "1")));
    awaitData("c", "1");
    await("one mirror", () -> mirrors().size() == 1, () -> mirrors().toString());
    Set<Path> others = mirrors();
    String one =
        repository.commit(
            Map.of("a/a.yaml", configMap("a", "1"), "b/b.yaml", configMap("b", "1")), "One");
    follow("sync", "path: a");
    awaitApplied("sync", one);
    await("its mirror", () -> mirrors().size() == 2, () -> mirrors().toString());
    Set<Path> before = mirrors();
    for (Path mirror : before) {
      if (!others.contains(mirror)) {
        empty(mirror.resolve("objects"));
      }
    }

    follow("sync", "path: b");

    awaitData("b", "1");
    awaitApplied("sync", one);
    awaitApplied("sync", repository.commit(Map.of("b/b.yaml", configMap("b", "2")), "Two"));
    assertThat(mirrors()).containsAll(others).isNotEqualTo(before);
  }

  @Test
  void replicas_share_a_directory_and_neither_touches_what_is_the_other_s() {
    operator.stop();
    String[] flags = {"--namespace", namespace, "--leader-elect=true", "--min-free-bytes=0"};
    try (OperatorProcess first = OperatorProcess.start(cluster.kubeconfig(), directory, flags)) {
      awaitLeads(first);
      String one = repository.commit(Map.of("a.yaml", configMap("a", "1")), "One");
      follow("sync");
      awaitApplied("sync", one);
      Set<Path> ofFirst = mirrors();
      assertThat(ofFirst).hasSize(1);
      try (OperatorProcess second = OperatorProcess.start(cluster.kubeconfig(), directory, flags)) {
        awaitReadyz(second, "200 standby");
        assertThat(processes()).hasSize(2);
        assertThat(mirrors()).as("what the first one has").isEqualTo(ofFirst);

        // It is there, and does not know that it leads no more.
        first.pause();
        awaitLeads(second);
        awaitApplied("sync", repository.commit(Map.of("a.yaml", configMap("a", "2")), "Two"));
        assertThat(mirrors()).hasSize(2).containsAll(ofFirst);
        first.kill();
        try (OperatorProcess third =
            OperatorProcess.start(cluster.kubeconfig(), directory, flags)) {
          awaitReadyz(third, "200 standby");
          assertThat(processes()).as("what was left goes").hasSize(2);
          assertThat(mirrors()).hasSize(1).doesNotContainAnyElementsOf(ofFirst);
          awaitApplied("sync", repository.commit(Map.of("a.yaml", configMap("a", "3")), "Three"));

          second.stop();
          awaitLeads(third);
          awaitApplied("sync", repository.commit(Map.of("a.yaml", configMap("a", "4")), "Four"));
          assertThat(processes()).hasSize(1);
          syncs.delete("sync");
        }
      }
    } finally {
      startAnother();
      ready();
    }
  }

  private void awaitLeads(OperatorProcess replica) {
    awaitReadyz(replica, "200 at work");
  }

  private static void awaitReadyz(OperatorProcess replica, String start) {
    await(
        "/readyz says " + start,
        () -> replica.readyz().startsWith(start),
        () -> replica.readyz() + "\n" + replica.log());
  }
}
