package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final Turns turns = new Turns(GitLimits.DEFAULT);

  @Test
  void a_server_is_forgotten_when_nobody_has_its_turn_or_waits_for_it() throws Exception {
    try (ExecutorService second = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch got = new CountDownLatch(1);
      CountDownLatch enough = new CountDownLatch(1);
      Turns.Turn first = turns.historyOf("one");
      Future<?> waiting =
          second.submit(() -> {
            try (Turns.Turn _ = turns.historyOf("one")) {
              got.countDown();
              enough.await();
            }
            return null;
          });
      first.close();
      got.await();
      assertThat(turns.serversInUse()).as("the second one has it").isEqualTo(1);

      enough.countDown();
      waiting.get();
      assertThat(turns.serversInUse()).isZero();
    }
  }

  @Test
  void who_is_interrupted_in_the_queue_leaves_it() throws Exception {
    try (Turns.Turn _ = turns.historyOf("one")) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> turns.historyOf("one")).isInstanceOf(InterruptedException.class);
      assertThat(turns.serversInUse()).isEqualTo(1);
    }
    assertThat(turns.serversInUse()).isZero();
  }
}
