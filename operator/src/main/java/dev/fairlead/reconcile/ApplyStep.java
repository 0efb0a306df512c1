package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Applier;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.cluster.ApplyResult;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.git.GitException;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Stages;
import dev.fairlead.reconcile.SyncState.Held;
import dev.fairlead.runtime.BoundedExecutor;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checks a whole change and writes it.
 *
 * <p>Guarantees: nothing is written before everything that can be checked beforehand has passed;
 * the inventory names every kind and namespace before the first object is written; what was written
 * is known to {@link SyncState} at once, so that a retry skips it. One instance a change, one
 * thread; it waits for the API server and for definitions to be established, never for health.
 */
final class ApplyStep {
  /** How long a new definition or Namespace may take to become usable. */
  static final Duration DEFINITION_TIMEOUT = Duration.ofSeconds(20);

  /** How long the kind of an established definition may be missing from discovery. */
  private static final Duration SERVED_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration SERVED_PAUSE = Duration.ofMillis(100);

  /** How often a request is sent when the server asks for patience, and the pauses between. */
  private static final int TRIES = 5;

  private static final Duration THROTTLED = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration WATCH_DELAY = Duration.ofMillis(200);

  /** How many requests one sync has under way at once. */
  static final int CONCURRENCY = 16;

  /** What became of the change. */
  sealed interface Outcome {
    /** All of it is written. */
    record Written(Set<ObjectKey> changed, int created, int updated, List<String> warnings)
        implements Outcome {}

    /**
     * It was refused.
     *
     * @param retryable whether the same change may pass later without anybody touching it
     */
    record Refused(Reason reason, List<Refusal> refusals, boolean retryable) implements Outcome {}
  }

  /** Everything that the work needs beside the change itself. */
  record Tools(
      Applier applier,
      Discovery discovery,
      LiveObjects live,
      Bodies bodies,
      SyncWriter writer,
      Syncs syncs,
      Drifts drifts,
      BoundedExecutor requests) {}

  private final Tools tools;
  private final Sync sync;
  private final SyncState state;
  private final Build build;
  private final List<DesiredObject> apply;
  private final Map<ObjectKey, Resource> resources = new ConcurrentHashMap<>();
  private final Set<ObjectKey> changed = ConcurrentHashMap.newKeySet();
  private final Set<ObjectKey> created = ConcurrentHashMap.newKeySet();
  private final Set<String> warnings = ConcurrentHashMap.newKeySet();
  private final Set<String> missingNamespaces = ConcurrentHashMap.newKeySet();

  ApplyStep(Tools tools, Sync sync, SyncState state, Build build, List<DesiredObject> apply) {
    this.tools = tools;
    this.sync = sync;
    this.state = state;
    this.build = build;
    this.apply = List.copyOf(apply);
  }

  Outcome run() throws InterruptedException {
    Stages stages = Stages.of(apply);
    Set<GroupKind> defined = definedKinds(stages);
    List<Refusal> unknown = resolve(apply, defined);
    if (!unknown.isEmpty()) {
      return refused(unknown);
    }

    // What the definitions' dry run creates does not exist yet, and neither can what depends on it.
    List<Refusal> refusals = new ArrayList<>(dryRun(stages.definitions()));
    Set<ObjectKey> deferred = Stages.deferred(apply, defined, missingNamespaces);
    List<DesiredObject> rest = stages.rest().stream().flatMap(List::stream).toList();
    List<DesiredObject> now = rest.stream().filter(o -> !deferred.contains(o.key())).toList();
    List<DesiredObject> later =
        new ArrayList<>(rest.stream().filter(o -> deferred.contains(o.key())).toList());
    for (Refusal refusal : dryRun(now)) {
      if (refusal.namesOneOf(apply)) {
        later.add(refusal.object());
      } else {
        refusals.add(refusal);
      }
    }
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }

    try {
      widen();
    } catch (ApiException e) {
      return refused(List.of(Refusal.ofSync(e)));
    }
    watch(apply);

    refusals.addAll(write(stages.definitions()));
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    refusals.addAll(awaitDefinitions(stages.definitions(), later));
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    refusals.addAll(resolve(later, Set.of()));
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    watch(later);
    return writeRest(stages, later);
  }

  private Outcome writeRest(Stages stages, List<DesiredObject> later) throws InterruptedException {
    List<Refusal> refusals = new ArrayList<>();
    for (Refusal refusal : dryRun(later)) {
      // What still waits for another object of this change is decided by the write itself.
      if (!refusal.namesOneOf(apply)) {
        refusals.add(refusal);
      }
    }
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    List<DesiredObject> again = new ArrayList<>();
    for (List<DesiredObject> rank : stages.rest()) {
      for (Refusal refusal : write(rank)) {
        if (refusal.namesOneOf(apply)) {
          again.add(refusal.object());
        } else {
          refusals.add(refusal);
        }
      }
      if (!refusals.isEmpty()) {
        return refused(refusals);
      }
    }
    // What was refused for the sake of another object of this change is tried again after it.
    refusals.addAll(write(again));
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    return new Outcome.Written(
        Set.copyOf(changed),
        created.size(),
        changed.size() - created.size(),
        List.copyOf(new TreeSet<>(warnings)));
  }

  /** The kinds that the change's own definitions bring or alter. */
  private Set<GroupKind> definedKinds(Stages stages) {
    Set<GroupKind> kinds = new HashSet<>();
    for (DesiredObject definition : stages.definitions()) {
      if (definition.key().kind().equals("CustomResourceDefinition")) {
        kinds.addAll(build.definedKinds());
      }
    }
    return kinds;
  }

  private List<Refusal> resolve(List<DesiredObject> objects, Set<GroupKind> comingKinds)
      throws InterruptedException {
    List<Refusal> unknown = new ArrayList<>();
    for (DesiredObject object : objects) {
      try {
        Optional<Resource> resource = tools.discovery().resolve(object.gvk());
        if (resource.isPresent()) {
          resources.put(object.key(), resource.get());
        } else if (!comingKinds.contains(object.key().groupKind())) {
          unknown.add(Refusal.unknownKind(object));
        }
      } catch (ApiException e) {
        unknown.add(Refusal.of(object, build, e));
      }
    }
    return unknown;
  }

  /** Names all kinds and namespaces of before and after; a crash from now on leaves no orphan. */
  private void widen() throws ApiException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        // A report of ours that came between reading and writing would be a conflict with
        // ourselves.
        synchronized (state.reporting()) {
          Sync current = tools.syncs().valid(sync.key()).orElse(sync);
          Inventory before =
              MetadataPatch.inventory(current.metadata(), current.status().inventory());
          tools
              .writer()
              .adopt(current.metadata(), before.union(inventoryOf(build.desired())))
              .ifPresent(live -> tools.syncs().wroteMetadata(sync.key(), live, true));
        }
        return;
      } catch (ApiException e) {
        if (attempt == TRIES || !(e.error() instanceof ApiError.StaleVersion)) {
          throw e;
        }
        // Somebody else was faster; the watch is about to show what they wrote.
        Pause.of(WATCH_DELAY);
      }
    }
  }

  static Inventory inventoryOf(Collection<DesiredObject> objects) {
    return new Inventory(
        objects.stream().map(o -> o.key().groupKind()).distinct().toList(),
        objects.stream()
            .map(o -> o.key().namespace())
            .filter(n -> !n.isEmpty())
            .distinct()
            .toList());
  }

  private void watch(List<DesiredObject> objects) throws InterruptedException {
    Set<Resource> wanted = new HashSet<>();
    for (DesiredObject object : objects) {
      Resource resource = resources.get(object.key());
      if (resource != null) {
        wanted.add(resource);
      }
    }
    tools.live().watch(wanted);
    tools.live().awaitListed(wanted, DEFINITION_TIMEOUT);
  }

  private List<Refusal> dryRun(List<DesiredObject> objects) throws InterruptedException {
    return each(
        objects,
        object -> {
          ApplyResult result = send(object, true);
          if (result.created() && object.key().kind().equals("Namespace")) {
            missingNamespaces.add(object.key().name());
          }
          warnings.addAll(result.warnings().stream().map(w -> object.origin() + ": " + w).toList());
        });
  }

  private List<Refusal> write(List<DesiredObject> objects) throws InterruptedException {
    return each(
        objects,
        object -> {
          state.awaitClaim(object.key());
          try {
            Optional<String> before = tools.live().get(object.key()).map(Observed::resourceVersion);
            ApplyResult result = send(object, false);
            Baseline baseline = Baseline.of(result.live(), sync.key().fieldManager());
            state.applied(object, baseline);
            tools.live().get(object.key()).ifPresent(state::sawFinished);
            // An apply that changes nothing writes nothing.
            if (!before.equals(Optional.of(baseline.resourceVersion()))) {
              changed.add(object.key());
            }
            if (result.created()) {
              created.add(object.key());
            }
          } finally {
            state
                .release(object.key())
                .ifPresent(s -> tools.drifts().judge(sync.key(), object.key(), s));
          }
        });
  }

  private ApplyResult send(DesiredObject object, boolean dryRun)
      throws ApiException, RivalException, GitException, BuildException, InterruptedException {
    Resource resource = resources.get(object.key());
    if (resource == null) {
      throw new IllegalStateException("resolved before: " + object.key());
    }
    byte[] body = tools.bodies().manifest(sync, build, object).body().toBytes();
    for (int attempt = 1; ; attempt++) {
      try {
        return tools.applier().apply(resource, object.key(), body, sync.key(), false, dryRun);
      } catch (ApiException e) {
        if (attempt == TRIES || !(e.error() instanceof ApiError.Throttled throttled)) {
          throw e;
        }
        Duration wanted = throttled.retryAfter().orElse(THROTTLED);
        Pause.of(wanted.compareTo(LONGEST_PAUSE) < 0 ? wanted : LONGEST_PAUSE);
      }
    }
  }

  private interface Send {
    void send(DesiredObject object)
        throws ApiException, RivalException, GitException, BuildException, InterruptedException;
  }

  private List<Refusal> each(List<DesiredObject> objects, Send send) throws InterruptedException {
    Map<ObjectKey, Refusal> refusals = new ConcurrentHashMap<>();
    List<BoundedExecutor.Outcome.Failure<DesiredObject, Void>> failures =
        tools
            .requests()
            .forEach(
                objects,
                CONCURRENCY,
                object -> {
                  try {
                    send.send(object);
                  } catch (ApiException e) {
                    refusals.put(object.key(), Refusal.of(object, build, e));
                  } catch (RivalException e) {
                    refusals.put(object.key(), Refusal.rival(object, e));
                  } catch (GitException e) {
                    refusals.put(
                        object.key(), Refusal.unreadable(object, e.reason(), e.getMessage()));
                  } catch (BuildException e) {
                    refusals.put(
                        object.key(), Refusal.unreadable(object, e.reason(), e.getMessage()));
                  }
                });
    if (!failures.isEmpty()) {
      throw new IllegalStateException(
          "unexpected while applying " + failures.getFirst().item().key(),
          failures.getFirst().cause());
    }
    // In the order of the files, whatever the order of the answers.
    return objects.stream().map(o -> refusals.get(o.key())).filter(r -> r != null).toList();
  }

  private List<Refusal> awaitDefinitions(List<DesiredObject> definitions, List<DesiredObject> later)
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
        awaitServed(later);
      } catch (ApiException e) {
        refusals.add(Refusal.ofSync(e));
      }
    }
    return refusals;
  }

  /** A definition is established some time before the server's discovery tells of its kind. */
  private void awaitServed(List<DesiredObject> objects) throws ApiException, InterruptedException {
    long deadline = System.nanoTime() + SERVED_TIMEOUT.toNanos();
    tools.discovery().refresh();
    while (!objects.stream().allMatch(o -> tools.discovery().find(o.gvk()).isPresent())
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

  private static Outcome refused(List<Refusal> refusals) {
    Map<Reason, Integer> votes = new HashMap<>();
    boolean retryable = true;
    for (Refusal refusal : refusals) {
      votes.merge(refusal.reason(), 1, Integer::sum);
      retryable &= refusal.retryable();
    }
    // What a person has to do something about goes before what may pass by itself.
    for (Reason reason :
        List.of(Reason.VALIDATION_FAILED, Reason.ACCESS_DENIED, Reason.OWNED_ELSEWHERE)) {
      if (votes.containsKey(reason)) {
        return new Outcome.Refused(reason, refusals, retryable);
      }
    }
    return new Outcome.Refused(refusals.getFirst().reason(), refusals, retryable);
  }
}
