package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Guard.Candidate;
import dev.fairlead.plan.Weight.Child;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * GitSyncs are lists: {@code apps: x y} has x and y, {@code apps!: x} leaves x when it is deleted.
 * An object is a ConfigMap, unless it is the name of a GitSync; {@code x-kept} says that it is to
 * stay, {@code x-ns} is a Namespace.
 */
final class WeightTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an object counts for itself                          | ''                            | 1
          a GitSync without objects counts for itself          | apps:                         | 1
          a GitSync counts also for what it has                | apps: x y                     | 3
          not for what stays when it goes                      | apps!: x y                    | 1
          not for what says that it is to stay                 | apps: x y-kept                | 2
          not for a Namespace, which is released then          | apps: x y-ns                  | 2
          for what its own GitSyncs have                       | apps: x sub; sub: y z         | 5
          unless these leave it                                | apps: x sub; sub!: y z        | 3
          at any depth                                         | apps: a; a: b; b: c; c: x     | 5
          a GitSync that has itself is counted once            | apps: x apps                  | 2
          so are two that have each other                      | apps: x sub; sub: apps y      | 4
          """)
  void counts(String sentence, String syncs, int weight) {
    Map<ObjectKey, Child> children = new HashMap<>();
    Set<String> names = new java.util.HashSet<>();
    for (String sync : syncs.split("; ?", -1)) {
      names.add(sync.split("!?:", -1)[0]);
    }
    for (String sync : syncs.split("; ?", -1)) {
      if (sync.isEmpty()) {
        continue;
      }
      String[] parts = sync.split("!?:", 2);
      List<Candidate> members =
          Arrays.stream(parts[1].split(" ", -1))
              .filter(m -> !m.isEmpty())
              .map(m -> candidate(m, names))
              .toList();
      children.put(gitSync(parts[0]), new Child(!sync.contains("!:"), members));
    }

    assertThat(
            Weight.of(
                gitSync("apps"),
                key -> Optional.ofNullable(children.get(key)),
                new Guard.Own(Optional.empty(), Set.of())))
        .isEqualTo(weight);
  }

  private static Candidate candidate(String word, Set<String> syncs) {
    ObjectKey key =
        syncs.contains(word)
            ? gitSync(word)
            : word.endsWith("-ns")
                ? new ObjectKey("", "Namespace", "", word)
                : new ObjectKey("", "ConfigMap", "apps", word);
    return new Candidate(
        key, "uid", word.endsWith("-kept") ? Map.of(Labels.PRUNE, "disabled") : Map.of(), 1, false);
  }

  private static ObjectKey gitSync(String name) {
    return new ObjectKey("fairlead.dev", "GitSync", "team", name);
  }
}
