package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Json;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.testbed.Seed;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StatusPatchTest {
  private static final Instant LATER = Instant.parse("2027-01-01T00:00:00Z");
  private final SyncStatus full = StatusJsonTest.full();

  @Test
  void findsNoDifferenceInTimesThatOnlyEcho() {
    SyncStatus.Source source = full.source().orElseThrow();
    SyncStatus.Applied applied = full.applied().orElseThrow();
    SyncStatus.LastGood good = full.lastGood().orElseThrow();
    SyncStatus.Problem problem = full.problems().getFirst();
    SyncStatus again =
        new SyncStatus(
            full.observedGeneration(),
            full.handledRequest(),
            full.conditions().stream().map(c -> at(c, c.message())).toList(),
            Optional.of(new SyncStatus.Source(source.commit(), LATER)),
            Optional.of(new SyncStatus.Applied(applied.revision(), LATER, applied.objects())),
            Optional.of(new SyncStatus.LastGood(good.revision(), LATER, good.generation())),
            full.rollback().map(r -> new SyncStatus.Rollback(r.from(), r.to(), r.reason(), LATER)),
            full.webhookPath(),
            full.objects(),
            full.message(),
            full.inventory(),
            full.pendingPrune(),
            full.plan(),
            full.finishedJobs(),
            full.problemCount(),
            List.of(
                new SyncStatus.Problem(
                    problem.object(),
                    problem.file(),
                    problem.line(),
                    problem.reason(),
                    problem.message(),
                    LATER)),
            full.warnings(),
            full.history());

    assertThat(StatusPatch.between(full, again)).isEmpty();
    assertThat(StatusPatch.settle(full, again)).isEqualTo(full);
  }

  @Test
  void keepsTheTransitionTimeOfAConditionThatOnlyHasAnotherMessage() {
    SyncStatus after =
        withConditions(full, full.conditions().stream().map(c -> at(c, "other")).toList());
    assertThat(StatusPatch.settle(full, after).conditions())
        .extracting(Condition::message, Condition::lastTransition)
        .containsOnly(tuple("other", full.conditions().getFirst().lastTransition()));
  }

  @Test
  void movesTheTransitionTimeWithTheState() {
    Condition ready =
        new Condition(Condition.Type.READY, Condition.State.TRUE, "Succeeded", "", 3, LATER);
    SyncStatus after = withConditions(full, List.of(ready));
    assertThat(StatusPatch.settle(full, after).conditions()).containsExactly(ready);
  }

  @Test
  void namesOnlyWhatChanged() {
    SyncStatus.Source old = full.source().orElseThrow();
    Commit commit =
        new Commit(
            old.commit().revision(), old.commit().author(), "Amended", old.commit().committedAt());
    assertThat(StatusPatch.between(full, withSource(full, new SyncStatus.Source(commit, LATER))))
        .contains(Trees.object("{status: {source: {subject: Amended}}}"));
  }

  @Test
  void removesWithNulls() {
    assertThat(StatusPatch.between(full, SyncStatus.EMPTY).map(Json.Obj::toJson))
        .contains(
            "{\"status\":{\"observedGeneration\":null,\"handledRequest\":null,\"conditions\":null,"
                + "\"source\":null,\"applied\":null,\"lastGood\":null,\"rollback\":null,"
                + "\"webhookPath\":null,\"objects\":null,"
                + "\"summary\":null,\"inventory\":null,\"pendingPrune\":null,"
                + "\"plan\":null,\"finishedJobs\":null,\"problemCount\":null,\"problems\":null,"
                + "\"warnings\":null,\"history\":null}}");
  }

  @Test
  void leadsFromAnyStatusToAnyOther() {
    long seed = Seed.of(StatusPatchTest.class);
    RandomStatus statuses = new RandomStatus(new Random(seed));
    for (int i = 0; i < Seed.cases(2_000); i++) {
      SyncStatus before = statuses.next();
      SyncStatus after = statuses.next();
      Optional<Json.Obj> patch = StatusPatch.between(before, after);
      Json.Obj server = Json.of(Map.of("status", StatusJson.of(before)));
      Json.Obj patched = patch.map(p -> merged(server, p)).orElse(server);
      SyncStatus settled = StatusPatch.settle(before, after);
      assertThat(StatusJson.read(patched.object("status").orElse(Json.Obj.empty())))
          .as("seed %d, pair %d", seed, i)
          .isEqualTo(settled);
      assertThat(StatusPatch.between(settled, after)).as("seed %d, pair %d", seed, i).isEmpty();
    }
  }

  /** RFC 7386, section 2. */
  private static Json.Obj merged(Json.Obj target, Json.Obj patch) {
    Map<String, Json> members = new LinkedHashMap<>(target.members());
    patch
        .members()
        .forEach((name, value) -> {
          if (value instanceof Json.Null) {
            members.remove(name);
          } else if (value instanceof Json.Obj nested) {
            members.put(name, merged(target.object(name).orElse(Json.Obj.empty()), nested));
          } else {
            members.put(name, value);
          }
        });
    return Json.of(members);
  }

  private static Condition at(Condition c, String message) {
    return new Condition(c.type(), c.state(), c.reason(), message, c.observedGeneration(), LATER);
  }

  private static SyncStatus withConditions(SyncStatus s, List<Condition> conditions) {
    return new SyncStatus(
        s.observedGeneration(),
        s.handledRequest(),
        conditions,
        s.source(),
        s.applied(),
        s.lastGood(),
        s.rollback(),
        s.webhookPath(),
        s.objects(),
        s.message(),
        s.inventory(),
        s.pendingPrune(),
        s.plan(),
        s.finishedJobs(),
        s.problemCount(),
        s.problems(),
        s.warnings(),
        s.history());
  }

  static SyncStatus withSource(SyncStatus s, SyncStatus.Source source) {
    return new SyncStatus(
        s.observedGeneration(),
        s.handledRequest(),
        s.conditions(),
        Optional.of(source),
        s.applied(),
        s.lastGood(),
        s.rollback(),
        s.webhookPath(),
        s.objects(),
        s.message(),
        s.inventory(),
        s.pendingPrune(),
        s.plan(),
        s.finishedJobs(),
        s.problemCount(),
        s.problems(),
        s.warnings(),
        s.history());
  }
}
