package dev.fairlead.cli;

import dev.fairlead.api.GitSyncs;
import dev.fairlead.api.SyncReading;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Json;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import java.util.List;
import java.util.Optional;

/**
 * A GitSync as the server has it, and what people ask of it. Pure.
 *
 * @param raw the whole object
 */
record SyncItem(Json.Obj raw, SyncReading reading) {
  static SyncItem of(Json.Obj raw) {
    return new SyncItem(raw, GitSyncs.read(raw));
  }

  SyncKey key() {
    return reading.metadata().key();
  }

  SyncStatus status() {
    return reading.status();
  }

  /** Its spec; empty when it cannot be read. */
  Optional<SyncSpec> spec() {
    return reading instanceof SyncReading.Valid(Sync sync)
        ? Optional.of(sync.spec())
        : Optional.empty();
  }

  List<String> malformed() {
    return reading instanceof SyncReading.Malformed bad ? bad.problems() : List.of();
  }

  boolean deleting() {
    return reading.metadata().deleting();
  }

  boolean suspended() {
    return spec().map(SyncSpec::suspend).orElse(false);
  }

  Optional<Condition> ready() {
    return status().condition(Condition.Type.READY);
  }

  /** Whether the operator has said anything about it yet. */
  boolean untold() {
    return ready().isEmpty();
  }

  /** Whether the status is about the spec as it is now; nobody acts on one that is suspended. */
  boolean upToDate() {
    return suspended() || status().observedGeneration() == reading.metadata().generation();
  }

  boolean isReady() {
    return ready().map(r -> r.state() == Condition.State.TRUE).orElse(false)
        && upToDate()
        && !deleting();
  }

  /** Whether it is on its way, so that it may become Ready without anybody's doing. */
  boolean isWorking() {
    return !isReady()
        && (untold()
            || !upToDate()
            || status().condition(Condition.Type.RECONCILING).isPresent()
            || ready()
                .map(r ->
                    r.state() == Condition.State.UNKNOWN
                        || r.reason().equals(Reason.PROGRESSING.toString()))
                .orElse(true));
  }

  boolean isBecause(Reason reason) {
    return ready().map(r -> r.reason().equals(reason.toString())).orElse(false);
  }

  /** The newest commit that was seen. */
  Optional<Commit> newest() {
    return status().source().map(SyncStatus.Source::commit);
  }

  /** The commit that the cluster holds. */
  Optional<Revision> running() {
    return status().applied().map(SyncStatus.Applied::revision);
  }

  /** The first line of that commit's message, as far as status knows it. */
  Optional<String> runningSubject() {
    Optional<String> commit = running().map(Revision::commit);
    return newest()
        .filter(c -> commit.equals(Optional.of(c.revision().commit())))
        .map(Commit::subject)
        .or(() ->
            status().history().stream()
                .filter(d -> commit.equals(Optional.of(d.revision().commit())))
                .map(SyncStatus.Deployment::subject)
                .findFirst());
  }

  /** Whether the cluster holds the newest commit. */
  boolean holdsNewest() {
    return newest().map(c -> c.revision().commit()).equals(running().map(Revision::commit));
  }
}
