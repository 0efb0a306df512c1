package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Applier;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Replacement;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.Optional;

/**
 * Deletes an object so that it can be created anew, where a field of it cannot be changed in place
 * and it says that this may be done.
 *
 * <p>Guarantees: both the deletion and the new object have been tried as a dry run before anything
 * is written; the object that goes is the sync's by both proofs, and the one that was looked at;
 * the wait for it to go is bounded, and a new try goes on with it. A process that ends between
 * deletion and creation leaves an object that is missing, which the next one creates. Stateless;
 * any thread may call it.
 */
final class Replacer {
  private static final Duration GONE_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration GONE_PAUSE = Duration.ofMillis(50);
  private static final int TRIES = 3;

  private final ApiServer reading;
  private final ApiServer writing;
  private final Guard.Own own;

  Replacer(ApiServer reading, ApiServer writing, Guard.Own own) {
    this.reading = reading;
    this.writing = writing;
    this.own = own;
  }

  /** Writes on somebody's behalf. */
  Replacer as(Identity who) {
    return new Replacer(reading, writing.as(who), own);
  }

  /**
   * Tries whether an object can be replaced.
   *
   * @param because why it cannot be changed in place; thrown, with the reason, when it cannot be
   *     replaced either
   */
  void check(ObjectWriter.Order order, ApiError.ImmutableField because)
      throws ApiException, RivalException, InterruptedException {
    Optional<Live> live = reading.getMetadata(order.resource(), order.key());
    if (live.isEmpty()) {
      // It went just now.
      return;
    }
    Optional<String> refusal =
        Replacement.refusal(order.owner(), order.key(), order.treatment(), live.get(), own);
    if (refusal.isPresent()) {
      throw new ApiException(
          order.treatment().replaceable() ? Replacement.with(because, refusal.get()) : because);
    }
    if (!live.get().deleting()) {
      delete(order, live.get(), true);
    }
    String name = Replacement.standIn(order.key().name());
    Json.Obj body = order.whole().body();
    Json.Obj metadata = body.object("metadata").orElse(Json.Obj.empty());
    Json.Obj standIn = body.with("metadata", metadata.with("name", Json.of(name)));
    try {
      new Applier(reading, writing)
          .apply(
              order.resource(),
              order.resource().key(order.key().namespace(), name),
              standIn.toBytes(),
              order.owner(),
              false,
              true);
    } catch (ApiException e) {
      if (!Replacement.isOfTheName(e.error())) {
        throw e;
      }
    }
  }

  /** Deletes the object and waits until it is gone; the caller creates it. */
  void makeRoom(ObjectWriter.Order order) throws ApiException, InterruptedException {
    Optional<Live> live = reading.getMetadata(order.resource(), order.key());
    for (int attempt = 1; live.isPresent() && !live.get().deleting(); attempt++) {
      Optional<String> refusal =
          Replacement.refusal(order.owner(), order.key(), order.treatment(), live.get(), own);
      if (refusal.isPresent()) {
        throw new ApiException(new ApiError.Denied(order.key() + ": " + refusal.get()));
      }
      try {
        delete(order, live.get(), false);
        break;
      } catch (ApiException e) {
        if (attempt == TRIES || !(e.error() instanceof ApiError.StaleVersion)) {
          throw e;
        }
      }
      live = reading.getMetadata(order.resource(), order.key());
    }
    if (live.isPresent()) {
      awaitGone(order, live.get().uid());
    }
  }

  private void delete(ObjectWriter.Order order, Live live, boolean dryRun)
      throws ApiException, InterruptedException {
    try {
      if (dryRun) {
        writing.tryDelete(order.resource(), order.key(), live.uid(), live.resourceVersion());
      } else {
        Optional<Live> _ =
            writing.delete(order.resource(), order.key(), live.uid(), live.resourceVersion());
      }
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.NotFound)) {
        throw e;
      }
    }
  }

  private void awaitGone(ObjectWriter.Order order, String uid)
      throws ApiException, InterruptedException {
    long deadline = System.nanoTime() + GONE_TIMEOUT.toNanos();
    while (true) {
      Optional<Live> there = reading.getMetadata(order.resource(), order.key());
      if (there.isEmpty() || !there.get().uid().equals(uid)) {
        return;
      }
      if (System.nanoTime() > deadline) {
        String held =
            there.get().finalizers().isEmpty()
                ? ""
                : ", which waits for " + String.join(", ", there.get().finalizers());
        throw new ApiException(
            new ApiError.Terminating(
                order.key() + ": is being replaced: the old one is still going" + held,
                order.key().namespace()));
      }
      Pause.of(GONE_PAUSE);
    }
  }
}
