package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.PORTFOLIO;
import static dev.fairlead.reconcile.Examples.baseline;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Examples.desired;
import static dev.fairlead.reconcile.Examples.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.Probe;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

final class SyncOverviewTest {
  private static final DesiredObject WEB = desired("Deployment.apps", "web");
  private static final DesiredObject API = desired("Deployment.apps", "api");
  private static final DesiredObject NEW = desired("ConfigMap", "new");
  private static final DesiredObject OLD = desired("ConfigMap", "old");

  private final Syncs syncs = new Syncs();
  private final Map<ObjectKey, Observed> live = new TreeMap<>();
  private final SyncOverview overview =
      new SyncOverview(
          syncs,
          key -> Optional.ofNullable(live.get(key)),
          sync -> List.copyOf(live.values()),
          () -> Probe.good("at work"),
          () -> NOON);

  @Test
  void gitsyncs_are_listed_in_order_and_in_parts() {
    for (String name : List.of("c", "a", "b")) {
      syncs.seen(reading(new SyncKey("apps", name)));
    }
    syncs.seen(reading(new SyncKey("aaa", "z")));

    assertThat(names(Optional.empty(), 9)).containsExactly("aaa/z", "apps/a", "apps/b", "apps/c");
    assertThat(names(Optional.empty(), 2)).containsExactly("aaa/z", "apps/a");
    assertThat(names(Optional.of(new SyncKey("apps", "a")), 2)).containsExactly("apps/b", "apps/c");
    assertThat(overview.list(Optional.empty(), 1))
        .containsExactly(
            new SyncViews.Summary(
                new SyncKey("aaa", "z"), "Unknown", "Progressing", "", "", false, false));
  }

  private List<String> names(Optional<SyncKey> after, int limit) {
    return overview.list(after, limit).stream().map(s -> s.key().toString()).toList();
  }

  private static SyncReading reading(SyncKey key) {
    return new SyncReading.Malformed(
        new SyncMetadata(key, "uid", "1", 1, false, List.of(), Map.of(), Map.of()),
        SyncStatus.EMPTY,
        List.of());
  }

  @Test
  void an_unknown_sync_is_none_and_leaves_no_trace() {
    assertThat(overview.find(PORTFOLIO)).isEmpty();
    assertThat(syncs.known(PORTFOLIO)).isEmpty();
  }

  @Test
  void before_git_is_known_the_members_are_unverified_and_warnings_are_those_of_status() {
    syncs.seen(
        new SyncReading.Malformed(
            metadata("uid", "1", 1), warned("a.yaml:1: ConfigMap apps/a: old"), List.of()));
    live.put(OLD.key(), observed(OLD));

    SyncView view = overview.find(PORTFOLIO).orElseThrow();

    assertThat(objects(view)).containsExactly("ConfigMap apps/old Unverified");
    assertThat(view.warnings())
        .extracting(Warning::toString)
        .containsExactly("a.yaml:1: ConfigMap apps/a: old");
    assertThat(view.attempt()).isEmpty();
    assertThat(view.pendingPrune()).isEmpty();
  }

  @Test
  void objects_come_as_in_git_then_what_was_written_halfway_then_what_is_left_over() {
    syncs.seen(Examples.valid(metadata("uid", "1", 1)));
    SyncState state = syncs.state(PORTFOLIO);
    state.applied(WEB, baseline("10"));
    state.applied(
        API, baseline("11"), List.of(new ServerWarning("spec.x: deprecated", 7, "evidence")));
    state.written(attempt(), build(WEB, API));
    state.applied(NEW, baseline("12"));
    live.put(OLD.key(), observed(OLD));
    live.put(WEB.key(), observed(WEB));
    state
        .prune()
        .blocked(
            Optional.of(
                new Guard.Verdict.Blocked(
                    "digest",
                    "it waits",
                    1,
                    List.of(OLD.key()),
                    List.of(new Guard.Excluded(NEW.key(), Guard.Kept.PRUNE_DISABLED)))));

    SyncView view = overview.find(PORTFOLIO).orElseThrow();

    List<String> expected =
        List.of(
            "Deployment apps/web Applied",
            "Deployment apps/api Applied",
            "ConfigMap apps/new Applied",
            "ConfigMap apps/old Leftover");
    assertThat(objects(view)).isEqualTo(expected);
    assertThat(objects(view)).as("asked again").isEqualTo(expected);
    assertThat(view.warnings())
        .extracting(Warning::toString)
        .containsExactly("deploy/api.yaml:7: Deployment apps/api: spec.x: deprecated");
    assertThat(view.pendingPrune())
        .contains(
            new SyncView.PendingPrune(
                "digest",
                "it waits",
                1,
                List.of(OLD.key()),
                List.of(
                    new SyncView.Kept(
                        NEW.key(), "its annotation fairlead.dev/prune is disabled"))));
  }

  @Test
  void all_problems_are_told_and_those_of_status_before_the_first_report() {
    syncs.seen(Examples.valid(metadata("uid", "1", 1)));
    assertThat(overview.find(PORTFOLIO).orElseThrow().problems()).isEmpty();

    syncs
        .state(PORTFOLIO)
        .account()
        .problems(
            IntStream.range(0, 50)
                .mapToObj(i -> Given.problem("ConfigMap apps/c" + i, "ValidationFailed", "no"))
                .toList());

    assertThat(overview.find(PORTFOLIO).orElseThrow().problems()).hasSize(50);
  }

  @Test
  void an_object_that_goes_while_it_is_told_of_is_left_out() {
    syncs.seen(Examples.valid(metadata("uid", "1", 1)));
    live.put(OLD.key(), observed(OLD));
    SyncView view = overview.find(PORTFOLIO).orElseThrow();

    live.clear();

    assertThat(objects(view)).isEmpty();
  }

  private static List<String> objects(SyncView view) {
    return StreamSupport.stream(view.objects().spliterator(), false)
        .map((ObjectView o) -> o.key() + " " + o.state())
        .toList();
  }

  private static SyncStatus warned(String text) {
    SyncStatus none = SyncStatus.EMPTY;
    return new SyncStatus(
        1,
        none.handledRequest(),
        List.of(),
        none.source(),
        none.applied(),
        none.lastGood(),
        none.rollback(),
        Optional.empty(),
        none.objects(),
        "",
        none.inventory(),
        none.pendingPrune(),
        none.plan(),
        List.of(),
        0,
        List.of(),
        List.of(text),
        List.of());
  }

  private static Attempt attempt() {
    return new Attempt(
        new SyncDecision.Target("a".repeat(40), 1), commit("a"), NOON, NOON, 2, 0, Set.of(), true);
  }

  private static Build build(DesiredObject... objects) {
    return new Build(
        new SyncDecision.Target("a".repeat(40), 1),
        "tree",
        "print",
        List.of(objects),
        Map.of(),
        Set.of(),
        List.of(),
        Map.of());
  }

  private static Observed observed(DesiredObject object) {
    return new Observed(
        object.key(),
        Labels.applySetId(PORTFOLIO),
        true,
        "uid",
        "10",
        false,
        List.of(),
        Map.of(),
        false,
        Health.HEALTHY,
        List.of());
  }
}
