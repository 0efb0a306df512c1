package dev.fairlead.api;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.GoDuration;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads what {@link StatusJson} writes; what cannot be read counts as absent. */
final class StatusReader {
  private StatusReader() {}

  static SyncStatus read(Json.Obj status) {
    return new SyncStatus(
        status.integer("observedGeneration").orElse(0L),
        status.string("handledRequest"),
        items(status, "conditions", StatusReader::condition),
        status.object("source").flatMap(StatusReader::source),
        status.object("applied").flatMap(StatusReader::applied),
        status.object("lastGood").flatMap(StatusReader::lastGood),
        status.object("rollback").flatMap(StatusReader::rollback),
        status.string("webhookPath").filter(p -> !p.isEmpty()),
        status.object("objects").map(StatusReader::counts).orElse(SyncStatus.ObjectCounts.NONE),
        status.object("summary").map(s -> text(s, "message")).orElse(""),
        status.object("inventory").map(StatusReader::inventory).orElse(SyncStatus.Inventory.EMPTY),
        status.object("pendingPrune").flatMap(StatusReader::pendingPrune),
        status.object("plan").map(StatusReader::plan),
        items(status, "finishedJobs", StatusReader::finishedJob),
        count(status, "problemCount"),
        items(status, "problems", StatusReader::problem),
        texts(status, "warnings"),
        items(status, "history", StatusReader::deployment));
  }

  private static Optional<Condition> condition(Json.Obj condition) {
    Optional<Condition.Type> type = named(Condition.Type.values(), text(condition, "type"));
    Optional<Condition.State> state = named(Condition.State.values(), text(condition, "status"));
    if (type.isEmpty() || state.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Condition(
            type.get(),
            state.get(),
            text(condition, "reason"),
            text(condition, "message"),
            condition.integer("observedGeneration").orElse(0L),
            time(condition, "lastTransitionTime")));
  }

  private static Optional<SyncStatus.Source> source(Json.Obj source) {
    return revision(source)
        .map(revision ->
            new SyncStatus.Source(
                new Commit(
                    revision,
                    text(source, "author"),
                    text(source, "subject"),
                    time(source, "committedAt")),
                time(source, "seenAt")));
  }

  private static Optional<SyncStatus.Applied> applied(Json.Obj applied) {
    return revision(applied)
        .map(revision ->
            new SyncStatus.Applied(revision, time(applied, "at"), count(applied, "objects")));
  }

  private static Optional<SyncStatus.LastGood> lastGood(Json.Obj lastGood) {
    return revision(lastGood)
        .map(revision ->
            new SyncStatus.LastGood(
                revision, time(lastGood, "at"), lastGood.integer("generation").orElse(0L)));
  }

  private static Optional<SyncStatus.Rollback> rollback(Json.Obj rollback) {
    return revision(rollback, "from")
        .flatMap(from ->
            revision(rollback, "to")
                .map(to ->
                    new SyncStatus.Rollback(
                        from, to, text(rollback, "reason"), time(rollback, "at"))));
  }

  private static SyncStatus.ObjectCounts counts(Json.Obj objects) {
    return new SyncStatus.ObjectCounts(
        count(objects, "total"),
        count(objects, "healthy"),
        count(objects, "progressing"),
        count(objects, "failed"));
  }

  private static SyncStatus.Inventory inventory(Json.Obj inventory) {
    List<GroupKind> kinds =
        texts(inventory, "groupKinds").stream().flatMap(k -> groupKind(k).stream()).toList();
    return new SyncStatus.Inventory(kinds, texts(inventory, "namespaces"));
  }

  /** {@code Kind} or {@code Kind.group}, unless there is no kind in it. */
  static Optional<GroupKind> groupKind(String text) {
    return text.isEmpty() || text.startsWith(".")
        ? Optional.empty()
        : Optional.of(GroupKind.parse(text));
  }

  private static Optional<SyncStatus.PendingPrune> pendingPrune(Json.Obj prune) {
    return prune
        .string("digest")
        .map(digest ->
            new SyncStatus.PendingPrune(digest, count(prune, "objects"), texts(prune, "first")));
  }

  private static SyncStatus.PlanSummary plan(Json.Obj plan) {
    return new SyncStatus.PlanSummary(
        count(plan, "create"),
        count(plan, "update"),
        count(plan, "prune"),
        count(plan, "drifted"),
        texts(plan, "first"));
  }

  private static Optional<SyncStatus.FinishedJob> finishedJob(Json.Obj job) {
    return job.string("object")
        .flatMap(o -> job.string("digest").map(d -> new SyncStatus.FinishedJob(o, d)));
  }

  private static Optional<SyncStatus.Problem> problem(Json.Obj problem) {
    return Optional.of(
        new SyncStatus.Problem(
            text(problem, "object"),
            text(problem, "file"),
            count(problem, "line"),
            text(problem, "reason"),
            text(problem, "message"),
            time(problem, "since")));
  }

  private static Optional<SyncStatus.Deployment> deployment(Json.Obj deployment) {
    return revision(deployment)
        .map(revision ->
            new SyncStatus.Deployment(
                revision,
                text(deployment, "subject"),
                text(deployment, "author"),
                time(deployment, "startedAt"),
                duration(deployment, "duration"),
                text(deployment, "result"),
                count(deployment, "created"),
                count(deployment, "updated"),
                count(deployment, "pruned")));
  }

  private static Optional<Revision> revision(Json.Obj parent) {
    return revision(parent, "revision");
  }

  private static Optional<Revision> revision(Json.Obj parent, String name) {
    try {
      return parent.string(name).map(Revision::parse);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Instant time(Json.Obj parent, String name) {
    try {
      return parent.string(name).map(Instant::parse).orElse(Instant.EPOCH);
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  private static Duration duration(Json.Obj parent, String name) {
    try {
      return parent.string(name).map(GoDuration::parse).orElse(Duration.ZERO);
    } catch (IllegalArgumentException e) {
      return Duration.ZERO;
    }
  }

  private static <E extends Enum<E>> Optional<E> named(E[] values, String text) {
    return Arrays.stream(values).filter(v -> v.toString().equals(text)).findFirst();
  }

  private static String text(Json.Obj parent, String name) {
    return parent.string(name).orElse("");
  }

  private static int count(Json.Obj parent, String name) {
    long value = parent.integer(name).orElse(0L);
    return value > 0 && value <= Integer.MAX_VALUE ? (int) value : 0;
  }

  private static List<String> texts(Json.Obj parent, String name) {
    return parent.items(name).stream().flatMap(GitSyncs::text).toList();
  }

  private static <T> List<T> items(
      Json.Obj parent, String name, Function<Json.Obj, Optional<T>> read) {
    return parent.items(name).stream()
        .flatMap(i -> i instanceof Json.Obj o ? read.apply(o).stream() : Stream.<T>empty())
        .toList();
  }
}
