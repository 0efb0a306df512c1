package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Schemas;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.manifest.Finding;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what is to be put into the cluster, keeps it at hand, and takes note when it cannot be
 * read. One thread a sync.
 */
final class BuildStep {
  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparing(Problem::file)
          .thenComparingInt(Problem::line)
          .thenComparingInt(Problem::column);

  /** What is made of the build of a commit before it is applied. */
  interface Change {
    Build of(Build build) throws GitException, BuildException, ApiException, InterruptedException;
  }

  private final Tenancy tenancy;
  private final Sources sources;
  private final Builder builder;
  private final Schemas schemas;
  private final Failures failures;
  private final InstantSource clock;

  BuildStep(
      Tenancy tenancy,
      Sources sources,
      Builder builder,
      Schemas schemas,
      Failures failures,
      InstantSource clock) {
    this.tenancy = tenancy;
    this.sources = sources;
    this.builder = builder;
    this.schemas = schemas;
    this.failures = failures;
    this.clock = clock;
  }

  /** Reads a commit as it is. */
  Optional<Build> build(Sync sync, SyncState state, Target target)
      throws ApiException, InterruptedException {
    return build(sync, state, target, made -> made);
  }

  /**
   * Reads a commit.
   *
   * @param change what is made of it before it is applied
   * @return the objects; absent when it cannot be read, which is noted then
   */
  Optional<Build> build(Sync sync, SyncState state, Target target, Change change)
      throws ApiException, InterruptedException {
    Optional<String> refusal = tenancy.refusal(sync.key(), sync.spec().serviceAccountName());
    if (refusal.isPresent()) {
      failed(state, target, Reason.ACCESS_DENIED, refusal.get());
      return Optional.empty();
    }
    Optional<Mirror> mirror = sources.mirror(sync.key());
    if (mirror.isEmpty()) {
      failed(state, target, Reason.FETCH_FAILED, "the repository has to be fetched again");
      return Optional.empty();
    }
    try {
      Build build = change.of(builder.build(sync, mirror.get(), target, state.build()));
      state.built(build);
      return Optional.of(build);
    } catch (GitException e) {
      failed(state, target, e.reason(), e.getMessage());
      return Optional.empty();
    } catch (BuildException e) {
      Instant now = clock.instant();
      List<Problem> problems = new ArrayList<>();
      e.findings().forEach(f -> problems.add(problem(f, e.reason(), now)));
      problems.addAll(new SchemaFindings(schemas).certain(e.readable(), e.reason(), now));
      problems.sort(BY_PLACE);
      failures.lasting(
          state,
          target,
          new Failure(e.reason(), Failure.summary(problems), problems, problems.size(), true));
      return Optional.empty();
    }
  }

  private void failed(SyncState state, Target target, Reason reason, String message) {
    boolean mayPass = reason == Reason.FETCH_FAILED;
    Failure failure =
        new Failure(
            reason,
            message,
            List.of(new Problem("", "", 0, reason.toString(), message, clock.instant())),
            1,
            !mayPass);
    if (mayPass) {
      failures.passing(state, target, failure);
    } else {
      failures.lasting(state, target, failure);
    }
  }

  private static Problem problem(Finding finding, Reason reason, Instant now) {
    Origin origin = finding.origin();
    return new Problem("", origin.file(), origin.line(), reason.toString(), finding.message(), now);
  }

  /** Keeps what repairs and a rollback read from. */
  void pin(Sync sync, SyncState state, Target target) {
    Set<String> commits = new HashSet<>(Set.of(target.commit()));
    sync.status().lastGood().ifPresent(good -> commits.add(good.revision().commit()));
    sources
        .mirror(state.key())
        .ifPresent(mirror -> {
          commits.forEach(mirror::pin);
          state.pin(commits).forEach(mirror::unpin);
        });
  }
}
