package dev.fairlead.api;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Statuses of all shapes, with times to the second and conditions in order. */
final class RandomStatus {
  private static final List<String> TEXTS =
      List.of("", "a", "main", "Größe \"1\"", "two\nlines\t\\", "日本", "null", "true", "12");

  private final Random random;

  RandomStatus(Random random) {
    this.random = random;
  }

  SyncStatus next() {
    return new SyncStatus(
        random.nextInt(4),
        maybe(() -> "r" + text()),
        Arrays.stream(Condition.Type.values())
            .filter(t -> random.nextBoolean())
            .map(this::condition)
            .toList(),
        maybe(() -> new SyncStatus.Source(commit(), time())),
        maybe(() -> new SyncStatus.Applied(revision(), time(), random.nextInt(20))),
        maybe(() -> new SyncStatus.LastGood(revision(), time(), random.nextInt(9))),
        maybe(() -> new SyncStatus.Rollback(revision(), revision(), text(), time())),
        maybe(() -> "/hook/" + text()),
        new SyncStatus.ObjectCounts(
            random.nextInt(3), random.nextInt(3), random.nextInt(3), random.nextInt(3)),
        text(),
        new SyncStatus.Inventory(
            some(() -> new GroupKind(random.nextBoolean() ? "" : "apps", "K" + random.nextInt(9))),
            some(() -> "ns" + random.nextInt(9))),
        maybe(() -> new SyncStatus.PendingPrune("d" + text(), random.nextInt(9), some(this::text))),
        maybe(() ->
            new SyncStatus.PlanSummary(
                random.nextInt(9),
                random.nextInt(9),
                random.nextInt(9),
                random.nextInt(9),
                some(this::text))),
        some(() -> new SyncStatus.FinishedJob("Job a/" + random.nextInt(), "d")),
        random.nextInt(30),
        some(this::problem),
        some(this::text),
        some(this::deployment));
  }

  private Condition condition(Condition.Type type) {
    Condition.State[] states = Condition.State.values();
    return new Condition(
        type, states[random.nextInt(states.length)], text(), text(), random.nextInt(9), time());
  }

  private SyncStatus.Problem problem() {
    return new SyncStatus.Problem(text(), text(), random.nextInt(30), text(), text(), time());
  }

  private SyncStatus.Deployment deployment() {
    return new SyncStatus.Deployment(
        revision(),
        text(),
        text(),
        time(),
        Duration.ofMillis(random.nextInt(4_000_000)),
        text(),
        random.nextInt(9),
        random.nextInt(9),
        random.nextInt(9));
  }

  private Commit commit() {
    return new Commit(revision(), text(), text(), time());
  }

  private Revision revision() {
    return new Revision(
        random.nextBoolean() ? "main" : "feature/a@sha1:b",
        Integer.toString(random.nextInt(3)).repeat(40));
  }

  private Instant time() {
    return Instant.ofEpochSecond(random.nextInt());
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private <T> Optional<T> maybe(Supplier<T> value) {
    return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
  }

  private <T> List<T> some(Supplier<T> value) {
    return Stream.generate(value).limit(random.nextInt(4)).toList();
  }
}
