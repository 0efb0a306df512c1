package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Labels;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.LastGood;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the last good commit in place of one that did not become healthy.
 *
 * <p>Guarantees: status says so before the first object is written, so that whoever is killed
 * meanwhile goes on with it and does not begin the failed commit again; nothing is decided before
 * Git has the last good commit. One thread a sync.
 */
final class RollbackStep {
  private static final Logger LOG = LoggerFactory.getLogger(RollbackStep.class);

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      Sources sources,
      Builder builder,
      LiveObjects live,
      CommitStep commit,
      ResumeStep resume,
      Reporter reporter,
      SyncReport report,
      Failures failures) {}

  private final Tools tools;
  private final InstantSource clock;

  RollbackStep(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  /** What becomes of the commit that is applied. */
  static RollbackDecision.Verdict verdict(
      Sync sync, SyncState state, HealthView health, Instant now) {
    Optional<Attempt> attempt = state.attempt();
    if (attempt.isEmpty() || state.verifying()) {
      return new RollbackDecision.Verdict.Stands();
    }
    Attempt a = attempt.get();
    RollbackState rollback = state.rollback();
    return RollbackDecision.decide(
        new RollbackDecision.Facts(
            sync.spec().onFailure(),
            a.commit().revision(),
            a.insteadOf().isPresent(),
            rollback.hasWorked(a.target()),
            health.unhealthy().stream().filter(u -> a.blamed().contains(u.key())).toList(),
            a.writtenAt().plus(sync.spec().rolloutTimeout()),
            sync.status().lastGood(),
            sync.status().lastGood().map(g -> rollback.isSameSpec(g.generation())).orElse(false),
            rollback.unavailable(),
            now));
  }

  /** Gives the commit up that is applied, if Git still has the last good one. */
  void begin(Sync sync, SyncState state, RollbackDecision.Verdict.RollBack verdict)
      throws InterruptedException {
    Instant now = clock.instant();
    String to = verdict.to().commit();
    switch (find(sync, verdict.to())) {
      case Found.There _ -> {}
      case Found.Not not -> {
        if (not.reason() == Reason.REF_NOT_FOUND) {
          state.rollback().gone(to, not.message());
        } else {
          state.rollback().unreachable(to, not.message(), now);
        }
        return;
      }
    }
    String reason =
        tools.report().health(state).problems().stream()
            .filter(p -> p.object().equals(verdict.blamed().toString()))
            .findFirst()
            .map(ProblemText::describe)
            .orElse(verdict.blamed() + " is not healthy");
    Revision from = state.attempt().orElseThrow().commit().revision();
    Rollback rollback =
        new Rollback(
            from, verdict.to(), ProblemText.cut(reason), now.truncatedTo(ChronoUnit.SECONDS));
    state.rollback().begin(rollback);
    tools.reporter().rolledBack(sync, rollback);
  }

  /** What became of looking for a commit. */
  private sealed interface Found {
    record There(Commit commit) implements Found {}

    record Not(Reason reason, String message) implements Found {}
  }

  /** The last good commit, which it may cost a fetch to have. */
  private Found find(Sync sync, Revision revision) throws InterruptedException {
    Optional<Mirror> mirror = tools.sources().mirror(sync.key());
    if (mirror.isEmpty()) {
      return new Found.Not(Reason.FETCH_FAILED, "the repository has to be fetched again");
    }
    try {
      Commit found =
          mirror
              .get()
              .look(
                  new RefSelector.Hash(revision.commit()),
                  clock.instant(),
                  sync.spec().fetchTimeout());
      return new Found.There(
          new Commit(revision, found.author(), found.subject(), found.committedAt()));
    } catch (GitException e) {
      return new Found.Not(e.reason(), e.getMessage());
    }
  }

  /**
   * Takes note if the newest commit leaves the sync's folder as the failed one has it: it would
   * only fail again, and in a repository of many syncs at every push to another one.
   */
  void compare(Sync sync, SyncState state) throws InterruptedException {
    Optional<Rollback> inForce = state.rollback().inForce();
    Optional<Commit> newest = tools.sources().seen(sync.key());
    if (inForce.isPresent() && newest.isPresent()) {
      String commit = newest.get().revision().commit();
      if (!state.rollback().hasFailed(commit) && isSameFolder(sync, inForce.get().from(), commit)) {
        state.rollback().sameAsFailed(commit);
      }
    }
  }

  private boolean isSameFolder(Sync sync, Revision failed, String newest)
      throws InterruptedException {
    Optional<Mirror> mirror = tools.sources().mirror(sync.key());
    if (mirror.isEmpty() || find(sync, failed) instanceof Found.Not) {
      return false;
    }
    try {
      tools.builder().requireSigned(sync, mirror.get(), failed.commit());
      tools.builder().requireSigned(sync, mirror.get(), newest);
      String path = sync.spec().path();
      return mirror.get().treeId(failed.commit(), path).equals(mirror.get().treeId(newest, path));
    } catch (GitException | ApiException e) {
      return false;
    }
  }

  /** Checks and writes the last good commit. */
  void apply(Sync sync, SyncState state, Rollback rollback)
      throws ApiException, InterruptedException {
    Sync current = recorded(sync, state, rollback);
    Optional<Commit> to = good(current, state, rollback);
    if (to.isPresent()) {
      tools.commit().apply(current, state, order(current, state, to.get(), rollback));
    }
  }

  /** After a restart: status says that the last good commit is there; each object is verified. */
  void resume(Sync sync, SyncState state, Rollback rollback)
      throws ApiException, InterruptedException {
    Optional<Commit> to = good(sync, state, rollback);
    if (to.isPresent()) {
      tools.resume().resume(sync, state, order(sync, state, to.get(), rollback));
    }
  }

  /**
   * The last good commit, if status says that it is there, and this process has done nothing yet.
   */
  static Optional<Revision> standing(Sync sync, SyncState state) {
    if (state.attempt().isPresent() || state.rollback().isLeftStanding()) {
      return Optional.empty();
    }
    return sync.status()
        .lastGood()
        .filter(g -> state.rollback().isSameSpec(g.generation()))
        .map(LastGood::revision)
        .filter(r -> sync.status().applied().filter(a -> a.revision().equals(r)).isPresent());
  }

  /**
   * After a restart: a newer commit cannot be applied, and what the last good one made of the
   * cluster is kept up meanwhile, but for what another sync was given since. Once; where Git does
   * not give that commit it is left as it is.
   */
  void keepUp(Sync sync, SyncState state, Revision standing)
      throws ApiException, InterruptedException {
    Optional<Failed> newer = state.failed();
    switch (find(sync, standing)) {
      case Found.There(Commit commit) ->
          tools
              .resume()
              .resume(
                  sync,
                  state,
                  new CommitStep.Order(
                      commit,
                      Optional.empty(),
                      build -> build.without(key -> isAnothers(sync, key))));
      case Found.Not not ->
          LOG.atInfo()
              .addKeyValue(LogKeys.SYNC, sync.key())
              .addKeyValue(LogKeys.REVISION, standing.shortForm())
              .addKeyValue(LogKeys.DETAIL, not.message())
              .log("What runs is not kept up until a newer commit is applied");
    }
    state.rollback().leaveStanding();
    // Whatever became of the old commit, what is told is why the newer one is not there.
    newer.ifPresentOrElse(state::fail, state::forgive);
  }

  /** Has status say that the rollback is under way. */
  private Sync recorded(Sync sync, SyncState state, Rollback rollback)
      throws ApiException, InterruptedException {
    boolean said =
        sync.status()
            .rollback()
            .filter(r -> r.from().equals(rollback.from()) && r.to().equals(rollback.to()))
            .isPresent();
    if (said) {
      return sync;
    }
    tools.report().write(sync, state, Phase.APPLYING, Optional.empty());
    return tools.syncs().valid(sync.key()).orElse(sync);
  }

  private Optional<Commit> good(Sync sync, SyncState state, Rollback rollback)
      throws InterruptedException {
    return switch (find(sync, rollback.to())) {
      case Found.There there -> Optional.of(there.commit());
      case Found.Not not -> {
        Target target = new Target(rollback.to().commit(), sync.generation());
        Problem problem =
            new Problem("", "", 0, not.reason().toString(), not.message(), clock.instant());
        // A remote that does not have it now may have it again, after a push.
        tools
            .failures()
            .passing(
                state,
                target,
                new Failure(
                    not.reason(),
                    not.message(),
                    List.of(problem),
                    1,
                    not.reason() == Reason.REF_NOT_FOUND));
        yield Optional.empty();
      }
    };
  }

  private CommitStep.Order order(Sync sync, SyncState state, Commit to, Rollback rollback) {
    return new CommitStep.Order(
        to, Optional.of(rollback.from()), good -> build(sync, state, good, rollback));
  }

  private Build build(Sync sync, SyncState state, Build good, Rollback rollback)
      throws GitException, BuildException, ApiException, InterruptedException {
    Target failed = new Target(rollback.from().commit(), sync.generation());
    Optional<Build> known =
        state.applied().filter(b -> b.target().equals(failed) && b.knowsAllKinds());
    Mirror mirror = tools.sources().mirror(sync.key()).orElseThrow();
    if (known.isEmpty()) {
      // After a restart it may have to be fetched; what it cannot be built from says so below.
      var _ = find(sync, rollback.from());
    }
    Build bad =
        known.isPresent()
            ? known.get()
            : tools.builder().build(sync, mirror, failed, Optional.of(good));
    RollbackBuild build =
        RollbackBuild.of(
            good, bad, object -> isWritten(state, object), key -> isAnothers(sync, key));
    state.rollback().builds(build);
    return build.build();
  }

  private boolean isWritten(SyncState state, DesiredObject object) {
    Optional<Held> held = state.held(object.key());
    Optional<Baseline> baseline = held.flatMap(Held::baseline);
    return baseline.isPresent()
        ? held.filter(h -> h.desired().sameContentAs(object)).isPresent()
        : tools.live().get(object.key()).isPresent();
  }

  private boolean isAnothers(Sync sync, ObjectKey key) {
    return tools
        .live()
        .get(key)
        .filter(o -> !o.partOf().equals(Labels.applySetId(sync.key())))
        .flatMap(o -> tools.syncs().owner(o.partOf()))
        .isPresent();
  }
}
