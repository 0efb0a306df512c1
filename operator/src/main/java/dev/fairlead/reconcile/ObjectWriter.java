package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Applier;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.cluster.ApplyResult;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.IgnoredFields;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Ownership;
import dev.fairlead.plan.Treatment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes one object for its sync as its treatment asks for, and sees to it that the sync owns what
 * Git says and nothing else.
 *
 * <p>Guarantees: one request for an object that is treated like every other and that nobody else
 * has written to; a field that is left to others keeps its live value; what is to be left alone is
 * not written. What others change while we write is not taken for our doing, nor ours for theirs,
 * unless they write without a pause. A crash in between leaves nothing that the next write does not
 * put right. Stateless; any thread may call it.
 */
final class ObjectWriter {
  /** How often it is tried when others write to the object at the same time. */
  private static final int TRIES = 5;

  /** How often only the version that is known is meant: whoever never stops must not stop us. */
  private static final int EXACT_TRIES = 3;

  /**
   * An object to be written.
   *
   * @param whole as Git has it, with what is left to others
   * @param treatment as Git says and as the cluster does, as far as known
   * @param adopting whether the object is there and was never applied by the sync
   * @param mayForce whether no other sync owns a field of it, so that it need not be asked
   * @param uid set when only the object that was seen is meant
   */
  record Order(
      Resource resource,
      SyncKey owner,
      Manifest whole,
      Treatment treatment,
      boolean adopting,
      boolean mayForce,
      Optional<String> uid) {
    Order {
      requireNonNull(resource);
      requireNonNull(owner);
      requireNonNull(whole);
      requireNonNull(treatment);
      requireNonNull(uid);
    }

    ObjectKey key() {
      return whole.key();
    }

    /** The same with what others say in the cluster about how it is treated. */
    Order heeding(Live live) {
      return with(treatment.with(live.saidByOthers(owner.fieldManager())));
    }

    /** Whether an object that is there is to be left as it is. */
    boolean leavesAlone(Live live) {
      return heeding(live).treatment().leavesAlone(true);
    }

    private Order with(Treatment other) {
      return new Order(resource, owner, whole, other, adopting, mayForce, uid);
    }

    Ownership.Claim claim(boolean adopts) {
      return new Ownership.Claim(
          owner.fieldManager(), whole.body(), withRemoved(treatment.ignored()), adopts);
    }

    /** With the maps and lists that go as a whole. */
    private List<JsonPointer> withRemoved(List<JsonPointer> ignored) {
      if (ignored.isEmpty()) {
        return ignored;
      }
      List<JsonPointer> all = new ArrayList<>(ignored);
      all.addAll(IgnoredFields.without(whole.body(), ignored).removed());
      return all;
    }

    byte[] body(boolean complete) {
      return json(complete).toBytes();
    }

    /** The same for no other version of the object than this one. */
    byte[] body(boolean complete, String version) {
      return with(json(complete), "resourceVersion", version).toBytes();
    }

    private Json.Obj json(boolean complete) {
      Json.Obj body =
          complete ? whole.body() : IgnoredFields.without(whole.body(), treatment.ignored()).body();
      return uid.map(u -> with(body, "uid", u)).orElse(body);
    }

    private static Json.Obj with(Json.Obj body, String member, String value) {
      Json.Obj metadata = body.object("metadata").orElse(Json.Obj.empty());
      return body.with("metadata", metadata.with(member, Json.of(value)));
    }
  }

  /** What became of an order. */
  sealed interface Outcome {
    /**
     * It was done.
     *
     * @param before the object as it was last seen before it, as far as known
     * @param live the object after it
     * @param wrote whether it changed anything but who owns what
     */
    record Done(
        Optional<Live> before, Live live, boolean created, boolean wrote, List<String> warnings)
        implements Outcome {}

    /** It cannot be changed in place, and is to be deleted and created anew. */
    record ToReplace() implements Outcome {}

    /** It is to be left as it is, as it says itself or as Git does. */
    record LeftAlone() implements Outcome {}
  }

  private final ApiServer reading;
  private final ApiServer writing;
  private final Applier applier;

  /**
   * @param reading asked for metadata of objects, under the operator's own name
   * @param writing for everything else
   */
  ObjectWriter(ApiServer reading, ApiServer writing) {
    this.reading = reading;
    this.writing = writing;
    this.applier = new Applier(reading, writing);
  }

  /** Writes on somebody's behalf. */
  ObjectWriter as(Identity who) {
    return new ObjectWriter(reading, writing.as(who));
  }

  /** Asks the server what writing it would do. */
  Outcome check(Order order) throws ApiException, RivalException, InterruptedException {
    Optional<Live> live =
        needsLook(order) ? reading.getMetadata(order.resource(), order.key()) : Optional.empty();
    // While we own what is to be left to others, it is handed over before the write.
    boolean complete = live.isEmpty() || Ownership.ownsIgnored(live.get(), order.claim(false));
    ApplyResult result;
    try {
      result =
          applier.apply(
              order.resource(),
              order.key(),
              order.body(complete),
              order.owner(),
              order.mayForce(),
              true);
    } catch (ApiException e) {
      // Only who may write an object is told that it is there.
      if (live.isPresent() && order.leavesAlone(live.get()) && isAboutContent(e.error())) {
        return new Outcome.LeftAlone();
      }
      throw e;
    }
    if (!result.created() && order.leavesAlone(result.live())) {
      return new Outcome.LeftAlone();
    }
    refuseUndivided(order, result.live());
    return new Outcome.Done(live, result.live(), result.created(), false, result.warnings());
  }

  static boolean isAboutContent(ApiError error) {
    return error instanceof ApiError.Invalid
        || error instanceof ApiError.ImmutableField
        || error instanceof ApiError.BadManifest;
  }

  /**
   * Writes it.
   *
   * @param seen the object as it was before, as far as known
   * @param versionBefore its version, as far as known
   */
  Outcome write(Order order, Optional<Live> seen, String versionBefore)
      throws ApiException, RivalException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return writeOnce(order, seen, versionBefore);
      } catch (ApiException e) {
        // Somebody else wrote between our looking and our writing. Another object than the one that
        // was seen is the caller's affair.
        if (attempt == TRIES || !isStale(e)) {
          throw e;
        }
        if (order.uid().isPresent()) {
          Optional<Live> _ = lookAgain(order, e);
        }
      }
    }
  }

  private Outcome writeOnce(Order order, Optional<Live> seen, String version)
      throws ApiException, RivalException, InterruptedException {
    if (!needsLook(order) && !order.adopting()) {
      return applied(order, true, seen, seen, version);
    }
    Optional<Live> found = reading.getMetadata(order.resource(), order.key());
    if (found.isEmpty()) {
      return applied(order, true, Optional.empty(), Optional.empty(), version);
    }
    Live live = found.get();
    if (order.leavesAlone(live)) {
      return new Outcome.LeftAlone();
    }
    Order all = order.heeding(live);
    boolean adopts = order.adopting() && live.owned(order.owner().fieldManager()).isEmpty();
    Optional<Ownership.Patch> patch = Ownership.patch(live, all.claim(adopts));
    Live ready = patch.isPresent() ? put(all, patch.get()) : live;
    return applied(all, false, found, Optional.of(ready), ready.resourceVersion());
  }

  /**
   * @param complete whether with what is left to others
   * @param found as it was before we put its owners right
   * @param ready as it is now, as far as known
   * @param version that of {@code ready}, as far as known
   */
  private Outcome applied(
      Order order, boolean complete, Optional<Live> found, Optional<Live> ready, String version)
      throws ApiException, RivalException, InterruptedException {
    Applied first = apply(order, complete, ready, version);
    ApplyResult result = first.result();
    Optional<Live> before = first.before().equals(ready) ? found : first.before();
    Owned owned = own(order, result.live());
    if (!owned.widened()) {
      return new Outcome.Done(
          before, owned.live(), result.created(), first.wrote(), result.warnings());
    }
    Applied again = apply(order, false, Optional.of(owned.live()), owned.live().resourceVersion());
    return new Outcome.Done(
        before,
        again.result().live(),
        result.created(),
        first.wrote() || again.wrote(),
        result.warnings());
  }

  /**
   * What an apply did.
   *
   * @param before the object that it met, as far as known
   */
  private record Applied(ApplyResult result, Optional<Live> before, boolean wrote) {}

  /**
   * Applies it to the version that is known. The server refuses that when there is a newer one, and
   * an apply that changes nothing leaves the version as it is: so another version afterwards is our
   * doing, whoever else writes to the object, and however little of that {@code managedFields}
   * tells.
   */
  private Applied apply(Order order, boolean complete, Optional<Live> known, String version)
      throws ApiException, RivalException, InterruptedException {
    Optional<Live> before = known;
    String exact = version;
    for (int attempt = 1; attempt <= EXACT_TRIES && !exact.isEmpty(); attempt++) {
      try {
        ApplyResult result =
            applier.applyTo(
                order.resource(),
                order.key(),
                order.body(complete, exact),
                order.owner(),
                order.mayForce());
        return new Applied(result, before, wrote(order, before, exact, result));
      } catch (ApiException e) {
        if (!isStale(e)) {
          throw e;
        }
        Optional<Live> now = lookAgain(order, e);
        if (now.isEmpty()) {
          break;
        }
        before = now;
        exact = now.get().resourceVersion();
      }
    }
    // It is not known, or they do not stop. In doubt it was us: a drift that is not told is lost.
    ApplyResult result =
        applier.apply(
            order.resource(),
            order.key(),
            order.body(complete),
            order.owner(),
            order.mayForce(),
            false);
    return new Applied(result, before, wrote(order, before, exact, result));
  }

  private static boolean wrote(
      Order order, Optional<Live> before, String version, ApplyResult result) {
    return result.created()
        || (!result.live().resourceVersion().equals(version)
            && before.filter(b -> sameButStatus(order.owner(), b, result.live())).isEmpty());
  }

  /**
   * The object that was written to by somebody; empty when we may not look, as at Secrets.
   *
   * @param stale thrown when it is gone, or is another one than was seen
   */
  private Optional<Live> lookAgain(Order order, ApiException stale)
      throws ApiException, InterruptedException {
    Optional<Live> now;
    try {
      now = reading.getMetadata(order.resource(), order.key());
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.Forbidden) {
        return Optional.empty();
      }
      throw e;
    }
    if (now.isEmpty() || order.uid().filter(u -> !u.equals(now.get().uid())).isPresent()) {
      throw stale;
    }
    return now;
  }

  private static boolean isStale(ApiException e) {
    return e.error() instanceof ApiError.StaleVersion;
  }

  /** An object whose owners are as they should be, and whether an apply has to follow. */
  private record Owned(Live live, boolean widened) {}

  /** Puts right after an apply what it cannot do by itself; whoever writes meanwhile goes first. */
  private Owned own(Order order, Live applied) throws ApiException, InterruptedException {
    Ownership.Claim claim = order.claim(order.adopting());
    Live live = applied;
    for (int attempt = 1; ; attempt++) {
      Optional<Ownership.Patch> patch = Ownership.patch(live, claim);
      if (patch.isEmpty()) {
        return new Owned(live, false);
      }
      try {
        return new Owned(put(order, patch.get()), patch.get().widened());
      } catch (ApiException e) {
        if (attempt == TRIES || !isStale(e)) {
          throw e;
        }
      }
      Optional<Live> now = reading.getMetadata(order.resource(), order.key());
      if (now.isEmpty() || !now.get().uid().equals(applied.uid())) {
        // It is gone already, and the watch tells.
        return new Owned(applied, false);
      }
      live = now.get();
    }
  }

  /**
   * Whether nothing was written in between but status, which has a version too, or what admission
   * marks at every write: only kinds that count their generations can tell.
   */
  private static boolean sameButStatus(SyncKey owner, Live before, Live after) {
    return before.resourceVersion().equals(after.resourceVersion())
        || (before.uid().equals(after.uid())
            && before.generation().isPresent()
            && before.generation().equals(after.generation())
            && Baseline.of(before, owner.fieldManager())
                .sameOwnership(Baseline.of(after, owner.fieldManager())));
  }

  private Live put(Order order, Ownership.Patch patch) throws ApiException, InterruptedException {
    return writing.jsonPatch(order.resource(), order.key(), patch.operations(), SyncWriter.MANAGER);
  }

  /** Whether what is to be done depends on the object as it is. */
  private static boolean needsLook(Order order) {
    return !order.treatment().ignored().isEmpty()
        || order.treatment().reconcile() != Treatment.Reconcile.ALWAYS;
  }

  /** Refuses what is to be left to others and cannot be by itself. */
  static void refuseUndivided(Order order, Live answer) throws ApiException {
    List<JsonPointer> ignored = order.treatment().ignored();
    if (ignored.isEmpty()) {
      return;
    }
    Optional<IgnoredFields.Undivided> undivided =
        answer
            .owned(order.owner().fieldManager())
            .flatMap(set ->
                IgnoredFields.undivided(
                    set,
                    order.whole().body(),
                    IgnoredFields.without(order.whole().body(), ignored).removed()));
    if (undivided.isPresent()) {
      throw new ApiException(refusal(order, undivided.get()));
    }
  }

  private static ApiError refusal(Order order, IgnoredFields.Undivided undivided) {
    String message =
        "%s cannot be left to others by itself, since the server knows only one owner for all of %s: ignore that instead"
            .formatted(undivided.field(), undivided.whole());
    boolean annotated =
        order
            .whole()
            .body()
            .object("metadata")
            .flatMap(m -> m.object("annotations"))
            .flatMap(a -> a.string(Labels.IGNORE_FIELDS))
            .filter(text -> text.contains(undivided.field().toString()))
            .isPresent();
    ApiError.Cause cause =
        annotated
            ? new ApiError.Cause("metadata.annotations[" + Labels.IGNORE_FIELDS + "]", message)
            : new ApiError.Cause("", "of ignoreFields, " + message);
    return new ApiError.Invalid(message, List.of(cause));
  }
}
