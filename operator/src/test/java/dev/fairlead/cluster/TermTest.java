package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class TermTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final AtomicLong ticks = new AtomicLong();
  private final AtomicReference<Instant> wall = new AtomicReference<>(NOON);
  private final Term term =
      new Term(Duration.ofSeconds(9), ticks::get, wall::get, new Term.Moment(0, NOON));

  private void pass(Duration monotonic, Duration onTheWall) {
    ticks.addAndGet(monotonic.toNanos());
    wall.set(wall.get().plus(onTheWall));
  }

  @Test
  void writes_pass_until_the_deadline_after_the_renewal_began() throws Exception {
    pass(Duration.ofMillis(8999), Duration.ofMillis(8999));
    assertThat(term.isOpen()).isTrue();
    term.pass();

    pass(Duration.ofMillis(1), Duration.ofMillis(1));
    assertThat(term.isOpen()).isFalse();
  }

  @Test
  void a_machine_that_slept_has_lost_time_though_its_monotonic_clock_stood_still() {
    pass(Duration.ZERO, Duration.ofMinutes(1));

    assertThat(term.isOpen()).isFalse();
  }

  @Test
  void a_clock_that_is_set_back_makes_no_term_longer() {
    pass(Duration.ofSeconds(10), Duration.ofHours(-1));

    assertThat(term.isOpen()).isFalse();
  }

  @Test
  void a_write_after_a_pause_waits_for_the_renewal() throws Exception {
    pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
    CompletableFuture<String> write = write();
    assertThat(write).isNotDone();

    term.confirm(new Term.Moment(ticks.get(), wall.get()));

    assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo("passed");
  }

  @Test
  void a_write_that_waits_is_dropped_when_another_one_leads() throws Exception {
    pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
    CompletableFuture<String> write = write();

    term.end();

    assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo("dropped");
  }

  @Test
  void a_term_that_has_ended_never_begins_again() {
    term.end();
    term.confirm(new Term.Moment(ticks.get(), wall.get()));

    assertThat(term.isOpen()).isFalse();
    assertThatThrownBy(term::pass).isInstanceOf(InterruptedException.class);
  }

  @Test
  void a_write_that_nobody_lets_through_fails_as_if_the_server_were_away() {
    pass(Duration.ofMinutes(1), Duration.ofMinutes(1));

    assertThatThrownBy(term::pass)
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("until the lease can be renewed")
        .extracting(e -> ((ApiException) e).error().retryable())
        .isEqualTo(true);
  }

  private CompletableFuture<String> write() {
    CompletableFuture<String> write = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            term.pass();
            write.complete("passed");
          } catch (InterruptedException e) {
            write.complete("dropped");
          } catch (ApiException e) {
            write.completeExceptionally(e);
          }
        });
    return write;
  }
}
