package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.git.GitException;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.Dependencies;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Stages;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes objects of a change, in stages.
 *
 * <p>Guarantees: an object is written by one thread at a time; what was written is known to {@link
 * SyncState} at once, so that a retry skips it; definitions are usable before what follows them is
 * written. Waits for the API server and for definitions to be established, never for health. One
 * instance a change, one thread.
 */
final class ChangeWriter {
  /** How long a new definition or Namespace may take to become usable. */
  static final Duration DEFINITION_TIMEOUT = Duration.ofSeconds(20);

  /** How long the kind of an established definition may be missing from discovery. */
  private static final Duration SERVED_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration SERVED_PAUSE = Duration.ofMillis(100);

  /** Everything that the work needs. */
  record Tools(Discovery discovery, LiveObjects live, Drifts drifts) {}

  private final Tools tools;
  private final ApplyCalls calls;
  private final Sync sync;
  private final SyncState state;
  private final List<DesiredObject> change;
  private final Set<ObjectKey> changed = ConcurrentHashMap.newKeySet();
  private final Set<ObjectKey> created = ConcurrentHashMap.newKeySet();

  ChangeWriter(
      Tools tools, ApplyCalls calls, Sync sync, SyncState state, List<DesiredObject> change) {
    this.tools = tools;
    this.calls = calls;
    this.sync = sync;
    this.state = state;
    this.change = change;
  }

  /** What differs from before. */
  Set<ObjectKey> changed() {
    return Set.copyOf(changed);
  }

  /** What was not there before. */
  Set<ObjectKey> created() {
    return Set.copyOf(created);
  }

  /** Writes these objects, which have passed their check; returns what was refused. */
  List<Refusal> write(List<DesiredObject> objects) throws InterruptedException {
    watch(objects);
    List<Refusal> refusals = unwatched(objects);
    if (!refusals.isEmpty()) {
      return refusals;
    }
    Stages stages = Stages.of(objects);
    refusals.addAll(writeAll(stages.definitions()));
    if (refusals.isEmpty()) {
      refusals.addAll(awaitDefinitions(stages.definitions()));
    }
    List<DesiredObject> again = new ArrayList<>();
    for (List<DesiredObject> tier : stages.rest()) {
      if (!refusals.isEmpty()) {
        return refusals;
      }
      for (Refusal refusal : writeAll(tier)) {
        if (dependsOnChange(refusal)) {
          again.add(refusal.object());
        } else {
          refusals.add(refusal);
        }
      }
    }
    if (refusals.isEmpty()) {
      // The server may have heard late of what was written just before.
      refusals.addAll(writeAll(again));
    }
    return refusals;
  }

  private boolean dependsOnChange(Refusal refusal) {
    return refusal
        .error()
        .filter(e -> !Dependencies.of(refusal.object(), e, change, Set.of()).isEmpty())
        .isPresent();
  }

  private void watch(Collection<DesiredObject> objects) throws InterruptedException {
    Set<Resource> wanted = calls.resources(objects);
    tools.live().watch(wanted);
    tools.live().awaitListed(wanted, DEFINITION_TIMEOUT);
  }

  /** What may not be watched is not written: neither its health nor its drift would be seen. */
  private List<Refusal> unwatched(List<DesiredObject> objects) {
    Map<GroupKind, Refusal> refusals = new LinkedHashMap<>();
    for (DesiredObject object : objects) {
      GroupKind kind = object.key().groupKind();
      tools
          .live()
          .denied(kind)
          .ifPresent(no ->
              refusals.putIfAbsent(
                  kind, Refusal.unreadable(object, Reason.ACCESS_DENIED, Blindness.lacks(no))));
    }
    return new ArrayList<>(refusals.values());
  }

  private List<Refusal> writeAll(List<DesiredObject> objects) throws InterruptedException {
    return calls.each(
        objects,
        object -> {
          state.claims().await(object.key());
          try {
            switch (calls.write(object)) {
              // Only a check says so.
              case ObjectWriter.Outcome.ToReplace _ ->
                  throw new IllegalStateException("not written");
              case ObjectWriter.Outcome.LeftAlone _ -> state.leaveAlone(object);
              case ObjectWriter.Outcome.Done done -> written(object, done);
            }
          } finally {
            state
                .claims()
                .release(object.key())
                .ifPresent(s -> tools.drifts().judge(sync.key(), object.key(), s));
          }
        });
  }

  private void written(DesiredObject object, ObjectWriter.Outcome.Done done)
      throws ApiException, GitException, BuildException, InterruptedException {
    state.applied(
        object,
        Baseline.of(done.live(), sync.key().fieldManager()),
        calls.warnings(object, state.warnings(object.key())));
    tools.live().get(object.key()).ifPresent(state::sawFinished);
    // An apply that changes nothing writes nothing.
    if (done.wrote()) {
      changed.add(object.key());
    }
    if (done.created()) {
      state.rollback().made(done.live().uid());
      created.add(object.key());
    }
  }

  private List<Refusal> awaitDefinitions(List<DesiredObject> definitions)
      throws InterruptedException {
    List<Refusal> refusals = new ArrayList<>();
    boolean crds = false;
    for (DesiredObject definition : definitions) {
      crds |= definition.key().kind().equals("CustomResourceDefinition");
      if (!tools.live().awaitHealthy(definition.key(), versionOf(definition), DEFINITION_TIMEOUT)) {
        refusals.add(Refusal.notEstablished(definition, DEFINITION_TIMEOUT));
      }
    }
    if (crds) {
      try {
        awaitServed();
      } catch (ApiException e) {
        refusals.add(Refusal.ofSync(e));
      }
    }
    return refusals;
  }

  /** A definition is established some time before the server's discovery tells of its kind. */
  private void awaitServed() throws ApiException, InterruptedException {
    long deadline = System.nanoTime() + SERVED_TIMEOUT.toNanos();
    tools.discovery().refresh();
    while (!change.stream().allMatch(o -> tools.discovery().find(o.gvk()).isPresent())
        && System.nanoTime() < deadline) {
      Pause.of(SERVED_PAUSE);
      tools.discovery().refresh();
    }
  }

  private String versionOf(DesiredObject object) {
    return state
        .held(object.key())
        .flatMap(Held::baseline)
        .map(Baseline::resourceVersion)
        .orElse("0");
  }
}
