package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.IgnoreRule;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus.LastGood;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RollbackStateTest {
  private static final Rollback BACK =
      new Rollback(commit("b").revision(), commit("a").revision(), "why", NOON);
  private static final SyncSpec SPEC = spec(Duration.ofMinutes(1), "deploy");
  private static final SyncSpec OFTEN = spec(Duration.ofSeconds(1), "deploy");
  private static final SyncSpec ELSEWHERE = spec(Duration.ofMinutes(1), "other");

  private final RollbackState state = new RollbackState();

  @Test
  void aRollbackStaysInForceUntilTheRefNamesAnotherCommit() {
    state.sees(1, SPEC);
    state.begin(BACK);

    assertThat(state.reconsider(Optional.empty())).as("Git is away").isFalse();
    assertThat(state.reconsider(newest("b"))).isFalse();
    assertThat(state.inForce()).contains(BACK);
    assertThat(state.reconsider(newest("c"))).isTrue();
    assertThat(state.inForce()).isEmpty();
    assertThat(state.reconsider(newest("c"))).as("it is over once").isFalse();
  }

  @Test
  void aCommitWithTheSameContentIsNoOtherOne() {
    state.sees(1, SPEC);
    state.begin(BACK);
    state.sameAsFailed(commit("c").revision().commit());

    assertThat(state.reconsider(newest("c"))).isFalse();
    assertThat(state.hasFailed(commit("b").revision().commit())).isTrue();
    assertThat(state.gaveUp(new Target(commit("c").revision().commit(), 1))).isTrue();
    assertThat(state.reconsider(newest("d"))).isTrue();
    assertThat(state.hasFailed(commit("c").revision().commit())).as("it is over").isFalse();
  }

  @Test
  void aForcePushToTheLastGoodCommitEndsItToo() {
    state.sees(1, SPEC);
    state.begin(BACK);

    assertThat(state.reconsider(newest("a"))).isTrue();
  }

  @Test
  void aSpecThatMeansTheSameChangesNothing() {
    state.sees(1, SPEC);
    state.begin(BACK);
    state.sees(2, OFTEN);

    assertThat(state.reconsider(newest("b"))).isFalse();
    assertThat(state.carried(new LastGood(BACK.to(), NOON, 1)).generation()).isEqualTo(2);
    assertThat(state.gaveUp(new Target(BACK.from().commit(), 2))).isTrue();
    assertThat(state.gaveUp(new Target(BACK.to().commit(), 2))).isFalse();
  }

  @Test
  void aSpecThatMeansSomethingElseEndsItAlsoWhileGitIsAway() {
    state.sees(1, SPEC);
    state.begin(BACK);
    state.sees(2, ELSEWHERE);

    assertThat(state.isSameSpec(1)).isFalse();
    assertThat(state.carried(new LastGood(BACK.to(), NOON, 1)).generation()).isEqualTo(1);
    assertThat(state.reconsider(Optional.empty())).isTrue();
  }

  @Test
  void aSpecThatChangedThereAndBackIsAnotherOne() {
    state.sees(1, SPEC);
    state.sees(2, ELSEWHERE);
    state.sees(3, SPEC);

    assertThat(state.isSameSpec(1)).isFalse();
    assertThat(state.isSameSpec(3)).isTrue();
  }

  @Test
  void afterARestartItIsInForceUnlessTheSpecHasChangedSince() {
    state.restore(BACK, 2);
    state.sees(2, SPEC);
    assertThat(state.reconsider(newest("b"))).isFalse();

    RollbackState other = new RollbackState();
    other.restore(BACK, 1);
    other.sees(2, SPEC);
    assertThat(other.reconsider(newest("b"))).as("nobody knows what changed").isTrue();
  }

  @Test
  void whatCannotBeHadIsAskedForEverMoreSeldom() {
    state.unreachable("a", "away", NOON);
    assertThat(retryAt()).isEqualTo(1);
    state.unreachable("a", "away", NOON);
    assertThat(retryAt()).isEqualTo(2);
    for (int i = 0; i < 20; i++) {
      state.unreachable("a", "away", NOON);
    }
    assertThat(retryAt()).isEqualTo(256);
    state.good();
    state.unreachable("a", "away", NOON);
    assertThat(retryAt()).isEqualTo(1);
  }

  private long retryAt() {
    return Duration.between(NOON, state.unavailable().orElseThrow().retryAt().orElseThrow())
        .toSeconds();
  }

  @Test
  void what_was_given_to_another_sync_was_not_made_here_if_it_comes_back() {
    state.made("one");

    state.gaveAway("one");

    assertThat(state.hasMade("one")).isFalse();
  }

  @Test
  void whatWasMadeIsKnownFromOneGoodCommitToTheNext() {
    state.made("one");
    assertThat(state.hasMade("one")).isTrue();
    assertThat(state.knowsAllMade()).as("there may have been others before").isFalse();
    state.good();
    assertThat(state.hasMade("one")).isFalse();
    assertThat(state.knowsAllMade()).isTrue();
  }

  private static Optional<String> newest(String letter) {
    return Optional.of(commit(letter).revision().commit());
  }

  private static SyncSpec spec(Duration interval, String path) {
    SyncSpec some = Examples.spec(interval, Duration.ofSeconds(60));
    return new SyncSpec(
        some.url(),
        some.ref(),
        path,
        some.submodules(),
        some.ignore(),
        some.interval(),
        some.fetchTimeout(),
        some.secretName(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        some.serviceAccountName(),
        some.defaultNamespace(),
        some.mode(),
        some.prune(),
        some.maxPrune(),
        some.deletionPolicy(),
        some.suspend(),
        some.dependsOn(),
        some.rolloutTimeout(),
        some.onFailure(),
        List.<IgnoreRule>of());
  }
}
