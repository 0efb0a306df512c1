package dev.fairlead.health;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Asks kstatus itself, by the testbed's {@code kstatus} program, about the same objects. The seed
 * is that of {@link Seed}.
 */
class HealthDifferentialIT {
  private static final int OBJECTS_OF_A_KIND = 3_000;
  private static final long SEED = Seed.of(HealthDifferentialIT.class);
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  private static final Map<String, Health.State> STATES =
      Map.of(
          "Current", Health.State.HEALTHY,
          "InProgress", Health.State.PROGRESSING,
          "Failed", Health.State.FAILED,
          "Terminating", Health.State.TERMINATING,
          "error", Health.State.UNKNOWN);

  /** A difference that is meant, and why. */
  private record Meant(String because, List<String> path) {
    /** Whether the object is one of these: the field is there and null. */
    boolean covers(Json.Obj object) {
      Json at = object;
      for (String name : path) {
        if (!(at instanceof Json.Obj o) || o.get(name).isEmpty()) {
          return false;
        }
        at = o.get(name).get();
      }
      return at instanceof Json.Null;
    }
  }

  /** All differences; each is shown to be one below, or it is to be taken out. */
  private static final List<Meant> DIFFERENCES =
      List.of(
          new Meant(
              "kstatus fails on a deletionTimestamp of null; to the API server null is absent",
              List.of("metadata", "deletionTimestamp")),
          new Meant(
              "kstatus fails on a generation of null; to the API server null is absent",
              List.of("metadata", "generation")),
          new Meant(
              "kstatus fails on an observedGeneration of null, which a custom resource may have;"
                  + " to the API server null is absent",
              List.of("status", "observedGeneration")));

  @TempDir private Path folder;

  static List<RandomObjects.Kind> kinds() {
    return RandomObjects.KINDS;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyObjectIsWhatKstatusSaysItIs(RandomObjects.Kind kind) throws Exception {
    RandomObjects random = new RandomObjects(SEED ^ kind.toString().hashCode());
    List<Json.Obj> objects = new ArrayList<>();
    for (int i = 0; i < Seed.cases(OBJECTS_OF_A_KIND); i++) {
      objects.add(random.next(kind));
    }

    List<Json.Obj> answers = ask(objects);

    assertThat(answers).hasSameSizeAs(objects);
    List<String> wrong = new ArrayList<>();
    Set<Health.State> seen = EnumSet.noneOf(Health.State.class);
    for (int i = 0; i < objects.size(); i++) {
      Json.Obj object = objects.get(i);
      Health.State expected = STATES.get(answers.get(i).string("status").orElse("error"));
      Health health = Health.of(object, NOW);
      seen.add(health.state());
      if (health.state() != expected && !(expected == Health.State.UNKNOWN && meant(object))) {
        wrong.add(health + ", kstatus: " + answers.get(i).toJson() + " of " + object.toJson());
      }
    }
    assertThat(wrong).as("seed %d", SEED).isEmpty();
    assertThat(seen)
        .as("states that the objects of the kind were in")
        .contains(
            Health.State.HEALTHY,
            Health.State.PROGRESSING,
            Health.State.FAILED,
            Health.State.TERMINATING,
            Health.State.UNKNOWN);
  }

  @Test
  void everyDifferenceThatIsMeantIsOne() throws Exception {
    List<Json.Obj> objects = new ArrayList<>();
    for (Meant difference : DIFFERENCES) {
      Json.Obj object =
          ShortJson.object(
              "{apiVersion: 'example.org/v1', kind: 'Thing', metadata: {generation: 1}, status:"
                  + " {}}");
      String parent = difference.path().getFirst();
      objects.add(
          object.with(
              parent,
              object
                  .object(parent)
                  .orElseThrow()
                  .with(difference.path().getLast(), Json.Null.NULL)));
    }

    List<Json.Obj> answers = ask(objects);

    for (int i = 0; i < objects.size(); i++) {
      assertThat(DIFFERENCES.get(i).covers(objects.get(i))).isTrue();
      assertThat(answers.get(i).string("error")).as(DIFFERENCES.get(i).because()).isPresent();
      assertThat(Health.of(objects.get(i), NOW).state()).isEqualTo(Health.State.HEALTHY);
    }
  }

  private static boolean meant(Json.Obj object) {
    return DIFFERENCES.stream().anyMatch(d -> d.covers(object));
  }

  private List<Json.Obj> ask(List<Json.Obj> objects) throws IOException, InterruptedException {
    Path in = folder.resolve("objects");
    Path out = folder.resolve("answers");
    Files.writeString(in, objects.stream().map(o -> o.toJson() + "\n").collect(joining()));
    Process oracle =
        new ProcessBuilder(program().toString())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(oracle.waitFor(60, TimeUnit.SECONDS)).as("kstatus ends within a minute").isTrue();
    } finally {
      oracle.destroyForcibly();
    }
    assertThat(oracle.exitValue()).as("exit code of kstatus").isZero();
    return Files.readAllLines(out).stream().map(ShortJson::object).toList();
  }

  /** The program in the testbed, wherever in the repository the test runs. */
  private static Path program() {
    Path here = Path.of("").toAbsolutePath();
    for (Optional<Path> at = Optional.of(here); at.isPresent(); at = at.map(Path::getParent)) {
      Path program = at.get().resolve("testbed/bin/kstatus");
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new AssertionError("testbed/bin/kstatus is missing: run 'make testbed'");
  }
}
