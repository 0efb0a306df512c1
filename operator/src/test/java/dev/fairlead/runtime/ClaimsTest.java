package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.runtime.Claims.Attempt.Granted;
import dev.fairlead.runtime.Claims.Attempt.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class ClaimsTest {
  private final Claims<String, String> claims = new Claims<>();
  private final List<String> called = new ArrayList<>();

  @Test
  void keys_are_claimed_together_or_not_at_all() {
    assertThat(claims.claim(List.of("a", "b"), "one")).isEqualTo(new Granted<>());

    assertThat(claims.claim(List.of("c", "b", "a"), "two"))
        .isEqualTo(new Refused<>(Map.of("b", "one", "a", "one")));

    assertThat(claims.holder("a")).contains("one");
    assertThat(claims.holder("c")).isEmpty();
  }

  @Test
  void claiming_what_one_holds_is_granted() {
    claims.claim(List.of("a"), "one");

    assertThat(claims.claim(List.of("a", "b"), "one")).isEqualTo(new Granted<>());
    assertThat(claims.size()).isEqualTo(2);
  }

  @Test
  void only_the_owner_can_release() {
    claims.claim(List.of("a"), "one");

    claims.release(List.of("a"), "two");
    claims.releaseAll("two");
    assertThat(claims.holder("a")).contains("one");

    claims.release(List.of("a"), "one");
    assertThat(claims.holder("a")).isEmpty();
    assertThat(claims.size()).isZero();
  }

  @Test
  void retaining_some_keys_releases_the_others() {
    claims.claim(List.of("a", "b", "c"), "one");

    claims.retain(Set.of("b", "unknown"), "one");

    assertThat(claims.holder("b")).contains("one");
    assertThat(claims.size()).isEqualTo(1);
  }

  @Test
  void one_that_was_turned_away_is_called_once_when_the_key_is_free() {
    claims.claim(List.of("a", "b"), "one");
    claims.claim(List.of("a", "b"), "two", () -> called.add("two"));

    claims.release(List.of("b"), "one");
    assertThat(called).isEmpty();
    claims.release(List.of("a"), "one");
    assertThat(called).containsExactly("two");
    claims.releaseAll("one");
    assertThat(called).containsExactly("two");
  }

  @Test
  void the_last_word_counts_and_a_success_or_a_farewell_takes_it_back() {
    claims.claim(List.of("a", "b"), "one");
    claims.claim(List.of("a"), "two", () -> called.add("first word"));
    claims.claim(List.of("a"), "two", () -> called.add("second word"));
    claims.claim(List.of("a"), "three", () -> called.add("three"));
    claims.claim(List.of("a"), "four", () -> called.add("four"));
    claims.claim(List.of("other"), "three");
    claims.releaseAll("four");

    claims.releaseAll("one");

    assertThat(called).containsExactly("second word");
  }

  @Test
  void whoever_is_called_may_claim_at_once() {
    claims.claim(List.of("a"), "one");
    claims.claim(List.of("a"), "two", () -> claims.claim(List.of("a"), "two"));

    claims.releaseAll("one");

    assertThat(claims.holder("a")).contains("two");
  }

  @RepeatedTest(3)
  void no_key_ever_has_two_owners_and_everyone_has_a_turn() throws InterruptedException {
    long seed = System.nanoTime();
    System.out.println("ClaimsTest seed " + seed);
    Claims<Integer, Integer> shared = new Claims<>();
    AtomicIntegerArray owners = new AtomicIntegerArray(10);
    AtomicInteger mistakes = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int owner = i;
      Random random = new Random(seed + i);
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int turn = 0; turn < 500; turn++) {
                  turn(shared, owner, random, owners, mistakes);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(mistakes).as("seed %d", seed).hasValue(0);
    assertThat(shared.size()).isZero();
  }

  private static void turn(
      Claims<Integer, Integer> shared,
      int owner,
      Random random,
      AtomicIntegerArray owners,
      AtomicInteger mistakes) {
    List<Integer> keys = random.ints(3, 0, 10).distinct().boxed().toList();
    Semaphore free = new Semaphore(0);
    while (shared.claim(keys, owner, free::release) instanceof Refused) {
      free.acquireUninterruptibly();
    }
    keys.forEach(key -> mistakes.addAndGet(owners.incrementAndGet(key) - 1));
    LockSupport.parkNanos(1_000);
    keys.forEach(owners::decrementAndGet);
    shared.releaseAll(owner);
  }
}
