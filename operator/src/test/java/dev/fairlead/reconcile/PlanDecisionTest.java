package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Revision;
import dev.fairlead.reconcile.PlanDecision.Facts;
import dev.fairlead.reconcile.PlanDecision.Step;
import dev.fairlead.reconcile.SyncDecision.Look;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PlanDecisionTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Commit COMMIT =
      new Commit(new Revision("main", "1".repeat(40)), "A", "s", NOW);
  private static final Target TARGET = new Target("1".repeat(40), 3);
  private static final Target BEFORE = new Target("2".repeat(40), 3);
  private static final Look SEEN = new Look.Seen(COMMIT);

  record Case(String name, Facts facts, Step step) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Facts facts(
      Look look,
      Optional<Target> planned,
      long due,
      Optional<Target> failed,
      Optional<Instant> retryAt) {
    return new Facts(look, planned, NOW.plusSeconds(due), failed, retryAt, 3, NOW);
  }

  private static Stream<Case> cases() {
    Optional<Target> none = Optional.empty();
    Optional<Target> this_ = Optional.of(TARGET);
    Optional<Instant> never = Optional.empty();
    return Stream.of(
        new Case(
            "nothing is planned before Git was looked at",
            facts(new Look.Pending(), none, 0, none, never),
            new Step.Rest()),
        new Case(
            "nothing is planned while Git cannot be read",
            facts(new Look.Failed(), Optional.of(BEFORE), 0, none, never),
            new Step.Rest()),
        new Case("a commit is planned", facts(SEEN, none, 0, none, never), new Step.Plan(COMMIT)),
        new Case(
            "a new commit is planned at once, whenever the old one was due",
            facts(SEEN, Optional.of(BEFORE), 600, none, never),
            new Step.Plan(COMMIT)),
        new Case(
            "a new spec is planned at once",
            facts(SEEN, Optional.of(new Target(TARGET.commit(), 2)), 600, none, never),
            new Step.Plan(COMMIT)),
        new Case(
            "a plan holds until it is due",
            facts(SEEN, this_, 600, none, never),
            new Step.RestUntil(NOW.plusSeconds(600))),
        new Case(
            "a plan that is due is made again",
            facts(SEEN, this_, 0, none, never),
            new Step.Plan(COMMIT)),
        new Case(
            "a commit that cannot be read waits for another one",
            facts(SEEN, none, 0, this_, never),
            new Step.Rest()),
        new Case(
            "a refused commit is tried again when it is time",
            facts(SEEN, this_, 600, this_, Optional.of(NOW.plusSeconds(5))),
            new Step.RestUntil(NOW.plusSeconds(5))),
        new Case(
            "and then", facts(SEEN, this_, 600, this_, Optional.of(NOW)), new Step.Plan(COMMIT)),
        new Case(
            "what was refused before does not hold up a new commit",
            facts(SEEN, none, 600, Optional.of(BEFORE), never),
            new Step.Plan(COMMIT)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decides(Case c) {
    assertThat(PlanDecision.decide(c.facts())).isEqualTo(c.step());
  }
}
