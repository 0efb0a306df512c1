package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.SyncCycle;
import dev.fairlead.plan.SyncDependency;
import dev.fairlead.plan.SyncDependency.Existence;
import dev.fairlead.plan.SyncDependency.Look;
import dev.fairlead.plan.SyncDependency.SameRef;
import dev.fairlead.plan.SyncDependency.Verdict;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Holds a commit back until the GitSyncs that {@code spec.dependsOn} names are Ready.
 *
 * <p>Guarantees: no worker waits; a sync that is held back is called as soon as one of those that
 * it waits for changes, and a look at Git that it needs is asked for once. Everything here may be
 * lost. Any thread may call it, of one sync one at a time.
 */
final class DependencyGate {
  /**
   * The commit has to wait.
   *
   * @param soon whether what it waits for is under way
   * @param since when that began
   */
  record Closed(Failure failure, boolean soon, Instant since) {}

  /** Since when a sync waits before a target, and whether looks were asked for. */
  private record Waiting(Target target, Instant since, boolean asked) {}

  private final Syncs syncs;
  private final Sources sources;
  private final LiveObjects live;
  private final Dependents dependents;
  private final boolean crossNamespace;
  private final InstantSource clock;
  private final Map<SyncKey, Waiting> waiting = new ConcurrentHashMap<>();

  /**
   * @param crossNamespace whether a sync may depend on one of another namespace
   */
  DependencyGate(
      Syncs syncs,
      Sources sources,
      LiveObjects live,
      Dependents dependents,
      boolean crossNamespace,
      InstantSource clock) {
    this.syncs = syncs;
    this.sources = sources;
    this.live = live;
    this.dependents = dependents;
    this.crossNamespace = crossNamespace;
    this.clock = clock;
  }

  /** Nothing while the commit may be applied under this spec. */
  Optional<Closed> closed(Sync sync, Commit commit) {
    List<SyncKey> dependencies = sync.spec().dependsOn();
    if (dependencies.isEmpty()) {
      open(sync.key());
      return Optional.empty();
    }
    Target target = new Target(commit.revision().commit(), sync.generation());
    Instant now = clock.instant();
    Waiting since =
        waiting.compute(
            sync.key(),
            (k, known) ->
                known != null && known.target().equals(target)
                    ? known
                    : new Waiting(target, now, false));
    // Before the others are looked at: what changes from now on is heard.
    dependents.await(sync.key(), dependencies);
    Optional<Failure> refused = refused(sync);
    if (refused.isPresent()) {
      return Optional.of(new Closed(refused.get(), false, since.since()));
    }
    List<Problem> problems = new ArrayList<>();
    boolean soon = true;
    for (SyncKey dependency : dependencies) {
      if (SyncDependency.decide(facts(sync, dependency, commit.revision()))
          instanceof Verdict.Waits waits) {
        soon &= waits.soon();
        problems.add(problem(dependency, "waits for GitSync " + waits.sentence(), since.since()));
        ask(sync.key(), dependency, waits.look(), since);
      }
    }
    if (problems.isEmpty()) {
      open(sync.key());
      return Optional.empty();
    }
    String first = problems.getFirst().message();
    int more = problems.size() - 1;
    return Optional.of(
        new Closed(
            new Failure(
                Reason.DEPENDENCY_NOT_READY,
                commit.revision().shortForm()
                    + " "
                    + first
                    + (more == 0 ? "" : " (and for " + more + " more)"),
                problems,
                problems.size(),
                false),
            soon,
            since.since()));
  }

  /** A sync waits for nothing. */
  void open(SyncKey sync) {
    if (waiting.remove(sync) != null) {
      dependents.forget(sync);
    }
  }

  /** A sync is gone; those that depend on it hear of it. */
  void gone(SyncKey sync) {
    open(sync);
    dependents.changed(sync);
  }

  private void ask(SyncKey sync, SyncKey dependency, Look look, Waiting since) {
    if (look == Look.NOBODY || since.asked()) {
      return;
    }
    sources.ask(look == Look.DEPENDENCY ? dependency : sync);
    waiting.computeIfPresent(
        sync,
        (k, known) ->
            known.equals(since) ? new Waiting(known.target(), known.since(), true) : known);
  }

  /** What no change elsewhere makes right. */
  private Optional<Failure> refused(Sync sync) {
    if (!crossNamespace) {
      Optional<SyncKey> foreign =
          sync.spec().dependsOn().stream()
              .filter(d -> !d.namespace().equals(sync.key().namespace()))
              .findFirst();
      if (foreign.isPresent()) {
        return Optional.of(
            failure(
                Reason.ACCESS_DENIED,
                foreign.get(),
                "spec.dependsOn names "
                    + foreign.get()
                    + ", but this operator was started with --no-cross-namespace-refs: a GitSync"
                    + " may depend on those of its own namespace only"));
      }
    }
    return SyncCycle.through(sync.key(), sync.spec().dependsOn(), this::waitsFor)
        .map(cycle ->
            failure(
                Reason.DEPENDENCY_NOT_READY,
                cycle.get(1),
                "spec.dependsOn goes in a circle, so that none of these can be the first: "
                    + cycle.stream().map(SyncKey::toString).collect(Collectors.joining(" -> "))
                    + contained(cycle)));
  }

  private Failure failure(Reason reason, SyncKey dependency, String message) {
    Instant now = clock.instant();
    Problem problem = new Problem("GitSync " + dependency, "", 0, reason.toString(), message, now);
    return new Failure(reason, message, List.of(problem), 1, true);
  }

  private static Problem problem(SyncKey dependency, String message, Instant since) {
    return new Problem(
        "GitSync " + dependency, "", 0, Reason.DEPENDENCY_NOT_READY.toString(), message, since);
  }

  /** What a sync waits for before it is Ready: its dependencies, and the GitSyncs that it has. */
  private Collection<SyncKey> waitsFor(SyncKey key) {
    List<SyncKey> all = new ArrayList<>(children(key));
    syncs.valid(key).ifPresent(s -> all.addAll(s.spec().dependsOn()));
    return all;
  }

  private List<SyncKey> children(SyncKey key) {
    return live.members(key).stream()
        .map(Observed::key)
        .filter(k -> k.groupKind().equals(SyncWriter.GITSYNCS.groupKind()))
        .map(k -> new SyncKey(k.namespace(), k.name()))
        .filter(k -> !k.equals(key))
        .toList();
  }

  /** Which steps of a circle nobody has written down: a GitSync that contains another. */
  private String contained(List<SyncKey> cycle) {
    StringBuilder told = new StringBuilder();
    for (int i = 1; i + 1 < cycle.size(); i++) {
      SyncKey one = cycle.get(i);
      SyncKey next = cycle.get(i + 1);
      boolean written =
          syncs.valid(one).filter(s -> s.spec().dependsOn().contains(next)).isPresent();
      if (!written) {
        told.append(told.isEmpty() ? " (" : ", ")
            .append(one)
            .append(" contains the GitSync ")
            .append(next)
            .append(" and is not Ready before it");
      }
    }
    return told.isEmpty() ? "" : told.append(')').toString();
  }

  private SyncDependency.Facts facts(Sync sync, SyncKey dependency, Revision wanted) {
    Optional<SyncReading> reading = syncs.get(dependency);
    boolean foreign = !dependency.namespace().equals(sync.key().namespace());
    if (reading.isEmpty()) {
      return new SyncDependency.Facts(
          dependency, Existence.MISSING, foreign, 0, Optional.empty(), Optional.empty());
    }
    SyncStatus status = reading.get().status();
    Existence existence =
        reading.get().metadata().deleting()
            ? Existence.DELETING
            : switch (reading.get()) {
              case SyncReading.Malformed _ -> Existence.MALFORMED;
              case SyncReading.Valid valid ->
                  valid.sync().spec().suspend() ? Existence.SUSPENDED : Existence.AT_WORK;
            };
    Optional<SameRef> sameRef =
        syncs
            .valid(dependency)
            .filter(d -> Siblings.follow(d.spec(), sync.spec()))
            .map(d ->
                new SameRef(
                    wanted,
                    // After a restart status knows before the first look does.
                    sources
                        .seen(dependency)
                        .or(() -> status.source().map(SyncStatus.Source::commit))
                        .map(Commit::revision)
                        .map(r -> sameCommit(r, wanted)),
                    sources.lookedSince(dependency).isAfter(sources.lookedSince(sync.key())),
                    status
                        .applied()
                        .map(SyncStatus.Applied::revision)
                        .map(r -> sameCommit(r, wanted))));
    return new SyncDependency.Facts(
        dependency,
        existence,
        foreign,
        reading.get().metadata().generation(),
        status.condition(Condition.Type.READY),
        sameRef);
  }

  /** One commit may be known by the names of several refs. */
  private static Revision sameCommit(Revision revision, Revision wanted) {
    return revision.commit().equals(wanted.commit()) ? wanted : revision;
  }
}
