package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Condition;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.SyncDependency.Existence;
import dev.fairlead.plan.SyncDependency.Facts;
import dev.fairlead.plan.SyncDependency.SameRef;
import dev.fairlead.plan.SyncDependency.Verdict;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncDependencyTest {
  private static final Set<String> WORDS =
      Set.of(
          "missing",
          "malformed",
          "deleting",
          "suspended",
          "foreign",
          "generation",
          "ready",
          "same",
          "seen",
          "looked",
          "applied");

  /**
   * {@code same}: both follow one ref, and the dependent is about to apply commit b; {@code ready}:
   * state, reason and the generation that it is about.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          one that does not exist is waited for           | missing                                             | waits: infra/base, which does not exist
          one whose spec is wrong is waited for           | malformed ready:True/Succeeded/1                    | waits: infra/base, which has a spec that cannot be read
          one that is going is waited for                 | deleting ready:True/Succeeded/1                     | waits: infra/base, which is being deleted
          one that nobody has looked at is waited for     |                                                     | soon: infra/base, which has not been looked at yet
          one that is Ready is ready                      | ready:True/Succeeded/1                              | met
          but not under an older spec                     | ready:True/Succeeded/1 generation:2                 | soon: infra/base, which has not taken up its present spec yet
          one that is at work is under way                | ready:False/Progressing/1                           | soon: infra/base, which is not Ready (Progressing: why)
          one that itself waits is under way              | ready:False/DependencyNotReady/1                    | soon: infra/base, which is not Ready (DependencyNotReady: why)
          one that is not known to be Ready is not        | ready:Unknown/Progressing/1                         | soon: infra/base, which is not Ready (Progressing: why)
          one that failed needs somebody                  | ready:False/HealthCheckFailed/1                     | waits: infra/base, which is not Ready (HealthCheckFailed: why)
          one that was rolled back too                    | ready:False/RolledBack/1                            | waits: infra/base, which is not Ready (RolledBack: why)
          messages stay within their namespace            | foreign ready:False/HealthCheckFailed/1             | waits: infra/base, which is not Ready (HealthCheckFailed)
          a suspended one that is Ready is ready          | suspended ready:True/Succeeded/1                    | met
          a suspended one that is not needs somebody      | suspended ready:False/Progressing/1                 | waits: infra/base, which is not Ready and is suspended (Progressing: why)
          of one ref it is ready at the very commit       | same seen:b applied:b ready:True/Succeeded/1        | met
          Ready of the commit before does not count       | same seen:a applied:a ready:True/Succeeded/1        | soon, dependency looks: infra/base, which has not seen main@bbbbbbb
          nor while nothing was seen at all               | same ready:True/Succeeded/1                         | soon, dependency looks: infra/base, which has not seen main@bbbbbbb
          nor when it was seen and is not applied         | same seen:b applied:a ready:True/Succeeded/1        | soon: infra/base, which has not applied main@bbbbbbb yet
          nor when it is applied and not healthy          | same seen:b applied:b ready:False/Progressing/1     | soon: infra/base, which is not Ready (Progressing: why)
          who is behind looks again                       | same seen:c looked applied:c ready:True/Succeeded/1 | soon, dependent looks: infra/base, which has seen another commit than main@bbbbbbb
          a suspended one will not see it                 | suspended same seen:a applied:a ready:True/S/1      | waits: infra/base, which has not seen main@bbbbbbb and is suspended
          a suspended one that is there is ready          | suspended same seen:b applied:b ready:True/S/1      | met
          """)
  void decides(String sentence, String facts, String verdict) {
    assertThat(words(SyncDependency.decide(facts(facts == null ? "" : facts)))).isEqualTo(verdict);
  }

  private static Facts facts(String text) {
    Map<String, String> facts =
        text.isEmpty()
            ? Map.of()
            : Arrays.stream(text.split(" ", -1))
                .map(word -> word.split(":", -1))
                .collect(Collectors.toMap(w -> w[0], w -> w.length > 1 ? w[1] : ""));
    assertThat(WORDS).containsAll(facts.keySet());
    Existence existence =
        Arrays.stream(Existence.values())
            .filter(e -> facts.containsKey(e.name().toLowerCase(java.util.Locale.ROOT)))
            .findFirst()
            .orElse(Existence.AT_WORK);
    return new Facts(
        new SyncKey("infra", "base"),
        existence,
        facts.containsKey("foreign"),
        Long.parseLong(facts.getOrDefault("generation", "1")),
        Optional.ofNullable(facts.get("ready")).map(SyncDependencyTest::ready),
        facts.containsKey("same")
            ? Optional.of(
                new SameRef(
                    revision("b"),
                    Optional.ofNullable(facts.get("seen")).map(SyncDependencyTest::revision),
                    facts.containsKey("looked"),
                    Optional.ofNullable(facts.get("applied")).map(SyncDependencyTest::revision)))
            : Optional.empty());
  }

  private static Revision revision(String letter) {
    return new Revision("main", letter.repeat(40));
  }

  private static Condition ready(String text) {
    String[] parts = text.split("/", -1);
    return new Condition(
        Condition.Type.READY,
        Condition.State.valueOf(parts[0].toUpperCase(java.util.Locale.ROOT)),
        parts[1],
        "why",
        Long.parseLong(parts[2]),
        Instant.EPOCH);
  }

  private static String words(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Met _ -> "met";
      case Verdict.Waits waits ->
          (waits.soon() ? "soon" : "waits")
              + switch (waits.look()) {
                case NOBODY -> "";
                case DEPENDENCY -> ", dependency looks";
                case DEPENDENT -> ", dependent looks";
              }
              + ": "
              + waits.sentence();
    };
  }
}
