package dev.fairlead.git;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets the syncs of one repository share their looks.
 *
 * <p>Guarantees that of one ref there is at most one look at work and one that waits for it,
 * however many callers there are; that nobody is given the answer of a look that began before the
 * moment that caller named; and that a look is interrupted when its last caller gave up. Any thread
 * may call; each look runs on a virtual thread of its own, for only these let go of a socket when
 * they are interrupted.
 */
final class Looks {
  /** Does one look; afterwards {@link #tidyUp} is called on the same thread. */
  interface Work {
    Commit look(RefSelector ref, Duration timeout) throws GitException, InterruptedException;

    /** Whatever nobody has to wait for. */
    void tidyUp();
  }

  /** How soon a look that everybody gave up is interrupted again. */
  private static final Duration AGAIN = Duration.ofMillis(250);

  private final Work work;
  private final InstantSource clock;
  private final String threadName;
  private final String through;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private final Map<RefSelector, Job> running = new HashMap<>();
  private final Map<RefSelector, Job> waiting = new HashMap<>();
  private final Map<RefSelector, Answer> answers = new HashMap<>();
  private int threads;
  private boolean closed;

  /**
   * @param through the way to the repository in words, {@code ""} for the straight one
   */
  Looks(Work work, InstantSource clock, String threadName, String through) {
    this.work = work;
    this.clock = clock;
    this.threadName = threadName;
    this.through = through;
  }

  private record Answer(Instant asked, Commit commit) {}

  /** One look and those who wait for it; guarded by the lock. */
  private static final class Job {
    final CompletableFuture<Commit> done = new CompletableFuture<>();
    final Duration timeout;
    Instant began = Instant.MIN;
    int callers;
    @Nullable Thread thread;

    Job(Duration timeout) {
      this.timeout = timeout;
    }
  }

  /** The ref's commit as a look saw it that began at {@code freshSince} or later. */
  Commit await(RefSelector ref, Instant freshSince, Duration timeout)
      throws GitException, InterruptedException {
    Job job;
    lock.lock();
    try {
      if (closed) {
        throw new GitException(Reason.FETCH_FAILED, "the mirror is closed");
      }
      Answer last = answers.get(ref);
      if (last != null && !last.asked().isBefore(freshSince)) {
        return last.commit();
      }
      job = join(ref, freshSince, timeout);
    } finally {
      lock.unlock();
    }
    try {
      return answer(job, timeout);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      leave(ref, job);
    }
  }

  private Commit answer(Job job, Duration timeout)
      throws GitException, ExecutionException, InterruptedException {
    try {
      return job.done.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new GitException(
          Reason.FETCH_FAILED,
          "the repository did not answer"
              + through
              + " within spec.fetchTimeout ("
              + seconds(timeout)
              + ")");
    }
  }

  /**
   * Interrupts a look until it is over: an interrupt can be lost in the code that it meets, and
   * then the look would keep its turn from all others, whoever they are.
   */
  private void giveUp(Job job) {
    Thread.ofVirtual()
        .name(threadName + ", given up")
        .start(() -> {
          while (interrupt(job) && !isOver(job)) {
            // Again.
          }
        });
  }

  private static boolean isOver(Job job) {
    try {
      job.done.get(AGAIN.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException | CancellationException | InterruptedException e) {
      return true;
    }
  }

  /** Whether it may have to be done again. */
  private boolean interrupt(Job job) {
    lock.lock();
    try {
      if (job.thread == null) {
        return false;
      }
      job.thread.interrupt();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** A new exception for each caller: the look's own may be shared by many threads. */
  private static GitException failure(@Nullable Throwable cause) {
    return cause instanceof GitException e
        ? GitException.again(e)
        : new GitException(Reason.FETCH_FAILED, "the look at the repository was given up", cause);
  }

  private static String seconds(Duration timeout) {
    return timeout.toMillis() % 1000 == 0 ? timeout.toSeconds() + "s" : timeout.toMillis() + "ms";
  }

  private Job join(RefSelector ref, Instant freshSince, Duration timeout) {
    Job current = running.get(ref);
    // One that everybody gave up is being interrupted.
    if (current != null && current.callers > 0 && !current.began.isBefore(freshSince)) {
      current.callers++;
      return current;
    }
    Job job = waiting.computeIfAbsent(ref, _ -> new Job(timeout));
    job.callers++;
    if (current == null) {
      start(ref);
    }
    return job;
  }

  private void start(RefSelector ref) {
    Job job = waiting.remove(ref);
    if (job == null || closed) {
      return;
    }
    running.put(ref, job);
    job.began = clock.instant();
    threads++;
    job.thread = Thread.ofVirtual().name(threadName).start(() -> run(ref, job));
  }

  private void run(RefSelector ref, Job job) {
    try {
      Commit commit = work.look(ref, job.timeout);
      finished(ref, job, commit);
      job.done.complete(commit);
      work.tidyUp();
    } catch (Throwable e) {
      // The callers get it; to them belongs what is to be done about it.
      finished(ref, job, null);
      job.done.completeExceptionally(e);
    } finally {
      lock.lock();
      try {
        threads--;
        idle.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void finished(RefSelector ref, Job job, @Nullable Commit commit) {
    lock.lock();
    try {
      if (!running.remove(ref, job)) {
        return;
      }
      if (commit != null) {
        answers.put(ref, new Answer(job.began, commit));
      }
      // Nobody may interrupt what this thread does from here on.
      job.thread = null;
      boolean _ = Thread.interrupted();
      start(ref);
    } finally {
      lock.unlock();
    }
  }

  private void leave(RefSelector ref, Job job) {
    lock.lock();
    try {
      job.callers--;
      if (job.callers == 0) {
        waiting.remove(ref, job);
        if (job.thread != null) {
          giveUp(job);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** The newest commit of each ref that was asked for since then; the others are forgotten. */
  Collection<Commit> newest(Instant since) {
    lock.lock();
    try {
      answers.values().removeIf(answer -> answer.asked().isBefore(since));
      return answers.values().stream().map(Answer::commit).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the answer for a ref. */
  void forget(RefSelector ref) {
    lock.lock();
    try {
      answers.remove(ref);
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts all looks and waits until their threads are through, but not for ever. */
  void close() throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      List<Job> dropped = new ArrayList<>(waiting.values());
      waiting.clear();
      for (Job job : running.values()) {
        if (job.thread != null) {
          job.thread.interrupt();
        }
      }
      dropped.forEach(j -> j.done.cancel(false));
      long nanos = TimeUnit.SECONDS.toNanos(2);
      while (threads > 0 && nanos > 0) {
        nanos = idle.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
