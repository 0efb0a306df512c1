package dev.fairlead.reconcile;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Deferrals;
import dev.fairlead.plan.Dependencies;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Stages;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Checks a change before it is written: asks the server object by object what it would say.
 *
 * <p>Guarantees: writes nothing; an object that the server refuses for the lack of another one of
 * the same change is put off ({@link Deferrals}) instead of refused. One instance a change, one
 * thread.
 */
final class ChangeCheck {
  /**
   * The server's admission learns of a new object some time after it was written: how often what
   * waited for it is checked until then, and the pause before each further check.
   */
  private static final int CHECKS = 8;

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final ApplyCalls calls;
  private final Validation validation;
  private final OwnCheck own;
  private final Build build;
  private final List<DesiredObject> change;
  private final Deferrals deferrals = new Deferrals();
  private final Map<ObjectKey, Refusal> putOff = new LinkedHashMap<>();
  private final Set<ObjectKey> absent = ConcurrentHashMap.newKeySet();
  private final Set<ObjectKey> present = ConcurrentHashMap.newKeySet();

  ChangeCheck(
      ApplyCalls calls,
      Validation validation,
      OwnCheck own,
      Build build,
      List<DesiredObject> change) {
    this.calls = calls;
    this.validation = validation;
    this.own = own;
    this.build = build;
    this.change = change;
  }

  /** What the check of some objects waits for. */
  Deferrals deferrals() {
    return deferrals;
  }

  /** What was found to be there already. */
  Set<ObjectKey> present() {
    return Set.copyOf(present);
  }

  /**
   * Checks all that can be checked in the cluster as it is; returns what is wrong whatever else is
   * written.
   */
  List<Refusal> run() throws InterruptedException {
    List<Refusal> refusals = new ArrayList<>(own.refusals(change, calls, build));
    refusals.addAll(byServer());
    return inOrder(refusals);
  }

  private List<Refusal> byServer() throws InterruptedException {
    Set<GroupKind> comingKinds = definedKinds();
    List<Refusal> refusals = new ArrayList<>(calls.resolve(change, comingKinds));
    List<DesiredObject> known = without(refusals, change);
    // First, since it tells which Namespaces are missing.
    List<DesiredObject> definitions =
        known.stream().filter(o -> Stages.isDefinition(o.key().groupKind())).toList();
    refusals.addAll(lasting(dryRun(definitions)));
    List<DesiredObject> now = new ArrayList<>();
    for (DesiredObject object : known) {
      if (Stages.isDefinition(object.key().groupKind())) {
        continue;
      }
      Set<ObjectKey> on = Dependencies.beforehand(object, change, comingKinds, absent);
      if (on.isEmpty()) {
        now.add(object);
      } else {
        deferrals.defer(object.key(), on);
      }
    }
    refusals.addAll(lasting(dryRun(now)));
    if (refusals.isEmpty() && deferrals.isEmpty()) {
      // The server takes it all: there is nothing that schemas could add.
      return List.of();
    }
    Map<ObjectKey, Validation.Answer> answers = answers(refusals);
    List<DesiredObject> doubtful =
        known.stream()
            .filter(o -> answers.containsKey(o.key()) || Stages.isDefinition(o.key().groupKind()))
            .toList();
    validation.check(doubtful);
    return validation.judged(doubtful, answers, refusals);
  }

  /** What the server said of each object, or why it was not asked. */
  private Map<ObjectKey, Validation.Answer> answers(List<Refusal> refusals) {
    Map<ObjectKey, Validation.Answer> answers = new HashMap<>();
    for (ObjectKey key : deferrals.waiting()) {
      Refusal before = putOff.get(key);
      answers.put(
          key,
          before != null
              ? new Validation.Answer.PutOff(before)
              : new Validation.Answer.NotAsked(isNew(key)));
    }
    refusals.forEach(r -> answers.put(r.object().key(), new Validation.Answer.Refused(r)));
    return answers;
  }

  /** Whether its very kind comes into being with the change. */
  private boolean isNew(ObjectKey key) {
    return deferrals.waitingOf(key).stream()
        .anyMatch(on -> absent.contains(on) && on.kind().equals("CustomResourceDefinition"));
  }

  private static List<DesiredObject> without(
      List<Refusal> refusals, Collection<DesiredObject> objects) {
    Set<ObjectKey> refused =
        refusals.stream().map(r -> r.object().key()).collect(Collectors.toSet());
    return objects.stream().filter(o -> !refused.contains(o.key())).toList();
  }

  /** In the order of the commit, so that the same mistakes are told in the same way each time. */
  private List<Refusal> inOrder(List<Refusal> refusals) {
    Map<ObjectKey, List<Refusal>> byObject = new HashMap<>();
    refusals.forEach(
        r -> byObject.computeIfAbsent(r.object().key(), _ -> new ArrayList<>()).add(r));
    return change.stream()
        .flatMap(o -> byObject.getOrDefault(o.key(), List.of()).stream())
        .toList();
  }

  /**
   * Checks again what waited for what is written by now; returns what is wrong nevertheless.
   *
   * @param objects those of {@link Deferrals#toCheck}
   */
  List<Refusal> recheck(Collection<DesiredObject> objects) throws InterruptedException {
    List<Refusal> unknown = calls.resolve(objects, Set.of());
    List<DesiredObject> left = without(unknown, objects);
    for (int check = 1; ; check++) {
      List<Refusal> refusals = dryRun(left);
      without(refusals, left).forEach(o -> deferrals.passed(o.key()));
      List<Refusal> lasting = new ArrayList<>(unknown);
      lasting.addAll(lasting(refusals));
      if (lasting.isEmpty() || check == CHECKS || !lasting.stream().allMatch(this::mayPass)) {
        return inOrder(lasting);
      }
      left = lasting.stream().map(Refusal::object).toList();
      Pause.of(PAUSE.multipliedBy(check));
    }
  }

  /** Why those that wait for each other were refused at last, in the order of the change. */
  List<Refusal> stuck() {
    Set<ObjectKey> waiting = deferrals.waiting();
    return change.stream()
        .filter(o -> waiting.contains(o.key()))
        .map(o -> putOff.get(o.key()))
        .filter(Objects::nonNull)
        .map(Refusal::stuck)
        .toList();
  }

  /** Those that nothing in the change can help; the others are put off. */
  private List<Refusal> lasting(List<Refusal> refusals) {
    return refusals.stream().filter(r -> !putOff(r)).toList();
  }

  /** Puts off what was refused for the lack of something that the change is still to write. */
  private boolean putOff(Refusal refusal) {
    Set<ObjectKey> on = deferrals.unwritten(dependencies(refusal));
    if (on.isEmpty()) {
      return false;
    }
    deferrals.defer(refusal.object().key(), on);
    putOff.put(refusal.object().key(), refusal);
    return true;
  }

  /** Whether it may be refused only because the server has not yet heard of what was written. */
  private boolean mayPass(Refusal refusal) {
    return !dependencies(refusal).isEmpty();
  }

  private Set<ObjectKey> dependencies(Refusal refusal) {
    return refusal
        .error()
        .map(error -> Dependencies.of(refusal.object(), error, change, absent))
        .orElse(Set.of());
  }

  private List<Refusal> dryRun(Collection<DesiredObject> objects) throws InterruptedException {
    return calls.each(
        objects,
        object -> {
          if (calls.check(object) instanceof ObjectWriter.Outcome.Done done && done.created()) {
            absent.add(object.key());
          } else {
            present.add(object.key());
          }
        });
  }

  /** The kinds that the change's own definitions bring or alter. */
  private Set<GroupKind> definedKinds() {
    boolean defines =
        change.stream().anyMatch(o -> o.key().kind().equals("CustomResourceDefinition"));
    return defines ? new HashSet<>(build.definedKinds()) : Set.of();
  }
}
