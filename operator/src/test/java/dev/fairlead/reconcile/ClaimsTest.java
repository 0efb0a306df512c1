package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Observation;
import dev.fairlead.reconcile.Claims.Sighting;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  private static final ObjectKey WEB = desired("Deployment.apps", "web").key();
  private static final ObjectKey SETTINGS = desired("ConfigMap", "settings").key();

  private final Claims claims = new Claims();

  @Test
  void anObjectIsClaimedByOneAtATime() {
    assertThat(claims.claim(WEB)).isTrue();
    assertThat(claims.claim(WEB)).isFalse();
    assertThat(claims.claim(SETTINGS)).as("another object").isTrue();
    claims.release(WEB);
    assertThat(claims.claim(WEB)).isTrue();
  }

  @Test
  void whoeverAwaitsAClaimGetsItWhenItIsReleased() throws InterruptedException {
    claims.claim(WEB);
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                claims.await(WEB);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    await("it waits")
        .atMost(Duration.ofSeconds(5))
        .until(() -> waiting.getState() == Thread.State.WAITING);
    claims.release(WEB);
    waiting.join(Duration.ofSeconds(5));

    assertThat(waiting.isAlive()).as("it still waits").isFalse();
    assertThat(claims.claim(WEB)).as("it has the claim now").isFalse();
  }

  @Test
  void whatIsSeenOfAClaimedObjectIsKeptUntilItIsReleasedAndTheNewestCounts() {
    Sighting older = new Sighting(new Observation.Unlisted("10"), Optional.empty());
    Sighting newer = new Sighting(new Observation.Unlisted("11"), Optional.empty());
    claims.claim(WEB);

    assertThat(claims.postpone(WEB, older)).isTrue();
    assertThat(claims.postpone(WEB, newer)).isTrue();
    assertThat(claims.release(WEB)).contains(newer);
    assertThat(claims.release(WEB)).as("told once").isEmpty();
  }

  @Test
  void whatIsSeenOfAnObjectThatNobodyWritesIsNotKept() {
    Sighting sighting = new Sighting(new Observation.Unlisted("10"), Optional.empty());

    assertThat(claims.postpone(WEB, sighting)).isFalse();
    assertThat(claims.claim(WEB)).isTrue();
    assertThat(claims.release(WEB)).isEmpty();
  }

  @Test
  void thereAreNoneWhileNoObjectIsWritten() {
    assertThat(claims.isEmpty()).isTrue();
    claims.claim(WEB);
    assertThat(claims.isEmpty()).isFalse();
    claims.release(WEB);
    assertThat(claims.isEmpty()).isTrue();
  }
}
