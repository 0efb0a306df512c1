package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.GitListener;
import dev.fairlead.model.GitListener.Operation;
import dev.fairlead.model.GitListener.Result;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of one repository, fetched when somebody asks for it and as far back as the answer
 * lies, into a store of its own that goes when nobody has asked for {@link
 * GitLimits.Disk#keepUnused}.
 *
 * <p>Guarantees: the mirror that looks is not touched; history is fetched to {@link #FIRST} commits
 * and four times as many each time, to {@link #DEEPEST} at most, and no further than the limits of
 * one fetch allow, which may be less than {@link #FIRST}; one question is worked on at a time, and
 * over all repositories one is fetched from a server and one is read at a time; one that takes
 * longer than somebody waits goes on for the next who asks. Any thread may call it.
 */
final class History {
  static final int FIRST = 64;
  static final int DEEPEST = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(History.class);
  private static final int FACTOR = 4;
  private static final int MOST_QUESTIONS = 8;

  /** All that one fetch of history may bring; each brings what those before it brought, too. */
  private static final long MOST_BYTES = 64L << 20;

  private record Question(String commit, String path) {}

  private final RemoteUrl url;
  private final Connections connections;
  private final Failures failures;
  private final CacheDirectory cache;
  private final CacheBudget budget;
  private final String name;
  private final GitLimits limits;
  private final GitListener listener;
  private final Turns turns;

  private final Map<Question, CompletableFuture<Blame>> asked = new HashMap<>();
  private final ReentrantLock work = new ReentrantLock();
  private volatile long used = System.nanoTime();
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean sweeping;
  private @Nullable Thread worker;
  private boolean closed;

  // Of whoever has the lock of the work.
  private @Nullable Store store;
  private int generation;
  private int depth;

  /** How many commits one fetch may bring, as far as it is known; less where they are large. */
  private int reach = DEEPEST;

  History(
      RemoteUrl url,
      Connections connections,
      Failures failures,
      CacheDirectory cache,
      CacheBudget budget,
      String name,
      GitLimits limits,
      GitListener listener,
      Turns turns) {
    this.url = url;
    this.connections = connections;
    this.failures = failures;
    this.cache = cache;
    this.budget = budget;
    this.name = name;
    GitLimits.Pack pack = limits.pack();
    this.limits =
        new GitLimits(
            limits.allowFileUrls(),
            limits.parallelRequests(),
            new GitLimits.Pack(
                Math.min(pack.bytes(), MOST_BYTES), pack.objects(), pack.objectBytes()),
            limits.disk(),
            limits.tree());
    this.listener = listener;
    this.turns = turns;
  }

  /**
   * Where the lines of a file come from; empty when that takes longer than somebody waits.
   *
   * @param timeout of each fetch
   * @param gate asked before each fetch; what is here already is told whatever it says
   */
  Optional<Blame> blame(
      String commit, String path, Duration wait, Duration timeout, Mirror.Gate gate)
      throws GitException, InterruptedException {
    Question question = new Question(commit, path);
    CompletableFuture<Blame> answer;
    synchronized (asked) {
      if (closed) {
        throw new GitException(Reason.FETCH_FAILED, "the mirror is closed");
      }
      if (!asked.containsKey(question) && asked.size() >= MOST_QUESTIONS) {
        return Optional.empty();
      }
      answer =
          asked.computeIfAbsent(
              question,
              q -> {
                CompletableFuture<Blame> future = new CompletableFuture<>();
                Thread.ofVirtual()
                    .name("history " + url)
                    .start(() -> work(q, timeout, gate, future));
                return future;
              });
    }
    try {
      return Optional.of(answer.get(wait.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof GitException known
          ? GitException.again(known)
          : new GitException(Reason.FETCH_FAILED, "the history could not be read", e.getCause());
    }
  }

  private void work(
      Question question, Duration timeout, Mirror.Gate gate, CompletableFuture<Blame> answer) {
    try {
      work.lockInterruptibly();
      try {
        worker = Thread.currentThread();
        used = System.nanoTime();
        answer.complete(answer(question, timeout, gate));
      } finally {
        worker = null;
        used = System.nanoTime();
        work.unlock();
        keepForAWhile();
      }
    } catch (Throwable e) {
      // Those who asked get it, and nobody who asks after them.
      forget(question, answer);
      answer.completeExceptionally(e);
    } finally {
      forget(question, answer);
    }
  }

  private void forget(Question question, CompletableFuture<Blame> answer) {
    synchronized (asked) {
      asked.remove(question, answer);
    }
  }

  private Blame answer(Question question, Duration timeout, Mirror.Gate gate)
      throws GitException, InterruptedException {
    for (boolean again = false; ; again = true) {
      Store current = usable();
      try {
        return answer(current, question, timeout, gate);
      } catch (IOException e) {
        current.markDamaged(e);
        if (again || !Failures.damage(e)) {
          throw failures.translate(e);
        }
      }
    }
  }

  private Blame answer(Store current, Question question, Duration timeout, Mirror.Gate gate)
      throws GitException, IOException, InterruptedException {
    ObjectId commit = ObjectId.fromString(question.commit());
    var reading = new BlameWork(limits, turns);
    if (!current.holds(commit)) {
      begin(current, question.commit(), timeout, gate);
    }
    while (true) {
      Blame blame = Blamer.blame(current, commit, question.path(), depth, reading);
      boolean whole = blame.lines().stream().allMatch(l -> l.change().isPresent());
      if (whole || depth >= reach) {
        return blame;
      }
      try {
        fetch(current, question.commit(), Math.min(depth * FACTOR, DEEPEST), timeout, gate);
      } catch (GitException e) {
        if (isTooMuch(e)) {
          // So far back, and no further; the next question need not find that out again.
          reach = depth;
          return blame;
        }
        throw e;
      }
    }
  }

  /** Fetches the youngest part of the history: fewer commits where these are large. */
  private void begin(Store into, String commit, Duration timeout, Mirror.Gate gate)
      throws GitException, IOException, InterruptedException {
    int commits = Math.min(Math.max(FIRST, depth), reach);
    while (true) {
      try {
        fetch(into, commit, commits, timeout, gate);
        return;
      } catch (GitException e) {
        if (!isTooMuch(e) || commits < FACTOR) {
          throw e;
        }
        commits /= FACTOR;
        reach = commits;
      }
    }
  }

  private static boolean isTooMuch(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof PackTooLarge || t instanceof OverBound) {
        return true;
      }
    }
    return false;
  }

  private Store usable() throws GitException {
    Store current = store;
    try {
      if (current == null || current.unusable()) {
        if (current != null) {
          current.discard();
        }
        depth = 0;
        reach = DEEPEST;
        cache.require();
        current = Store.create(cache.resolve(name + "-" + ++generation), limits, budget, turns);
        store = current;
      }
      return current;
    } catch (IOException e) {
      throw failures.translate(e);
    }
  }

  private void fetch(Store into, String commit, int commits, Duration timeout, Mirror.Gate gate)
      throws GitException, IOException, InterruptedException {
    Optional<String> refusal = gate.refusal();
    if (refusal.isPresent()) {
      throw new GitException(Reason.FETCH_FAILED, refusal.get());
    }
    into.repository().requireFree(0);
    try (Turns.Turn _ = turns.historyOf(url.server() + failures.through());
        Turns.Turn _ = turns.conversation()) {
      long began = System.nanoTime();
      RefSelector.Hash hash = new RefSelector.Hash(commit);
      Result result = Result.FAILURE;
      Alarm alarm = new Alarm(timeout);
      try (Exchange exchange =
          Exchange.open(into.repository(), url, connections, hash, timeout, commits)) {
        exchange.fetch(exchange.find().orElseThrow());
        into.keep(ObjectId.fromString(commit));
        depth = commits;
        result = Result.SUCCESS;
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        if (Failures.notOurRef(e)) {
          throw new GitException(
              Reason.REF_NOT_FOUND,
              url + " does not have the commit " + commit + ", or does not give it by its hash");
        }
        if (e instanceof IOException io && Failures.damage(e)) {
          throw io;
        }
        throw failures.translate(e);
      } finally {
        alarm.off();
        into.settle();
        listener.request(Operation.FETCH, result, Duration.ofNanos(System.nanoTime() - began));
      }
    }
  }

  /** Interrupts the thread that makes it, unless it is turned off in time. */
  private static final class Alarm {
    private final CountDownLatch turnedOff = new CountDownLatch(1);
    private boolean rang;

    Alarm(Duration after) {
      Thread worker = Thread.currentThread();
      Thread.ofVirtual().start(() -> ring(worker, after));
    }

    private void ring(Thread worker, Duration after) {
      try {
        if (turnedOff.await(after.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
      synchronized (this) {
        if (turnedOff.getCount() > 0) {
          rang = true;
          worker.interrupt();
        }
      }
    }

    synchronized void off() {
      turnedOff.countDown();
      if (rang) {
        // It was this one that rang, and nobody else is to hear it.
        boolean _ = Thread.interrupted();
      }
    }
  }

  /** One thread waits until nobody has asked for long enough. */
  private void keepForAWhile() {
    synchronized (asked) {
      if (!closed && !sweeping) {
        sweeping = true;
        Thread.ofVirtual().name("sweep " + url).start(this::sweep);
      }
    }
  }

  private void sweep() {
    long idle = Math.max(1, limits.disk().keepUnused().toNanos());
    try {
      while (true) {
        long left = idle - (System.nanoTime() - used);
        if (left > 0) {
          if (closing.await(left, TimeUnit.NANOSECONDS)) {
            return;
          }
          continue;
        }
        work.lockInterruptibly();
        try {
          if (System.nanoTime() - used >= idle) {
            discard();
            synchronized (asked) {
              sweeping = false;
            }
            return;
          }
        } finally {
          work.unlock();
        }
      }
    } catch (InterruptedException e) {
      // Closed.
      return;
    }
  }

  /** Deletes the files, unless a question is being worked on. */
  void giveUp() {
    if (work.tryLock()) {
      try {
        discard();
      } finally {
        work.unlock();
      }
    }
  }

  private void discard() {
    Store last = store;
    store = null;
    depth = 0;
    if (last != null) {
      try {
        last.discard();
      } catch (IOException e) {
        // The next start sweeps it.
        LOG.atWarn().addKeyValue("url", url).setCause(e).log("A history could not be removed");
      }
    }
  }

  /** Gives up what is asked and deletes the files. */
  void close() throws InterruptedException {
    synchronized (asked) {
      closed = true;
      closing.countDown();
      if (worker != null) {
        worker.interrupt();
      }
    }
    if (work.tryLock(2, TimeUnit.SECONDS)) {
      try {
        discard();
      } finally {
        work.unlock();
      }
    }
  }
}
