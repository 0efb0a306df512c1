package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the status of a settled GitSync has to say. */
record TrueStatus(Json.Obj object) {
  /**
   * One that succeeded.
   *
   * @param written how many objects it created or updated
   */
  record Deployment(String commit, long written, long pruned) {}

  private Json.Obj status() {
    return object.object("status").orElseThrow();
  }

  private long number(String object, String name) {
    return status().object(object).flatMap(o -> o.integer(name)).orElse(0L);
  }

  private static List<String> texts(Optional<Json.Obj> object, String name) {
    return object.map(o -> o.items(name)).orElse(List.of()).stream()
        .map(t -> ((Json.Str) t).value())
        .toList();
  }

  /**
   * Fails when it says anything else.
   *
   * @param deployments all that there were, oldest first
   */
  void check(Wanted wanted, List<Deployment> deployments) {
    Set<ObjectKey> keys = wanted.keys();
    String revision = "main@sha1:" + deployments.getLast().commit();
    long generation = object.object("metadata").flatMap(m -> m.integer("generation")).orElseThrow();
    assertThat(status().integer("observedGeneration")).contains(generation);
    assertThat(status().items("conditions"))
        .extracting(c -> ((Json.Obj) c).string("type").orElse(""))
        .containsExactlyInAnyOrder("Ready", "Fetched", "Applied", "Healthy");
    assertThat(status().items("conditions"))
        .allSatisfy(c -> {
          assertThat(((Json.Obj) c).string("status")).contains("True");
          assertThat(((Json.Obj) c).integer("observedGeneration")).contains(generation);
        });
    for (String part : List.of("source", "applied", "lastGood")) {
      assertThat(status().object(part).flatMap(p -> p.string("revision")))
          .as(part)
          .contains(revision);
    }
    assertThat(number("applied", "objects")).isEqualTo(keys.size());
    assertThat(number("objects", "total")).isEqualTo(keys.size());
    assertThat(number("objects", "healthy")).isEqualTo(keys.size());
    assertThat(number("objects", "progressing") + number("objects", "failed")).isZero();
    assertThat(status().integer("problemCount").orElse(0L)).isZero();
    assertThat(status().items("problems")).isEmpty();
    assertThat(status().object("pendingPrune")).isEmpty();
    assertThat(texts(status().object("inventory"), "groupKinds"))
        .containsExactlyInAnyOrderElementsOf(
            keys.stream().map(ObjectKey::groupKind).map(GroupKind::toString).distinct().toList());
    assertThat(texts(status().object("inventory"), "namespaces"))
        .containsExactlyInAnyOrderElementsOf(
            keys.stream().map(ObjectKey::namespace).filter(n -> !n.isEmpty()).distinct().toList());
    assertThat(status().items("finishedJobs"))
        .extracting(j -> ((Json.Obj) j).string("object").orElse(""))
        .containsExactlyElementsOf(wanted.jobs().stream().map(ObjectKey::toString).toList());
    assertThat(status().items("history"))
        .extracting(h -> deployment((Json.Obj) h))
        .as("history")
        .containsExactlyElementsOf(deployments.reversed());
  }

  static Deployment deployment(Json.Obj entry) {
    assertThat(entry.string("result")).contains("Succeeded");
    return new Deployment(
        entry.string("revision").orElse("").replace("main@sha1:", ""),
        entry.integer("created").orElse(0L) + entry.integer("updated").orElse(0L),
        entry.integer("pruned").orElse(0L));
  }
}
