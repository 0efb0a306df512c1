package dev.fairlead.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Json;
import dev.fairlead.plan.ApiError;
import dev.fairlead.testbed.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What we refuse and what the real API server refuses, compared on objects with mistakes. */
@DisplayName("the real API server refuses what the schemas refuse")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SchemaFuzzIT {
  private static final int CASES = 6_000;
  private static final int CONCURRENCY = 12;
  private static final int MAX_MISTAKES = 3;

  private FuzzGround ground;

  @BeforeAll
  void start() throws Exception {
    ground = new FuzzGround();
  }

  @AfterAll
  void stop() {
    ground.close();
  }

  /** One object with what both say of it. */
  private record Case(
      Manifest manifest, String mistakes, List<FieldFinding> ours, Optional<ApiError> theirs) {
    /** How the two differ; empty when they agree. */
    String difference() {
      boolean malformed = ours.stream().anyMatch(FieldFinding::malformed);
      if (theirs.isEmpty()) {
        return ours.isEmpty() ? "" : "only we refuse";
      }
      return switch (theirs.get()) {
        case ApiError.BadManifest _ -> malformed ? "" : "only the server cannot read it";
        case ApiError.Invalid _ -> malformed ? "only we cannot read it" : "";
        default -> malformed ? "only we cannot read it" : "";
      };
    }

    String kind() {
      if (theirs.isEmpty()) {
        return "taken by both";
      }
      return theirs.get().getClass().getSimpleName()
          + (ours.isEmpty() ? " by the server alone" : " by both");
    }

    @Override
    public String toString() {
      return "%s: %s%n    mistakes: %s%n    ours: %s%n    server: %s"
          .formatted(
              difference(),
              manifest.gvk().kind() + " " + manifest.name(),
              mistakes,
              ours.stream().map(f -> f.weight() + " " + f.message()).toList(),
              theirs.map(e -> e.getClass().getSimpleName() + " " + e.message()).orElse("taken"));
    }
  }

  @Test
  void objects_without_mistakes_are_taken_by_both() throws Exception {
    List<String> refused = new ArrayList<>();
    int withSchema = 0;
    for (Manifest manifest : ground.manifests) {
      Optional<KindSchema> schema = ground.schemas.find(manifest.gvk());
      if (schema.isPresent()) {
        withSchema++;
        List<FieldFinding> findings = SchemaCheck.check(manifest.body(), schema.get());
        if (!findings.isEmpty()) {
          refused.add(manifest.origin() + " " + findings);
        }
      }
    }

    assertThat(refused).isEmpty();
    assertThat(withSchema).isEqualTo(ground.manifests.size());
  }

  @Test
  void both_refuse_the_same_objects_with_mistakes() throws Exception {
    long seed = Seed.of(SchemaFuzzIT.class);
    Random random = new Random(seed);
    List<Future<Case>> running = new ArrayList<>();
    Map<String, Integer> counts = new TreeMap<>();
    List<String> differing = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(CONCURRENCY)) {
      for (int i = 0; i < Seed.cases(CASES); i++) {
        Manifest manifest = ground.manifests.get(random.nextInt(ground.manifests.size()));
        Mutations mutations = new Mutations(random);
        Json.Obj body = manifest.body();
        List<String> mistakes = new ArrayList<>();
        for (int n = 1 + random.nextInt(MAX_MISTAKES); n > 0; n--) {
          body = mutations.of(body);
          mistakes.add(mutations.told());
        }
        Json.Obj mistaken = body;
        running.add(executor.submit(() -> compared(manifest, mistaken, mistakes)));
      }
      for (Future<Case> future : running) {
        Case compared = future.get();
        counts.merge(compared.kind(), 1, Integer::sum);
        if (!compared.difference().isEmpty()) {
          counts.merge("DIFFERENCE " + compared.difference(), 1, Integer::sum);
          differing.add(compared.toString());
        }
      }
    }

    System.out.println("SchemaFuzzIT: " + counts);
    assertThat(differing).as("seed %d", seed).isEmpty();
  }

  private Case compared(Manifest manifest, Json.Obj body, List<String> mistakes)
      throws InterruptedException {
    KindSchema schema = ground.schemas.find(manifest.gvk()).orElseThrow();
    return new Case(
        manifest,
        String.join("; ", mistakes),
        SchemaCheck.check(body, schema),
        ground.dryRun(manifest, body));
  }
}
