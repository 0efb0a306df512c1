package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.Drift.Because;
import dev.fairlead.plan.Drift.Cause;
import dev.fairlead.plan.Drift.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the table of what happens to an object, and every line of the rule. */
class DriftTest {
  private static final SyncKey SYNC = new SyncKey("infra", "portfolio");
  private static final String OURS = SYNC.fieldManager();
  private static final ObjectKey KEY = new ObjectKey("apps", "Deployment", "portfolio", "web");
  private static final Instant APPLIED = Instant.parse("2026-01-01T00:00:00Z");

  private static final String IMAGE = "spec/template/spec/containers/k:{\"name\":\"web\"}/image";
  private static final String LABEL = "metadata/labels/" + Labels.PART_OF;
  private static final List<String> FIELDS =
      List.of("spec/replicas", IMAGE, "metadata/annotations/note", "spec/args", LABEL);

  /** What our last apply left: version 100, generation 3. */
  private static final State APPLIED_STATE = State.applied();

  private static final Baseline BASELINE = Baseline.of(APPLIED_STATE.live(), OURS);

  private static final Decision IGNORE = new Decision.Ignore(Because.UNCHANGED);
  private static final Decision VERIFY = new Decision.Verify(false);

  /** What a later event shows, as changes of what our apply left. */
  record State(
      String uid,
      String version,
      OptionalLong generation,
      boolean deleting,
      Optional<String> partOf,
      List<Owner> managers) {

    static State applied() {
      return new State(
          "uid-1",
          "100",
          OptionalLong.of(3),
          false,
          Optional.of(Labels.applySetId(SYNC)),
          List.of(apply(OURS, APPLIED, FIELDS)));
    }

    /** The next event, without any other change. */
    static State later() {
      return applied().version("101");
    }

    State version(String other) {
      return new State(uid, other, generation, deleting, partOf, managers);
    }

    State uid(String other) {
      return new State(other, version, generation, deleting, partOf, managers);
    }

    State generation(long other) {
      return new State(uid, version, OptionalLong.of(other), deleting, partOf, managers);
    }

    State withoutGeneration() {
      return new State(uid, version, OptionalLong.empty(), deleting, partOf, managers);
    }

    State isDeleting() {
      return new State(uid, version, generation, true, partOf, managers);
    }

    State partOf(Optional<String> other) {
      return new State(uid, version, generation, deleting, other, managers);
    }

    State entries(Owner... others) {
      return new State(uid, version, generation, deleting, partOf, List.of(others));
    }

    State and(Owner other) {
      List<Owner> all = new ArrayList<>(managers);
      all.add(other);
      return new State(uid, version, generation, deleting, partOf, all);
    }

    /** Someone took fields of ours by an update. */
    State taken(String by, String... fields) {
      return lost(fields).and(update(by, "", List.of(fields)));
    }

    /** Fields of ours were removed. */
    State lost(String... fields) {
      List<String> left = new ArrayList<>(FIELDS);
      left.removeAll(List.of(fields));
      return entries(apply(OURS, APPLIED, left)).generation(4);
    }

    Live live() {
      return new Live(
          KEY,
          uid,
          version,
          generation,
          deleting,
          partOf.map(p -> Map.of(Labels.PART_OF, p)).orElse(Map.of()),
          Map.of(),
          managers);
    }
  }

  static Stream<Arguments> table() {
    State later = State.later();
    return Stream.of(
        // Someone changes a field that we own.
        row(
            "kubectl patch of an owned field",
            later.taken("kubectl-patch", "spec/replicas"),
            changed()),
        row("kubectl edit of an owned field", later.taken("kubectl-edit", IMAGE), changed()),
        row("kubectl set image", later.taken("kubectl-set", IMAGE), changed()),
        row(
            "kubectl scale of owned replicas, which leaves no entry",
            later.lost("spec/replicas"),
            changed()),
        row(
            "an autoscaler's write of owned replicas",
            later.taken("kube-controller-manager", "spec/replicas"),
            changed()),
        row(
            "a client-side kubectl apply of another value",
            later.taken("kubectl-client-side-apply", IMAGE),
            changed()),
        row("kubectl replace", later.taken("kubectl-replace", "spec/replicas", IMAGE), changed()),
        row("kubectl rollout undo", later.taken("kubectl-rollout", IMAGE), changed()),
        row(
            "another applier with force",
            later.lost(IMAGE).and(apply("argocd-controller", APPLIED, List.of(IMAGE))),
            changed()),
        // Someone removes.
        row("an owned field is removed", later.lost("metadata/annotations/note"), changed()),
        row("a keyed list item of ours is removed", later.lost(IMAGE), changed()),
        row(
            "our label is removed, while the watch still sees the object",
            later.lost(LABEL).partOf(Optional.empty()),
            changed()),
        row(
            "our label is changed, while the watch still sees the object",
            later.taken("kubectl-label", LABEL).partOf(Optional.of("applyset-other")),
            changed()),
        row(
            "an item is added to an atomic list of ours",
            later.taken("kubectl-patch", "spec/args"),
            changed()),
        row(
            "managedFields are cleared",
            later.entries(),
            new Decision.Repair(Cause.OWNERSHIP_LOST, false)),
        row(
            "managedFields are cleared, and someone applied since",
            later.entries(update("before-first-apply", "", FIELDS)),
            new Decision.Repair(Cause.OWNERSHIP_LOST, false)),
        // What is not ours.
        row(
            "someone adds a label that is not ours",
            later.and(update("kubectl-label", "", List.of("metadata/labels/team"))),
            IGNORE),
        row(
            "someone adds a field to the spec",
            later.generation(4).and(update("kubectl-patch", "", List.of("spec/paused"))),
            VERIFY),
        row(
            "someone adds a container",
            later
                .generation(4)
                .and(
                    update(
                        "kubectl-edit",
                        "",
                        List.of("spec/template/spec/containers/k:{\"name\":\"debug\"}/image"))),
            VERIFY),
        row("someone reorders a list", later.generation(4), VERIFY),
        row(
            "the status is written",
            later.and(update("kube-controller-manager", "status", List.of("status/replicas"))),
            IGNORE),
        row(
            "kubectl rollout restart",
            later
                .generation(4)
                .and(
                    update(
                        "kubectl-rollout", "", List.of("spec/template/metadata/annotations/at"))),
            VERIFY),
        row("kubectl scale of replicas that are not ours", later.generation(4), VERIFY),
        row("admission rewrites a value of ours during a write", later.generation(4), VERIFY),
        row(
            "admission rewrites a value of ours in a kind without generation",
            later.withoutGeneration(),
            VERIFY),
        row(
            "another client applies the same under our name",
            later.entries(apply(OURS, APPLIED.plusSeconds(1), FIELDS)),
            new Decision.Repair(Cause.APPLIED_UNDER_OUR_NAME, false)),
        row(
            "another client applies something else under our name",
            later.entries(apply(OURS, APPLIED.plusSeconds(1), List.of(IMAGE))),
            changed()),
        row(
            "a field has vanished from the CRD's schema, which only a slow VERIFY shows",
            later,
            IGNORE),
        row("someone writes through another API version", later, IGNORE),
        row("someone writes the same quantity in another way", later.generation(3), IGNORE),
        row("the CRD's list type changed, and someone wrote", later.lost("spec/args"), changed()),
        // The lines of the rule.
        row("the event of our own write", State.applied(), old()),
        row("an event from before our write", State.applied().version("99"), old()),
        row(
            "an old event with drift that our write has mended",
            later.version("99").lost(IMAGE),
            old()),
        row("a newer version that would be smaller as text", later.version("1000"), IGNORE),
        row(
            "another object of the same name",
            later.uid("uid-2"),
            new Decision.Repair(Cause.RECREATED, false)),
        row(
            "another object of the same name that is being deleted",
            later.uid("uid-2").isDeleting(),
            new Decision.Repair(Cause.RECREATED, false)),
        row(
            "it is being deleted and waits for a finalizer",
            later.isDeleting(),
            new Decision.AwaitDeletion()),
        row(
            "it is being deleted and has drifted",
            later.lost(IMAGE).isDeleting(),
            new Decision.AwaitDeletion()),
        row(
            "two entries of ours",
            later.and(apply(OURS, APPLIED, FIELDS)),
            new Decision.Repair(Cause.OWNERSHIP_LOST, false)),
        row(
            "an entry of ours for a subresource does not count",
            later.and(
                new Owner(
                    OURS, true, "scale", Optional.of(APPLIED), fields(List.of("spec/replicas")))),
            IGNORE),
        row(
            "an update under our name does not count",
            later.and(update(OURS, "", List.of("metadata/labels/x"))),
            IGNORE),
        row(
            "only an update under our name is left",
            later.entries(update(OURS, "", FIELDS)),
            new Decision.Repair(Cause.OWNERSHIP_LOST, false)),
        row("the generation differs", later.generation(4), VERIFY),
        row("the generation is older, as after a restore", later.generation(2), VERIFY),
        row("the generation is absent", later.withoutGeneration(), VERIFY),
        row("nothing but the version differs", later, IGNORE),
        // Other syncs.
        row(
            "another sync takes a field: the server is asked without force",
            later.lost(IMAGE).and(apply("fairlead/infra/other", APPLIED, List.of(IMAGE))),
            new Decision.Repair(Cause.FIELDS_CHANGED, true)),
        row(
            "a VERIFY where another sync has a field is unforced first too",
            later.generation(4).and(apply("fairlead/infra/other", APPLIED, List.of("spec/paused"))),
            new Decision.Verify(true)),
        row(
            "the operator's own manager is no other sync",
            later.lost(IMAGE).and(update("fairlead-operator", "", List.of(IMAGE))),
            changed()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void decidesByWhatOurSetSays(String sentence, State seen, Decision expected) {
    assertThat(Drift.decide(SYNC, BASELINE, new Observation.Present(seen.live())))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "a finished Job is left alone: {0}")
  @MethodSource("table")
  void aFinishedJobIsLeftAlone(String sentence, State seen, Decision expected) {
    assertThat(Drift.ofFinished(new Observation.Present(seen.live())))
        .isEqualTo(new Decision.Ignore(Because.FINISHED));
  }

  static Stream<Arguments> deletions() {
    return Stream.of(
        row("DELETED of our object", new Observation.Deleted("uid-1", "101"), new Decision.Look()),
        row(
            "DELETED of another object of the name",
            new Observation.Deleted("uid-2", "101"),
            new Decision.Ignore(Because.NOT_OURS)),
        row("DELETED from before we created it", new Observation.Deleted("uid-1", "99"), old()),
        row("a relist without it", new Observation.Unlisted("101"), new Decision.Look()),
        row("a relist from before we created it", new Observation.Unlisted("99"), old()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("deletions")
  void looksBeforeItBelievesADelete(String sentence, Observation seen, Decision expected) {
    assertThat(Drift.decide(SYNC, BASELINE, seen)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "whether a finished Job only lost its label is looked for: {0}")
  @MethodSource("deletions")
  void looksForAFinishedJob(String sentence, Observation seen, Decision expected) {
    assertThat(Drift.ofFinished(seen)).isEqualTo(new Decision.Look());
  }

  static Stream<Arguments> looksForFinished() {
    State later = State.later();
    State unlabelled = later.lost(LABEL).partOf(Optional.empty());
    Decision ignore = new Decision.Ignore(Because.FINISHED);
    return Stream.of(
        row("it is gone", Optional.<State>empty(), ignore),
        row("it is there as it was", Optional.of(later), ignore),
        row("it is another sync's now", Optional.of(later.partOf(Optional.of("other"))), ignore),
        row(
            "it lost its label",
            Optional.of(unlabelled),
            new Decision.Repair(Cause.LABEL_LOST, false)),
        row("it lost its label and is being deleted", Optional.of(unlabelled.isDeleting()), ignore),
        row(
            "it lost its label, and another sync has a field of it",
            Optional.of(unlabelled.and(apply("fairlead/infra/other", APPLIED, List.of(IMAGE)))),
            new Decision.Repair(Cause.LABEL_LOST, true)),
        row(
            "somebody made one of its name",
            Optional.of(later.uid("uid-2").entries().partOf(Optional.empty())),
            ignore));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("looksForFinished")
  void aFinishedJobGetsItsLabelBackAndIsNotBroughtBack(
      String sentence, Optional<State> found, Decision expected) {
    assertThat(Drift.ofFinishedAfterLook(SYNC, found.map(State::live))).isEqualTo(expected);
  }

  static Stream<Arguments> looks() {
    State later = State.later();
    return Stream.of(
        row("it is gone", Optional.<State>empty(), new Decision.Repair(Cause.DELETED, false)),
        row(
            "it is there and being deleted",
            Optional.of(later.isDeleting()),
            new Decision.AwaitDeletion()),
        row(
            "it is another sync's now",
            Optional.of(later.partOf(Optional.of("applyset-other"))),
            new Decision.Refuse("applyset-other")),
        row(
            "it is another sync's now and being deleted",
            Optional.of(later.partOf(Optional.of("applyset-other")).isDeleting()),
            new Decision.AwaitDeletion()),
        row(
            "it only lost its label",
            Optional.of(later.lost(LABEL).partOf(Optional.empty())),
            new Decision.Repair(Cause.LABEL_LOST, false)),
        row(
            "someone made a new one without our label",
            Optional.of(later.uid("uid-2").entries().partOf(Optional.empty())),
            new Decision.Repair(Cause.RECREATED, false)),
        row(
            "someone brought the label back meanwhile",
            Optional.of(later),
            new Decision.Repair(Cause.FIELDS_CHANGED, false)),
        row(
            "another sync has a field of it, without the label",
            Optional.of(
                later
                    .partOf(Optional.empty())
                    .and(apply("fairlead/infra/other", APPLIED, List.of(IMAGE)))),
            new Decision.Repair(Cause.LABEL_LOST, true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("looks")
  void decidesAfterTheLook(String sentence, Optional<State> found, Decision expected) {
    assertThat(Drift.afterLook(SYNC, BASELINE, found.map(State::live))).isEqualTo(expected);
  }

  @Test
  void anEntryWithoutTimeIsComparedWithoutTime() {
    Owner timeless = new Owner(OURS, true, "", Optional.empty(), fields(FIELDS));
    Baseline baseline = Baseline.of(State.applied().entries(timeless).live(), OURS);

    assertThat(
            Drift.decide(
                SYNC, baseline, new Observation.Present(State.later().entries(timeless).live())))
        .isEqualTo(IGNORE);
    assertThat(Drift.decide(SYNC, baseline, new Observation.Present(State.later().live())))
        .isEqualTo(new Decision.Repair(Cause.APPLIED_UNDER_OUR_NAME, false));
  }

  @Test
  void anApplyThatLeftNoEntryIsRepairedAtTheNextEvent() {
    Baseline baseline = Baseline.of(State.applied().entries().live(), OURS);

    assertThat(Drift.decide(SYNC, baseline, new Observation.Present(State.later().live())))
        .isEqualTo(changed());
  }

  @Test
  void aKindThatGainedGenerationsIsVerified() {
    Baseline baseline = Baseline.of(State.applied().withoutGeneration().live(), OURS);

    assertThat(Drift.decide(SYNC, baseline, new Observation.Present(State.later().live())))
        .isEqualTo(VERIFY);
  }

  @Test
  void afterTheRepairTheSameListTypeIsNoDriftAnyMore() {
    State repaired = State.later().lost("spec/args").version("102");
    Baseline baseline = Baseline.of(repaired.live(), OURS);

    assertThat(
            Drift.decide(SYNC, baseline, new Observation.Present(repaired.version("103").live())))
        .isEqualTo(IGNORE);
  }

  @Test
  void aLossNamesTheFieldsAndWhoTookThem() {
    Live drifted = State.later().taken("kubectl-edit", "spec/replicas", IMAGE).live();

    Drift.Loss loss = Drift.loss(SYNC, drifted, State.applied().version("102").live());

    assertThat(loss.fields())
        .containsExactly("spec.replicas", "spec.template.spec.containers[name=\"web\"].image");
    assertThat(loss.managers()).containsExactly("kubectl-edit");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fillings")
  void whatOthersPutIntoAnEmptyMapOfOursIsNoDrift(
      String sentence, State seen, List<Owner> others, boolean filled, List<String> lost) {
    State answer = State.applied().version("102");
    for (Owner other : others) {
      answer = answer.and(other);
    }

    assertThat(Drift.onlyFilled(SYNC, seen.live(), answer.live())).isEqualTo(filled);
    assertThat(Drift.loss(SYNC, seen.live(), answer.live()).fields()).isEqualTo(lost);
  }

  static Stream<Arguments> fillings() {
    State later = State.later();
    String map = "spec/args";
    Owner filler = update("controller", "", List.of(map + "/added"));
    return Stream.of(
        row("a controller adds the first", later.lost(map).and(filler), filler, true),
        row("it does so between the event and the answer", later.lost(map), filler, true),
        row(
            "a value is taken along",
            later.lost(map, "spec/replicas").and(filler),
            filler,
            false,
            "spec.replicas"),
        row(
            "it is replaced as a whole",
            later.taken("kubectl-edit", map),
            update("kubectl-edit", "", List.of("spec/paused")),
            false,
            "spec.args"),
        row("it is removed", later.lost(map), update("x", "", List.of()), false, "spec.args"),
        row("nothing is lost", later, filler, false),
        row(
            "our label is lost as well",
            later.lost(map).and(filler).partOf(Optional.empty()),
            filler,
            false));
  }

  private static Arguments row(
      String sentence, State seen, Owner other, boolean filled, String... lost) {
    return Arguments.of(sentence, seen, List.of(other), filled, List.of(lost));
  }

  @Test
  void aLossByRemovalNamesNobody() {
    Live drifted = State.later().lost("spec/replicas").live();

    Drift.Loss loss = Drift.loss(SYNC, drifted, State.applied().version("102").live());

    assertThat(loss).isEqualTo(new Drift.Loss(List.of("spec.replicas"), List.of()));
  }

  @Test
  void aLossOfTheWholeEntryIsAllThatIsOurs() {
    Live drifted = State.later().entries(update("before-first-apply", "", FIELDS)).live();

    Drift.Loss loss = Drift.loss(SYNC, drifted, State.applied().version("102").live());

    assertThat(loss.fields()).hasSize(FIELDS.size());
    assertThat(loss.managers()).containsExactly("before-first-apply");
  }

  private static Decision changed() {
    return new Decision.Repair(Cause.FIELDS_CHANGED, false);
  }

  private static Decision old() {
    return new Decision.Ignore(Because.NOT_NEWER);
  }

  private static Arguments row(String sentence, Object seen, Decision expected) {
    return Arguments.of(sentence, seen, expected);
  }

  private static Owner apply(String manager, Instant time, List<String> paths) {
    return new Owner(manager, true, "", Optional.of(time), fields(paths));
  }

  private static Owner update(String manager, String subresource, List<String> paths) {
    return new Owner(manager, false, subresource, Optional.of(APPLIED), fields(paths));
  }

  /** A set from paths whose elements are plain names or {@code k:{...}}. */
  private static FieldSet fields(List<String> paths) {
    Map<String, Json> root = new LinkedHashMap<>();
    for (String path : paths) {
      // The domain of a label has a slash of its own.
      String whole = path.replace(Labels.PART_OF, Labels.PART_OF.replace('/', '\u0000'));
      add(root, List.of(whole.split("/", -1)));
    }
    return FieldSet.of("apps/v1", Json.of(root));
  }

  private static void add(Map<String, Json> into, List<String> path) {
    String name = path.getFirst().replace('\u0000', '/');
    String key = name.startsWith("k:") ? name : "f:" + name;
    Map<String, Json> below =
        into.get(key) instanceof Json.Obj o
            ? new LinkedHashMap<>(o.members())
            : new LinkedHashMap<>();
    if (path.size() > 1) {
      add(below, path.subList(1, path.size()));
    }
    into.put(key, Json.of(Collections.unmodifiableMap(below)));
  }
}
