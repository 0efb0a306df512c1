package dev.fairlead.api;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.GoDuration;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.SyncStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A sync's status as the {@code status} of its GitSync.
 *
 * <p>What is empty or zero is left out, so {@link SyncStatus#EMPTY} is an empty object. Times are
 * written to the second and within the years 1 to 9999 (Git allows any, the schema's date-time does
 * not), durations to the millisecond, conditions in the order of their types. Reading gives back
 * what was written, to that precision; what cannot be read, because a person or another version
 * wrote it, counts as absent.
 */
public final class StatusJson {
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private StatusJson() {}

  /** The status as JSON. */
  public static Json.Obj of(SyncStatus status) {
    return new Members()
        .number("observedGeneration", status.observedGeneration())
        .text("handledRequest", status.handledRequest().orElse(""))
        .list(
            "conditions",
            status.conditions().stream()
                .sorted(Comparator.comparing(Condition::type))
                .map(StatusJson::condition)
                .toList())
        .object("source", status.source().map(StatusJson::source))
        .object("applied", status.applied().map(StatusJson::applied))
        .object("lastGood", status.lastGood().map(StatusJson::lastGood))
        .object("rollback", status.rollback().map(StatusJson::rollback))
        .text("webhookPath", status.webhookPath().orElse(""))
        .object("objects", objects(status.objects()))
        .object("summary", summary(status))
        .object("inventory", inventory(status.inventory()))
        .object("pendingPrune", status.pendingPrune().map(StatusJson::pendingPrune))
        .object("plan", status.plan().map(StatusJson::plan))
        .list("finishedJobs", status.finishedJobs().stream().map(StatusJson::finishedJob).toList())
        .number("problemCount", status.problemCount())
        .list("problems", status.problems().stream().map(StatusJson::problem).toList())
        .list("warnings", texts(status.warnings()))
        .list("history", status.history().stream().map(StatusJson::deployment).toList())
        .done();
  }

  /** The status that the JSON holds; never fails. */
  public static SyncStatus read(Json.Obj status) {
    return StatusReader.read(status);
  }

  private static Json.Obj condition(Condition condition) {
    return new Members()
        .text("type", condition.type().toString())
        .text("status", condition.state().toString())
        .text("reason", condition.reason())
        .text("message", condition.message())
        .number("observedGeneration", condition.observedGeneration())
        .time("lastTransitionTime", condition.lastTransition())
        .done();
  }

  private static Json.Obj source(SyncStatus.Source source) {
    Commit commit = source.commit();
    return new Members()
        .text("revision", commit.revision().toString())
        .text("author", commit.author())
        .text("subject", commit.subject())
        .time("committedAt", commit.committedAt())
        .time("seenAt", source.seenAt())
        .done();
  }

  private static Json.Obj applied(SyncStatus.Applied applied) {
    return new Members()
        .text("revision", applied.revision().toString())
        .time("at", applied.at())
        .number("objects", applied.objects())
        .done();
  }

  private static Json.Obj lastGood(SyncStatus.LastGood lastGood) {
    return new Members()
        .text("revision", lastGood.revision().toString())
        .time("at", lastGood.at())
        .number("generation", lastGood.generation())
        .done();
  }

  private static Json.Obj rollback(SyncStatus.Rollback rollback) {
    return new Members()
        .text("from", rollback.from().toString())
        .text("to", rollback.to().toString())
        .text("reason", rollback.reason())
        .time("at", rollback.at())
        .done();
  }

  /** All four, or none: {@code failed: 0} is what people look for. */
  private static Optional<Json.Obj> objects(SyncStatus.ObjectCounts counts) {
    if (counts.equals(SyncStatus.ObjectCounts.NONE)) {
      return Optional.empty();
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("total", Json.of(counts.total()));
    members.put("healthy", Json.of(counts.healthy()));
    members.put("progressing", Json.of(counts.progressing()));
    members.put("failed", Json.of(counts.failed()));
    return Optional.of(Json.of(members));
  }

  private static Optional<Json.Obj> summary(SyncStatus status) {
    boolean none = status.objects().equals(SyncStatus.ObjectCounts.NONE);
    return some(
        new Members()
            .text("revision", status.applied().map(a -> a.revision().shortForm()).orElse(""))
            .text("objects", none ? "" : status.objects().toString())
            .text("message", status.message())
            .done());
  }

  private static Optional<Json.Obj> inventory(SyncStatus.Inventory inventory) {
    return some(
        new Members()
            .list(
                "groupKinds",
                texts(inventory.groupKinds().stream().map(GroupKind::toString).toList()))
            .list("namespaces", texts(inventory.namespaces()))
            .done());
  }

  private static Json.Obj pendingPrune(SyncStatus.PendingPrune prune) {
    return new Members()
        .text("digest", prune.digest())
        .number("objects", prune.objects())
        .list("first", texts(prune.first()))
        .done();
  }

  /** All four, also where nothing would change: {@code create: 0} is what people look for. */
  private static Json.Obj plan(SyncStatus.PlanSummary plan) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("create", Json.of(plan.create()));
    members.put("update", Json.of(plan.update()));
    members.put("prune", Json.of(plan.prune()));
    members.put("drifted", Json.of(plan.drifted()));
    if (!plan.first().isEmpty()) {
      members.put("first", Json.of(texts(plan.first())));
    }
    return Json.of(members);
  }

  private static Json.Obj finishedJob(SyncStatus.FinishedJob job) {
    return new Members().text("object", job.object()).text("digest", job.digest()).done();
  }

  private static Json.Obj problem(SyncStatus.Problem problem) {
    return new Members()
        .text("object", problem.object())
        .text("file", problem.file())
        .number("line", problem.line())
        .text("reason", problem.reason())
        .text("message", problem.message())
        .time("since", problem.since())
        .done();
  }

  private static Json.Obj deployment(SyncStatus.Deployment deployment) {
    return new Members()
        .text("revision", deployment.revision().toString())
        .text("subject", deployment.subject())
        .text("author", deployment.author())
        .time("startedAt", deployment.startedAt())
        .text("duration", duration(deployment.duration()))
        .text("result", deployment.result())
        .number("created", deployment.created())
        .number("updated", deployment.updated())
        .number("pruned", deployment.pruned())
        .done();
  }

  private static List<Json> texts(List<String> texts) {
    return texts.stream().<Json>map(Json::of).toList();
  }

  private static Optional<Json.Obj> some(Json.Obj object) {
    return object.members().isEmpty() ? Optional.empty() : Optional.of(object);
  }

  private static String duration(Duration duration) {
    return GoDuration.format(duration.truncatedTo(ChronoUnit.MILLIS));
  }

  private static String time(Instant instant) {
    Instant written = instant.isBefore(FIRST) ? FIRST : instant.isAfter(LAST) ? LAST : instant;
    return written.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** The members of one object, without those that say nothing. */
  private static final class Members {
    private final Map<String, Json> members = new LinkedHashMap<>();

    Members text(String name, String value) {
      if (!value.isEmpty()) {
        members.put(name, Json.of(value));
      }
      return this;
    }

    Members number(String name, long value) {
      if (value != 0) {
        members.put(name, Json.of(value));
      }
      return this;
    }

    Members time(String name, Instant value) {
      members.put(name, Json.of(StatusJson.time(value)));
      return this;
    }

    Members object(String name, Optional<Json.Obj> value) {
      value.ifPresent(v -> members.put(name, v));
      return this;
    }

    Members list(String name, List<? extends Json> items) {
      if (!items.isEmpty()) {
        members.put(name, Json.of(items));
      }
      return this;
    }

    Json.Obj done() {
      return Json.of(members);
    }
  }
}
