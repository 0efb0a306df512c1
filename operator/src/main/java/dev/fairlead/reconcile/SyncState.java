package dev.fairlead.reconcile;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.health.Stability;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one sync: what it applied, what is left to do, what went wrong.
 *
 * <p>Guarantees: everything here can be lost without harm, since a restart finds it again from
 * status, Git and the live objects. Any thread may call it; its monitor guards all fields, and it
 * never calls out while holding it.
 */
final class SyncState {
  /** A value of {@code fairlead.dev/requested-at} and when this process asked for the look. */
  record Request(String value, Instant at) {}

  private final SyncKey key;
  private final Claims claims = new Claims();
  private final PruneState prune = new PruneState();
  private final Map<ObjectKey, Held> held = new HashMap<>();
  private final Map<ObjectKey, String> runningAs = new HashMap<>();
  private final DoneJobs doneJobs = new DoneJobs();
  private final Departed departed = new Departed();
  private final Set<ObjectKey> leftAlone = new HashSet<>();
  private @Nullable Build build;
  private @Nullable Build applied;
  private @Nullable Attempt attempt;
  private @Nullable Failed failed;
  private @Nullable PendingWaves pending;
  private @Nullable Target standingBy;
  private final Map<ObjectKey, Stability> told = new HashMap<>();
  private final Object reporting = new Object();
  private final Account account = new Account();
  private Webhook webhook = Webhook.NONE;
  private Expiries expiries = Expiries.UNREAD;
  private Blindness blindness = Blindness.NONE;
  private final Inquiries inquiries = new Inquiries();
  private final RollbackState rollback = new RollbackState();
  private final Planning planning = new Planning();
  private Set<String> pinned = Set.of();
  private final Set<String> givenAway = new HashSet<>();
  private boolean settled;
  private boolean prepared;
  private boolean verifying;
  private boolean atWork;
  private long epoch;
  private long wakes;
  private long takenUp;
  private Instant lastStatus = Instant.EPOCH;
  private Instant nextVerify = Instant.MAX;
  private Optional<String> handledRequest = Optional.empty();
  private Optional<Request> request = Optional.empty();

  SyncState(SyncKey key) {
    this.key = key;
  }

  SyncKey key() {
    return key;
  }

  /** Who writes which of its objects. */
  Claims claims() {
    return claims;
  }

  /** How far it is with what its commit took out of Git. */
  PruneState prune() {
    return prune;
  }

  synchronized Optional<Held> held(ObjectKey object) {
    return Optional.ofNullable(held.get(object));
  }

  synchronized List<Held> held() {
    return new ArrayList<>(held.values());
  }

  /** What a baseline proves to be in the cluster as it was applied. */
  synchronized Map<ObjectKey, DesiredObject> proven() {
    Map<ObjectKey, DesiredObject> proven = HashMap.newHashMap(held.size());
    for (Held h : held.values()) {
      if (h.baseline().isPresent() && h.problem().isEmpty()) {
        proven.put(h.desired().key(), h.desired());
      }
    }
    return proven;
  }

  synchronized void put(Held value) {
    held.put(value.desired().key(), value);
  }

  /** Changes what is known of one object, if it is still wanted. */
  synchronized Optional<Held> change(ObjectKey object, UnaryOperator<Held> change) {
    return Optional.ofNullable(held.computeIfPresent(object, (k, before) -> change.apply(before)));
  }

  synchronized void applied(DesiredObject object, Baseline left) {
    applied(object, left, List.of());
  }

  /** The object that another commit wrote differently in the meantime is another one. */
  synchronized void applied(DesiredObject object, Baseline left, List<ServerWarning> warned) {
    givenAway.remove(left.uid());
    Held before = held.getOrDefault(object.key(), Held.unverified(object));
    held.put(object.key(), before.applied(object, left, warned));
    leftAlone.remove(object.key());
    runningAs.remove(object.key());
  }

  /**
   * Another commit wants the same of an object, which may be written elsewhere in it; or it wants a
   * Job that has finished before, and what is there by its name is to be left alone.
   */
  synchronized void unchanged(DesiredObject object, @Nullable Manifest manifest) {
    Held before = held.get(object.key());
    if (before == null) {
      // A Job that was done before this sync wanted it: there is nothing to do about it.
      held.put(object.key(), Held.unverified(object).withTask(Optional.empty()));
      return;
    }
    if (!before.desired().sameContentAs(object) && before.baseline().isPresent()) {
      runningAs.putIfAbsent(object.key(), before.desired().digest().toString());
    }
    held.put(object.key(), before.withDesired(object, manifest));
  }

  /** Nothing is done about an object, whatever becomes of it; what was proven of it is not now. */
  synchronized void leaveAlone(DesiredObject object) {
    held.put(object.key(), Held.unverified(object).withTask(Optional.empty()));
    leftAlone.add(object.key());
  }

  /** Something is done about an object that was left alone. */
  synchronized void resumed(ObjectKey object) {
    leftAlone.remove(object);
  }

  /** Whether nothing was done about an object that is wanted, since it was to be left alone. */
  synchronized boolean isLeftAlone(ObjectKey object) {
    return leftAlone.contains(object);
  }

  /**
   * Forgets objects that Git no longer wants; their members are pruned by what the watches know,
   * which is awaited.
   */
  synchronized void retain(Set<ObjectKey> wanted, Instant now) {
    wanted.forEach(departed::forget);
    for (Held h : held.values()) {
      ObjectKey object = h.desired().key();
      // What there is something to be done about was seen, and is perhaps gone; so is a Job that is
      // done, or what is left alone.
      if (!wanted.contains(object)
          && h.task().isEmpty()
          && !hasDone(h.desired())
          && !leftAlone.contains(object)) {
        h.baseline().ifPresent(written -> departed.left(object, written, now));
      }
    }
    held.keySet().retainAll(wanted);
    told.keySet().retainAll(wanted);
    leftAlone.retainAll(wanted);
    runningAs.keySet().retainAll(wanted);
  }

  /** Forgets an object that is to be written anew, whatever was proven of it. */
  synchronized void unprove(ObjectKey object) {
    held.computeIfPresent(object, (k, h) -> h.unproven());
  }

  /** How much of what Git no longer wants the watches have not told of yet. */
  synchronized int unseen(Function<ObjectKey, Optional<Observed>> observed, Instant now) {
    return departed.unseen(observed, now);
  }

  /** Whether the watches had not told of an object that Git no longer wants. */
  synchronized boolean awaitsSight(ObjectKey object) {
    return departed.has(object);
  }

  /** Takes note that an object is gone; whether the sync waited to be told of it. */
  synchronized boolean gone(ObjectKey object) {
    return departed.forget(object);
  }

  /** Whether every object was applied, or found wanting, by this process. */
  synchronized boolean allVerified() {
    return held.values().stream()
        .allMatch(h ->
            h.baseline().isPresent()
                || leftAlone.contains(h.desired().key())
                || h.problem().isPresent()
                || hasDone(h.desired()));
  }

  synchronized Optional<Build> build() {
    return Optional.ofNullable(build);
  }

  synchronized void built(Build value) {
    build = value;
  }

  synchronized Optional<Attempt> attempt() {
    return Optional.ofNullable(attempt);
  }

  /** The build of the commit that was written last; what repairs restore. */
  synchronized Optional<Build> applied() {
    return Optional.ofNullable(applied);
  }

  /** What is left of the commit that was written last, if that was not all of it. */
  synchronized Optional<PendingWaves> pending() {
    return Optional.ofNullable(pending);
  }

  /** Takes note that the commit that was written last is not complete yet. */
  synchronized void pending(PendingWaves value) {
    pending = value;
  }

  /** Takes note that a commit is written, or proven to be there. */
  synchronized void written(Attempt value, Build of) {
    attempt = value;
    applied = of;
    build = of;
    pending = null;
    failed = null;
    standingBy = null;
    prune.nextCommit();
  }

  /** What the API server warned of about one object. */
  synchronized List<ServerWarning> warnings(ObjectKey object) {
    return Optional.ofNullable(held.get(object)).map(Held::warnings).orElse(List.of());
  }

  /** All warnings about what is applied, by place. */
  List<Warning> warnings() {
    return ServerWarning.told(held(), applied().map(Build::warnings).orElse(List.of()));
  }

  /** What a repair reads from: the newest build that has the object as it was applied. */
  synchronized Optional<Build> source(DesiredObject object) {
    if (build != null && build.manifests().containsKey(object.key())) {
      return Optional.of(build);
    }
    return Optional.ofNullable(applied != null ? applied : build);
  }

  /** Pins these commits and no others; those that were pinned before and are not now. */
  synchronized Set<String> pin(Set<String> commits) {
    Set<String> before = new HashSet<>(pinned);
    before.removeAll(commits);
    pinned = Set.copyOf(commits);
    return before;
  }

  /** The objects about which something is to be done. */
  synchronized List<ObjectKey> unfinished() {
    return held.values().stream()
        .filter(h -> h.task().isPresent())
        .map(h -> h.desired().key())
        .toList();
  }

  /** Whether this is another spec than the one under which work was last taken up. */
  synchronized boolean takesUp(long generation) {
    boolean another = takenUp != generation;
    takenUp = generation;
    return another;
  }

  /** Takes note that an object is another sync's now: nothing about it is this one's business. */
  synchronized void gaveAway(Observed object) {
    givenAway.add(object.uid());
    rollback.gaveAway(object.uid());
    boolean _ = departed.forget(object.key());
    held.remove(object.key());
    told.remove(object.key());
    doneJobs.forget(object.key());
    runningAs.remove(object.key());
  }

  /** Takes note that another sync has given it an object. */
  synchronized void received(Observed object) {
    givenAway.remove(object.uid());
  }

  /**
   * These without those that are another sync's now, although the watch may not have told so yet.
   *
   * @param members all that the watches take for the sync's
   */
  synchronized List<Observed> stillOurs(List<Observed> members) {
    if (givenAway.isEmpty()) {
      return members;
    }
    givenAway.retainAll(members.stream().map(Observed::uid).collect(Collectors.toSet()));
    return members.stream().filter(m -> !givenAway.contains(m.uid())).toList();
  }

  /** Whether the last try of a target could not even read what it wants. */
  synchronized boolean couldNotRead(Target target) {
    return failed != null
        && failed.target().equals(target)
        && failed.failure().reason() == Reason.BUILD_FAILED;
  }

  /**
   * Whether a target was tried, and nothing has happened since that makes another try worth while.
   * A failure that may be the chance of a moment is no try: what the sync wants has met nobody yet.
   */
  synchronized boolean hasTried(Target target, Instant now) {
    boolean refused =
        failed != null
            && failed.target().equals(target)
            && failed.isCertain()
            && failed.retryAt().filter(at -> !at.isAfter(now)).isEmpty();
    return refused
        || target.equals(standingBy)
        || (attempt != null && attempt.target().equals(target))
        || rollback.gaveUp(target);
  }

  /**
   * Takes note that a target waits for other syncs, and that those that have something of it know;
   * false when that was noted before.
   */
  synchronized boolean standsBy(Target target) {
    boolean news = !target.equals(standingBy);
    standingBy = target;
    return news;
  }

  /** Whether a target only waits for other syncs to become Ready. */
  synchronized boolean isStandingBy(Target target) {
    return target.equals(standingBy);
  }

  /** Makes every object one to be verified, and says which. */
  synchronized List<ObjectKey> verifyAll() {
    held.replaceAll((k, h) -> h.task().isPresent() ? h : h.withTask(Optional.of(Task.VERIFY)));
    return List.copyOf(held.keySet());
  }

  /** Lets a failed attempt be repeated at once. */
  synchronized void retryNow(Instant now) {
    wakes++;
    rollback.askAgain();
    if (failed != null) {
      failed = new Failed(failed.target(), failed.failure(), Optional.of(now), failed.attempts());
    }
  }

  /** How often it was said that a failed attempt may be repeated at once. */
  synchronized long wakes() {
    return wakes;
  }

  /** Held while a status is computed and written, so that an older one never overtakes. */
  Object reporting() {
    return reporting;
  }

  /** The way back to the last good commit. */
  RollbackState rollback() {
    return rollback;
  }

  /** What can be told of it beyond status. */
  Account account() {
    return account;
  }

  /** What is told of its webhook, its Secrets, and kinds that may not be watched. */
  synchronized Notices notices() {
    return new Notices(webhook, expiries, blindness);
  }

  synchronized Blindness blindness() {
    return blindness;
  }

  synchronized void blindness(Blindness now) {
    blindness = now;
  }

  synchronized Expiries expiries() {
    return expiries;
  }

  synchronized void expiries(Expiries now) {
    expiries = now;
  }

  /** What is told of its webhook. */
  synchronized Webhook webhook() {
    return webhook;
  }

  synchronized void webhook(Webhook now) {
    webhook = now;
  }

  /** What is being found out about objects that are not healthy. */
  Inquiries inquiries() {
    return inquiries;
  }

  /** What is known of the plan, in mode Plan. */
  Planning planning() {
    return planning;
  }

  /** Whether a worker is checking and writing a commit at this moment. */
  synchronized boolean atWork() {
    return atWork;
  }

  synchronized void atWork(boolean value) {
    atWork = value;
  }

  synchronized Optional<Failed> failed() {
    return Optional.ofNullable(failed);
  }

  synchronized void fail(Failed value) {
    failed = value;
  }

  /** Forgets a failed attempt: what it was about is not wanted any more. */
  synchronized void forgive() {
    failed = null;
  }

  synchronized boolean verifying() {
    return verifying;
  }

  synchronized void verifying(boolean value) {
    verifying = value;
  }

  /** Jobs that completed with the content that is wanted, with its digest. */
  synchronized Map<ObjectKey, String> finishedJobs() {
    return held.values().stream()
        .map(Held::desired)
        .filter(this::hasDone)
        .collect(Collectors.toMap(DesiredObject::key, job -> job.digest().toString()));
  }

  /** Jobs that completed since the last good commit, with each content that they had. */
  synchronized List<Map.Entry<ObjectKey, String>> doneJobs() {
    return doneJobs.all();
  }

  /** Whether it is a Job that completed with the content that was applied. */
  synchronized boolean hasFinished(ObjectKey object) {
    Held mine = held.get(object);
    return mine != null && hasDone(mine.desired());
  }

  /** Whether it is a Job that completed with this content, since the last good commit. */
  synchronized boolean hasDone(DesiredObject job) {
    return doneJobs.has(job.key(), job.digest().toString());
  }

  /** Whether it is a Job that completed with any content, since the last good commit. */
  synchronized boolean hasDone(ObjectKey job) {
    return doneJobs.has(job);
  }

  /** The health that was told of an object, if it has one of its own, in the best words known. */
  synchronized Optional<Health> told(ObjectKey object) {
    return Optional.ofNullable(told.get(object))
        .map(Stability::told)
        .map(health -> inquiries.get(object).map(i -> i.explain(health)).orElse(health));
  }

  /** Whether that was news. */
  synchronized boolean finished(ObjectKey job, String digest) {
    return doneJobs.add(job, digest);
  }

  /** Cluster and Git agree: there is nothing to go back to but this. */
  synchronized void good() {
    doneJobs.retain(finishedJobs().entrySet());
    rollback.good();
  }

  /**
   * Takes note of a Job that is seen to have finished, if it is the one that was applied and not
   * one of its name before it. To be asked when the Job is seen and when it was applied: it may
   * have finished before this process was there.
   *
   * @return whether that was news
   */
  synchronized boolean sawFinished(Observed job) {
    Held mine = held.get(job.key());
    if (!job.finished()
        || mine == null
        || mine.baseline().filter(left -> !left.uid().equals(job.uid())).isPresent()) {
      return false;
    }
    return finished(
        job.key(), runningAs.getOrDefault(job.key(), mine.desired().digest().toString()));
  }

  /**
   * How the objects are; takes note of what is told.
   *
   * @param changed what the commit changed
   */
  synchronized HealthView health(
      List<DesiredObject> desired,
      Function<ObjectKey, Optional<Observed>> observed,
      Set<ObjectKey> changed,
      Instant now) {
    return HealthView.of(
        desired,
        k -> Optional.ofNullable(held.get(k)),
        observed,
        this::hasDone,
        changed,
        told,
        epoch,
        inquiries::get,
        now);
  }

  /** A commit was written: what was told before of its objects' health is over. */
  synchronized void nextEpoch() {
    epoch++;
    inquiries.forgetRemembered();
  }

  /** Takes over from status that these were healthy before the restart. */
  synchronized void presumeHealthy(List<DesiredObject> objects) {
    for (DesiredObject object : objects) {
      told.putIfAbsent(object.key(), Stability.first(epoch, Health.HEALTHY));
    }
  }

  /** Whether cluster and Git agreed when this was last looked at. */
  synchronized boolean settled() {
    return settled;
  }

  synchronized void settled(boolean value) {
    settled = value;
  }

  synchronized boolean prepared() {
    return prepared;
  }

  synchronized void markPrepared() {
    prepared = true;
  }

  synchronized Instant lastStatus() {
    return lastStatus;
  }

  synchronized void statusWritten(Instant at) {
    lastStatus = at;
  }

  synchronized Instant nextVerify() {
    return nextVerify;
  }

  synchronized void nextVerify(Instant at) {
    nextVerify = at;
  }

  synchronized Optional<Request> request() {
    return request;
  }

  synchronized void request(Optional<Request> value) {
    request = value;
  }

  synchronized Optional<String> handledRequest() {
    return handledRequest;
  }

  synchronized void handledRequest(String value) {
    handledRequest = Optional.of(value);
    request = Optional.empty();
  }
}
