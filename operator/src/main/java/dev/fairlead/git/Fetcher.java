package dev.fairlead.git;

import dev.fairlead.model.Commit;
import dev.fairlead.model.GitListener;
import dev.fairlead.model.GitListener.Operation;
import dev.fairlead.model.GitListener.Result;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SemverRange;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Asks one remote and brings what is new into a store. Bounds how many conversations there are at
 * once, tells the listener of each request, and turns failures into words. Any thread may call; a
 * fetch holds the store's {@code writing} lock.
 */
final class Fetcher {
  private final RemoteUrl url;
  private final Connections connections;
  private final Failures failures;
  private final GitListener listener;
  private final Turns turns;
  private final ReentrantLock writing;
  private final Kept kept;

  /** What did not fit the last time; guarded by {@code writing}. */
  private @Nullable TooLarge tooLarge;

  private record TooLarge(ObjectId target, OverBound why) {}

  Fetcher(
      RemoteUrl url,
      Connections connections,
      Failures failures,
      GitListener listener,
      Turns turns,
      ReentrantLock writing,
      Kept kept) {
    this.url = url;
    this.connections = connections;
    this.failures = failures;
    this.listener = listener;
    this.turns = turns;
    this.writing = writing;
    this.kept = kept;
  }

  /**
   * Where the ref points to now; its commit is in the store afterwards.
   *
   * @throws OverBound its commit does not fit onto the disk
   * @throws IOException the store is damaged
   */
  Commit look(Store current, RefSelector ref, Duration timeout)
      throws GitException, IOException, InterruptedException {
    try (Turns.Turn _ = turns.conversation()) {
      long began = System.nanoTime();
      try (Exchange exchange = ask(current, ref, timeout, began)) {
        Exchange.Found found = found(exchange, ref, began);
        kept.touch(found.commit().name());
        ObjectId commit =
            isHere(current, found) ? found.commit() : fetch(current, exchange, found, ref);
        return current.describe(commit, found.name());
      }
    }
  }

  private static boolean isHere(Store current, Exchange.Found found) throws IOException {
    return current.holds(found.commit())
        && (found.target().equals(found.commit())
            || current.holdsTag(found.commit(), found.target()));
  }

  private Exchange ask(Store current, RefSelector ref, Duration timeout, long began)
      throws GitException {
    try {
      // Ends before the one who waits gives up, so that it is known who was silent.
      Duration silence = timeout.multipliedBy(9).dividedBy(10);
      return Exchange.open(current.repository(), url, connections, ref, silence);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      GitException failure = failures.translate(e);
      report(Operation.LOOK, resultOf(failure), began);
      throw failure;
    }
  }

  private Exchange.Found found(Exchange exchange, RefSelector ref, long began) throws GitException {
    Optional<Exchange.Found> found = exchange.find();
    report(Operation.LOOK, found.isPresent() ? Result.SUCCESS : Result.NOT_FOUND, began);
    return found.orElseThrow(() -> absent(ref, exchange.sawNothing(), exchange.newestVersion()));
  }

  private GitException absent(RefSelector ref, boolean nothing, Optional<String> newest) {
    return new GitException(
        Reason.REF_NOT_FOUND,
        switch (ref) {
          case RefSelector.Head _ ->
              "the repository "
                  + url
                  + " has no commit on its default branch: push one, or name a"
                  + " branch in spec.ref";
          case RefSelector.Branch(String name) ->
              "branch " + name + " does not exist in " + url + (nothing ? "" : ", longer names do");
          case RefSelector.Tag(String name) ->
              "tag " + name + " does not exist in " + url + (nothing ? "" : ", longer names do");
          case RefSelector.Semver(SemverRange range) ->
              "no tag of "
                  + url
                  + " is a version in the range "
                  + range
                  + newest
                      .map(v ->
                          ": the newest version there is "
                              + Text.cut(v, 100)
                              + "; pre-releases count only where the range names one")
                      .orElse(": it has no tag such as v1.2.3");
          case RefSelector.Name(String name) ->
              "the ref "
                  + name
                  + " does not exist in "
                  + url
                  + (nothing ? "" : ", longer names do");
          case RefSelector.Hash(String commit) ->
              url
                  + " does not have the commit "
                  + commit
                  + ", or does not give it by its hash: a tag that points to it can be followed by"
                  + " spec.ref.tag";
        });
  }

  private ObjectId fetch(Store into, Exchange exchange, Exchange.Found found, RefSelector ref)
      throws GitException, IOException, InterruptedException {
    writing.lockInterruptibly();
    try {
      if (into.unusable()) {
        throw new Store.Damaged("the mirror was damaged while it waited for its turn");
      }
      requireRoom(into, found.target());
      into.tidy();
      long began = System.nanoTime();
      ObjectId commit;
      try {
        exchange.fetch(found);
        commit =
            Peeled.commitOf(into.repository(), found.target())
                .orElseThrow(() ->
                    new GitException(
                        Reason.REF_NOT_FOUND,
                        "what spec.ref names in " + url + " is not a commit"));
        into.keep(commit);
        if (!commit.equals(found.target())) {
          into.keepTag(commit, found.target(), found.shortName());
        }
        // Before the lock is left, or a repack would take it away again.
        kept.touch(commit.name());
        tooLarge = null;
      } catch (OverBound e) {
        report(Operation.FETCH, Result.FAILURE, began);
        tooLarge = new TooLarge(found.target(), e);
        throw e;
      } catch (GitException e) {
        report(Operation.FETCH, Result.FAILURE, began);
        throw e;
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        throw fetchFailure(e, ref, began);
      }
      report(Operation.FETCH, Result.SUCCESS, began);
      return commit;
    } finally {
      into.settle();
      writing.unlock();
    }
  }

  /** Damage stays what it is, for it can be repaired. */
  private GitException fetchFailure(Throwable e, RefSelector ref, long began) throws IOException {
    if (Failures.notOurRef(e)) {
      report(Operation.FETCH, Result.NOT_FOUND, began);
      return absent(ref, true, Optional.empty());
    }
    GitException failure = failures.translate(e);
    report(Operation.FETCH, resultOf(failure), began);
    if (e instanceof IOException io && Failures.damage(e)) {
      throw io;
    }
    return failure;
  }

  /** What is known not to fit is not fetched again for nothing. */
  private void requireRoom(Store into, ObjectId target) throws IOException {
    into.repository().requireFree(0);
    TooLarge last = tooLarge;
    if (last != null && last.target().equals(target)) {
      requireRoom(into, last.why(), last.why().worthTrying());
    }
  }

  /** Of what ran into one bound, the disk's own too. */
  static void requireRoom(Store into, OverBound then, long bytes) throws IOException {
    if (then.kind() == OverBound.Kind.OBJECTS) {
      into.repository().requireObjects(then.wanted());
      return;
    }
    into.account().requireRoom(bytes);
    into.repository().requireFree(then.kind() == OverBound.Kind.FREE ? bytes : 0);
  }

  private void report(Operation operation, Result result, long began) {
    listener.request(operation, result, Duration.ofNanos(System.nanoTime() - began));
  }

  private static Result resultOf(GitException failure) {
    if (Thread.currentThread().isInterrupted() || Failures.givenUp(failure)) {
      return Result.TIMEOUT;
    }
    return failure.reason() == Reason.AUTHENTICATION_FAILED ? Result.DENIED : Result.FAILURE;
  }
}
