package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.PORTFOLIO;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Examples.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.git.Credentials;
import dev.fairlead.git.GitException;
import dev.fairlead.git.GitLimits;
import dev.fairlead.git.Mirror;
import dev.fairlead.git.Mirrors;
import dev.fairlead.git.Remote;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SyncKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {
  private static final SyncKey OTHER = new SyncKey("apps", "other");

  private final Source source =
      new Source(
          new Source.Key(
              "https://git.example.org/portfolio.git",
              Optional.empty(),
              Optional.empty(),
              new RefSelector.Branch("main")));

  @Test
  void theMostImpatientFollowerSaysHowOftenAndTheMostPatientHowLong() {
    source.follow(PORTFOLIO, spec(Duration.ofMinutes(5), Duration.ofSeconds(30)));
    source.follow(OTHER, spec(Duration.ofMinutes(1), Duration.ofSeconds(90)));

    assertThat(source.interval()).isEqualTo(Duration.ofMinutes(1));
    assertThat(source.timeout()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void aFollowerThatChangesItsMindCountsOnce() {
    source.follow(PORTFOLIO, spec(Duration.ofMinutes(1), Duration.ofSeconds(90)));
    source.follow(PORTFOLIO, spec(Duration.ofMinutes(5), Duration.ofSeconds(30)));

    assertThat(source.followers()).containsExactly(PORTFOLIO);
    assertThat(source.interval()).isEqualTo(Duration.ofMinutes(5));
    assertThat(source.timeout()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void theLastFollowerThatLeavesIsToldSo() {
    source.follow(PORTFOLIO, spec(Duration.ofMinutes(1), Duration.ofSeconds(60)));
    source.follow(OTHER, spec(Duration.ofMinutes(1), Duration.ofSeconds(60)));

    assertThat(source.unfollow(PORTFOLIO)).isFalse();
    assertThat(source.unfollow(PORTFOLIO)).isFalse();
    assertThat(source.unfollow(OTHER)).isTrue();
  }

  @Test
  void nothingIsKnownBeforeTheFirstLook() {
    assertThat(source.outcome()).isEqualTo(new Source.Outcome.Pending());
    assertThat(source.lookedSince()).isBefore(NOON);
    assertThat(source.newest()).isEmpty();
  }

  @Test
  void theNewestLookCounts() {
    source.seen(commit("a"), NOON);
    source.failed(Reason.FETCH_FAILED, "no route to host", NOON.plusSeconds(60));

    assertThat(source.outcome())
        .isEqualTo(new Source.Outcome.Failed(Reason.FETCH_FAILED, "no route to host"));
    assertThat(source.lookedSince()).isEqualTo(NOON.plusSeconds(60));
    assertThat(source.newest()).as("what was seen stays seen").contains(commit("a"));
  }

  @Test
  void failuresAreCountedUntilALookSucceeds() {
    assertThat(source.failed(Reason.FETCH_FAILED, "once", NOON)).isEqualTo(1);
    assertThat(source.failed(Reason.AUTHENTICATION_FAILED, "twice", NOON)).isEqualTo(2);
    source.seen(commit("a"), NOON);

    assertThat(source.failed(Reason.FETCH_FAILED, "again", NOON)).isEqualTo(1);
  }

  @Test
  void whatATurnedAwayMirrorHoldsIsGivenBackToItsOpener(@TempDir Path cache)
      throws IOException, GitException, InterruptedException {
    try (Mirrors mirrors =
        new Mirrors(cache, GitLimits.DEFAULT, Clock.systemUTC(), (operation, result, took) -> {})) {
      Mirror first = mirrors.acquire(new Remote(source.key().url(), Credentials.NONE));
      Mirror second = mirrors.acquire(new Remote(source.key().url(), Credentials.NONE));
      Mirror third = mirrors.acquire(new Remote(source.key().url(), Credentials.NONE));

      assertThat(source.open(first)).as("the first has no former").isEmpty();
      assertThat(source.usable()).contains(first);
      source.reopen();
      assertThat(source.usable()).as("the credentials are to be read anew").isEmpty();
      assertThat(source.mirror()).as("reading goes on meanwhile").contains(first);
      assertThat(source.open(second)).as("the former").contains(first);
      assertThat(source.usable()).contains(second);
      assertThat(source.close()).contains(second);
      assertThat(source.close()).as("closed already").isEmpty();
      assertThat(source.open(third)).as("nobody follows any more").contains(third);
      assertThat(source.mirror()).isEmpty();
      third.close();
      second.close();
      first.close();
    }
  }
}
