package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Commit;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Revision;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LooksTest {
  private static final RefSelector MAIN = new RefSelector.Branch("main");
  private static final Commit COMMIT =
      new Commit(new Revision("main", "a".repeat(40)), "Somebody", "First", Instant.EPOCH);

  @Test
  void aLookThatLostItsInterruptDoesNotHoldUpTheNextOne() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    Looks.Work work =
        new Looks.Work() {
          @Override
          public Commit look(RefSelector ref, Duration timeout) throws InterruptedException {
            if (looks.incrementAndGet() == 1) {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException lost) {
                new CountDownLatch(1).await();
              }
            }
            return COMMIT;
          }

          @Override
          public void tidyUp() {}
        };
    Looks all = new Looks(work, InstantSource.system(), "look", "");
    assertThatThrownBy(() -> all.await(MAIN, Instant.now(), Duration.ofMillis(200)))
        .hasMessageContaining("did not answer within spec.fetchTimeout (200ms)");

    assertThat(all.await(MAIN, Instant.now(), Duration.ofSeconds(10))).isEqualTo(COMMIT);

    assertThat(looks).hasValue(2);
    all.close();
  }

  /** A look may hold a turn that the looks of other repositories wait for. */
  @Test
  void a_look_that_lost_its_interrupt_ends_though_nobody_waits_for_it() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Looks.Work work =
        new Looks.Work() {
          @Override
          public Commit look(RefSelector ref, Duration timeout) throws InterruptedException {
            try {
              for (int lost = 0; lost < 3; lost++) {
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  // Lost.
                }
              }
              new CountDownLatch(1).await();
              return COMMIT;
            } finally {
              over.countDown();
            }
          }

          @Override
          public void tidyUp() {}
        };
    Looks all = new Looks(work, InstantSource.system(), "look", "");

    assertThatThrownBy(() -> all.await(MAIN, Instant.now(), Duration.ofMillis(100)))
        .hasMessageContaining("did not answer");

    assertThat(over.await(30, TimeUnit.SECONDS)).as("the end of the look").isTrue();
    all.close();
  }
}
