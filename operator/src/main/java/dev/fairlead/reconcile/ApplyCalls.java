package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.git.GitException;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Ownership;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.runtime.BoundedExecutor;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends the applies of one change, side by side, and makes refusals of what the API server says.
 *
 * <p>Guarantees: patient with a server that asks for patience; refusals come in the order of the
 * objects, whatever the order of the answers. One instance a change, one thread.
 */
final class ApplyCalls {
  /** How many requests one sync has under way at once. */
  static final int CONCURRENCY = 16;

  /** How often a request is sent when the server asks for patience, and the pauses between. */
  private static final int TRIES = 5;

  private static final Duration THROTTLED = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** Everything that the work needs. */
  record Tools(
      ObjectWriter objects,
      Replacer replacer,
      Reporter reporter,
      Tenancy tenancy,
      Discovery discovery,
      LiveObjects live,
      Bodies bodies,
      BoundedExecutor requests) {}

  /** What is done with one object. */
  interface Call {
    void call(DesiredObject object)
        throws ApiException, RivalException, GitException, BuildException, InterruptedException;
  }

  /** Asks the server what writing an object would do. */
  interface Check {
    ObjectWriter.Outcome check(ObjectWriter.Order order)
        throws ApiException, RivalException, InterruptedException;
  }

  private final Tools tools;
  private final ObjectWriter objects;
  private final Check check;
  private final Replacer replacer;
  private final Sync sync;
  private final Build build;
  private final Map<ObjectKey, Resource> resources = new ConcurrentHashMap<>();
  private final Map<ObjectKey, Set<String>> warnings = new ConcurrentHashMap<>();
  private final Set<ObjectKey> toAdopt = ConcurrentHashMap.newKeySet();
  private final Set<ObjectKey> leftAlone = ConcurrentHashMap.newKeySet();
  private final Map<ObjectKey, String> toReplace = new ConcurrentHashMap<>();

  /** One object at a time is replaced. */
  private final ReentrantLock replacing = new ReentrantLock();

  ApplyCalls(Tools tools, Sync sync, Build build) {
    this(tools, sync, build, Optional.empty());
  }

  /** For a change that is checked in another way than usual. */
  ApplyCalls(Tools tools, Sync sync, Build build, Optional<Check> check) {
    this.tools = tools;
    this.objects = tools.objects().as(tools.tenancy().identity(sync));
    this.check = check.orElse(objects::check);
    this.replacer = tools.replacer().as(tools.tenancy().identity(sync));
    this.sync = sync;
    this.build = build;
  }

  /**
   * Finds out how the kinds of these objects are served; to be done before anything is sent.
   *
   * @param comingKinds kinds that the change itself brings, which need not be served yet
   */
  List<Refusal> resolve(Collection<DesiredObject> objects, Set<GroupKind> comingKinds)
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

  /** How the kinds of these objects are served, as far as known. */
  Set<Resource> resources(Collection<DesiredObject> objects) {
    Set<Resource> known = new HashSet<>();
    for (DesiredObject object : objects) {
      Resource resource = resources.get(object.key());
      if (resource != null) {
        known.add(resource);
      }
    }
    return known;
  }

  /** The manifest of one object; nothing when it cannot be read again. */
  Optional<Manifest> manifest(DesiredObject object) throws InterruptedException {
    try {
      return Optional.of(tools.bodies().manifest(sync, build, object));
    } catch (GitException | BuildException | ApiException e) {
      // Sending it will fail in the same way, and tell why.
      return Optional.empty();
    }
  }

  /** Asks the server what writing one object would do. */
  ObjectWriter.Outcome check(DesiredObject object)
      throws ApiException, RivalException, GitException, BuildException, InterruptedException {
    ObjectWriter.Order order = order(object);
    ObjectWriter.Outcome outcome = patiently(object.key(), () -> checked(order));
    if (outcome instanceof ObjectWriter.Outcome.LeftAlone) {
      leftAlone.add(object.key());
    }
    if (outcome instanceof ObjectWriter.Outcome.Done done
        && !done.created()
        && !isMember(object.key())
        && Ownership.hasAdoptable(done.live(), sync.key().fieldManager())) {
      toAdopt.add(object.key());
    }
    return outcome;
  }

  /** Writes one object, which has been checked. */
  ObjectWriter.Outcome write(DesiredObject object)
      throws ApiException, RivalException, GitException, BuildException, InterruptedException {
    if (leftAlone.contains(object.key())) {
      return new ObjectWriter.Outcome.LeftAlone();
    }
    ObjectWriter.Order order = order(object);
    String because = toReplace.get(object.key());
    if (because != null) {
      return replace(object, order, because);
    }
    String before = tools.live().get(object.key()).map(Observed::resourceVersion).orElse("");
    return patiently(object.key(), () -> objects.write(order, Optional.empty(), before));
  }

  private ObjectWriter.Outcome checked(ObjectWriter.Order order)
      throws ApiException, RivalException, InterruptedException {
    try {
      return check.check(order);
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.ImmutableField because)) {
        throw e;
      }
      if (!order.treatment().replaceable()) {
        throw e;
      }
      replacer.check(order, because);
      toReplace.put(
          order.key(), because.causes().isEmpty() ? "" : because.causes().getFirst().field());
      return new ObjectWriter.Outcome.ToReplace();
    }
  }

  /** What was found to be replaceable only, with the field that cannot be changed. */
  Map<ObjectKey, String> toReplace() {
    return Map.copyOf(toReplace);
  }

  private ObjectWriter.Outcome replace(
      DesiredObject object, ObjectWriter.Order order, String because)
      throws ApiException, RivalException, InterruptedException {
    replacing.lockInterruptibly();
    try {
      replacer.makeRoom(order);
      ObjectWriter.Outcome outcome =
          patiently(object.key(), () -> objects.write(order, Optional.empty(), ""));
      tools.reporter().replaced(sync, object, because);
      return outcome;
    } finally {
      replacing.unlock();
    }
  }

  private boolean isMember(ObjectKey key) {
    return tools.live().get(key).filter(Observed::proven).isPresent();
  }

  private ObjectWriter.Order order(DesiredObject object)
      throws ApiException, GitException, BuildException, InterruptedException {
    Resource resource = resources.get(object.key());
    if (resource == null) {
      throw new IllegalStateException("resolved before: " + object.key());
    }
    return new ObjectWriter.Order(
        resource,
        sync.key(),
        tools.bodies().manifest(sync, build, object),
        LeftAlone.treatment(sync.key(), object, tools.live().get(object.key())),
        toAdopt.contains(object.key()),
        false,
        Optional.empty());
  }

  private interface Request {
    ObjectWriter.Outcome send() throws ApiException, RivalException, InterruptedException;
  }

  private ObjectWriter.Outcome patiently(ObjectKey key, Request request)
      throws ApiException, RivalException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        ObjectWriter.Outcome outcome = request.send();
        if (outcome instanceof ObjectWriter.Outcome.Done done && !done.warnings().isEmpty()) {
          warnings.computeIfAbsent(key, k -> ConcurrentHashMap.newKeySet()).addAll(done.warnings());
        }
        return outcome;
      } catch (ApiException e) {
        if (attempt == TRIES || !(e.error() instanceof ApiError.Throttled throttled)) {
          throw e;
        }
        Duration wanted = throttled.retryAfter().orElse(THROTTLED);
        Pause.of(wanted.compareTo(LONGEST_PAUSE) < 0 ? wanted : LONGEST_PAUSE);
      }
    }
  }

  /**
   * What the server has warned of about an object, now or when it was written before.
   *
   * @param before what was kept then
   */
  List<ServerWarning> warnings(DesiredObject object, List<ServerWarning> before)
      throws ApiException, GitException, BuildException, InterruptedException {
    Set<String> said = warnings.getOrDefault(object.key(), Set.of());
    return said.isEmpty() && before.isEmpty()
        ? List.of()
        : ServerWarning.of(before, tools.bodies().manifest(sync, build, object), said);
  }

  /** Does the same with all of them; returns what was refused. */
  List<Refusal> each(Collection<DesiredObject> objects, Call call) throws InterruptedException {
    Map<ObjectKey, Refusal> refusals = new ConcurrentHashMap<>();
    List<BoundedExecutor.Outcome.Failure<DesiredObject, Void>> failures =
        tools
            .requests()
            .forEach(
                List.copyOf(objects),
                CONCURRENCY,
                object -> one(object, call).ifPresent(r -> refusals.put(object.key(), r)));
    if (!failures.isEmpty()) {
      throw new IllegalStateException(
          "unexpected while applying " + failures.getFirst().item().key(),
          failures.getFirst().cause());
    }
    return objects.stream().map(o -> refusals.get(o.key())).filter(Objects::nonNull).toList();
  }

  private Optional<Refusal> one(DesiredObject object, Call call) throws InterruptedException {
    try {
      call.call(object);
      return Optional.empty();
    } catch (ApiException e) {
      return Optional.of(Refusal.of(object, build, e));
    } catch (RivalException e) {
      return Optional.of(Refusal.rival(object, e));
    } catch (GitException e) {
      return Optional.of(Refusal.unreadable(object, e.reason(), e.getMessage()));
    } catch (BuildException e) {
      return Optional.of(Refusal.unreadable(object, e.reason(), e.getMessage()));
    }
  }
}
