package dev.fairlead.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs work on virtual threads, so many at once at most, whoever asks: 16 writes to the API server,
 * a few Git operations.
 *
 * <p>Guarantees: places are given in the order of asking, and one call asks for at most {@code
 * concurrency} at a time, so that a call with 5,000 items does not keep others waiting for all of
 * them. When a call returns or throws, none of its work still runs: an interrupt of the caller
 * interrupts the work and waits for it.
 *
 * <p>Any thread may call it, but not from within work that it runs: that could wait for itself.
 */
public final class BoundedExecutor {
  private final Semaphore places;
  private final String name;
  private final int most;

  /** What is done for one item. An exception is that item's failure. */
  @FunctionalInterface
  public interface Work<T, R> {
    R apply(T item) throws Exception;
  }

  /** What is done for one item, without an answer. */
  @FunctionalInterface
  public interface Action<T> {
    void accept(T item) throws Exception;
  }

  /** What became of one item. */
  public sealed interface Outcome<T, R> {
    T item();

    /** It was done. */
    record Success<T, R>(T item, R value) implements Outcome<T, R> {}

    /** It threw. */
    record Failure<T, R>(T item, Exception cause) implements Outcome<T, R> {}
  }

  /**
   * @param name of the threads
   * @param most how much runs at once, over all callers
   */
  public BoundedExecutor(String name, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("nothing would ever run: " + most);
    }
    this.name = name;
    this.most = most;
    this.places = new Semaphore(most, true);
  }

  /** Runs it on the calling thread as soon as there is a place. */
  public <R> R call(Callable<R> work) throws Exception {
    places.acquire();
    try {
      return work.call();
    } finally {
      places.release();
    }
  }

  /** As {@link #forEach(List, int, Action)}, as many at once as there are places. */
  public <T> List<Outcome.Failure<T, Void>> forEach(List<T> items, Action<T> action)
      throws InterruptedException {
    return forEach(items, most, action);
  }

  /**
   * Does it for every item, {@code concurrency} at once at most; a failure does not stop the
   * others.
   *
   * @return the failures, in the order of the items
   * @throws InterruptedException when the caller or some of the work was interrupted; what had not
   *     begun then never does
   */
  public <T> List<Outcome.Failure<T, Void>> forEach(
      List<T> items, int concurrency, Action<T> action) throws InterruptedException {
    List<Outcome.Failure<T, Void>> failures = new ArrayList<>();
    List<Outcome<T, Optional<Void>>> outcomes =
        map(
            items,
            concurrency,
            item -> {
              action.accept(item);
              return Optional.empty();
            });
    for (Outcome<T, Optional<Void>> outcome : outcomes) {
      switch (outcome) {
        case Outcome.Success<T, Optional<Void>> _ -> {}
        case Outcome.Failure<T, Optional<Void>>(T item, Exception cause) ->
            failures.add(new Outcome.Failure<>(item, cause));
      }
    }
    return Collections.unmodifiableList(failures);
  }

  /**
   * Asks it for every item, {@code concurrency} at once at most; a failure does not stop the
   * others.
   *
   * @return what became of the items, in their order
   * @throws InterruptedException when the caller or some of the work was interrupted; what had not
   *     begun then never does
   */
  public <T, R> List<Outcome<T, R>> map(List<T> items, int concurrency, Work<T, R> work)
      throws InterruptedException {
    if (concurrency < 1) {
      throw new IllegalArgumentException("nothing would ever run: " + concurrency);
    }
    Call<T, R> call = new Call<>(List.copyOf(items), work);
    int threads = Math.min(items.size(), Math.min(concurrency, most));
    for (int i = 0; i < threads; i++) {
      call.threads.add(Thread.ofVirtual().name(name + "-" + i).unstarted(call::work));
    }
    call.threads.forEach(Thread::start);
    return call.await();
  }

  /** One call: threads that take the next item until there is none. */
  private final class Call<T, R> {
    private final List<T> items;
    private final Work<T, R> work;
    // Each place is written by one thread and read after that thread has ended.
    private final List<@Nullable Outcome<T, R>> outcomes;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();

    Call(List<T> items, Work<T, R> work) {
      this.items = items;
      this.work = work;
      this.outcomes = new ArrayList<>(Collections.nCopies(items.size(), null));
    }

    void work() {
      try {
        int index = next.getAndIncrement();
        while (index < items.size() && fatal.get() == null) {
          places.acquire();
          try {
            outcomes.set(index, apply(items.get(index)));
          } finally {
            places.release();
          }
          index = next.getAndIncrement();
        }
      } catch (InterruptedException | Error e) {
        fatal.compareAndSet(null, e);
        cancel();
      }
    }

    private Outcome<T, R> apply(T item) throws InterruptedException {
      try {
        return new Outcome.Success<>(item, work.apply(item));
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        return new Outcome.Failure<>(item, e);
      }
    }

    private void cancel() {
      next.set(items.size());
      threads.forEach(Thread::interrupt);
    }

    List<Outcome<T, R>> await() throws InterruptedException {
      @Nullable InterruptedException interrupted = null;
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          try {
            thread.join();
          } catch (InterruptedException e) {
            interrupted = e;
            cancel();
          }
        }
      }
      if (interrupted != null) {
        throw interrupted;
      }
      switch (fatal.get()) {
        case null -> {}
        case Error error -> throw error;
        case Throwable _ -> throw new InterruptedException("the work was interrupted");
      }
      List<Outcome<T, R>> all = new ArrayList<>(items.size());
      for (Outcome<T, R> outcome : outcomes) {
        if (outcome == null) {
          throw new IllegalStateException("an item was left out");
        }
        all.add(outcome);
      }
      return Collections.unmodifiableList(all);
    }
  }
}
