package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApplyResult;
import dev.fairlead.cluster.DryRun;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.NotFound.Missing;
import dev.fairlead.plan.CustomKind;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Applies what an installation consists of, in the name of the command line. What the server would
 * refuse is found out before anything is written, as far as it can be asked. For one thread.
 */
final class Applying {
  private static final Duration DEFINITION = Duration.ofSeconds(60);
  private static final Duration TICK = Duration.ofMillis(250);

  private final Session session;
  private final boolean force;

  /**
   * @param force whether fields that others have set are taken over
   */
  Applying(Session session, boolean force) {
    this.session = session;
    this.force = force;
  }

  /** What becomes of an object. */
  enum Step {
    CREATED,
    CHANGED,
    UNCHANGED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is to be done about one object. */
  record Planned(InstallPart part, Step step) {}

  /** What applying them would do, in the order of the parts; writes nothing. */
  List<Planned> plan(List<InstallPart> parts) throws CliException, InterruptedException {
    List<Planned> plan = new ArrayList<>();
    boolean homeless = false;
    for (InstallPart part : parts) {
      Optional<Json.Obj> there = session.read(part.resource(), part.key());
      if (there
          .flatMap(o -> o.object("metadata"))
          .flatMap(m -> m.string("deletionTimestamp"))
          .isPresent()) {
        throw new CliException(
            part.key() + " is being deleted: wait until it is gone, then install again");
      }
      if (there.isEmpty() && part.resource().equals(InstallPart.NAMESPACES)) {
        homeless = true;
      }
      if (there.isEmpty() && homeless && part.resource().namespaced()) {
        // The server refuses what has no namespace yet, in a dry run too.
        plan.add(new Planned(part, Step.CREATED));
        continue;
      }
      DryRun would = dryRun(part);
      plan.add(
          new Planned(
              part,
              would.created()
                  ? Step.CREATED
                  : there.map(Applying::said).equals(Optional.of(said(would.object())))
                      ? Step.UNCHANGED
                      : Step.CHANGED));
    }
    return plan;
  }

  /** What an apply can change: the object but for its status, and which of its fields are ours. */
  private static Json.Obj said(Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
    List<Json> ours =
        metadata.items("managedFields").stream()
            .filter(f ->
                f instanceof Json.Obj entry
                    && entry.string("manager").orElse("").equals(Session.MANAGER))
            .toList();
    return object
        .without("status")
        .with("metadata", metadata.without("resourceVersion").with("managedFields", Json.of(ours)));
  }

  private DryRun dryRun(InstallPart part) throws CliException, InterruptedException {
    try {
      return session
          .api()
          .dryRunApply(part.resource(), part.key(), part.body().toBytes(), Session.MANAGER, force);
    } catch (ApiException e) {
      throw refused(part.key(), e);
    }
  }

  /** Applies one object. */
  void apply(InstallPart part) throws CliException, InterruptedException {
    try {
      ApplyResult _ =
          session
              .api()
              .apply(
                  part.resource(),
                  part.key(),
                  part.body().toBytes(),
                  Session.MANAGER,
                  force,
                  false);
    } catch (ApiException e) {
      throw refused(part.key(), e);
    }
  }

  private CliException refused(ObjectKey key, ApiException e) {
    return e.error() instanceof ApiError.Conflict conflict
        ? new CliException(conflict(key, conflict))
        : session.refused(e);
  }

  /** Whose fields stand in the way, and what to do. Pure. */
  static String conflict(ObjectKey key, ApiError.Conflict conflict) {
    List<String> managers = conflict.managers();
    Optional<SyncKey> git =
        managers.stream().flatMap(m -> SyncKey.ofFieldManager(m).stream()).findFirst();
    if (git.isPresent()) {
      return "%s comes from Git: GitSync %s applies it. Upgrade Fairlead by a commit there"
          .formatted(key, git.get());
    }
    String fields =
        conflict.conflicts().stream()
            .map(ApiError.FieldConflict::field)
            .distinct()
            .limit(3)
            .collect(Collectors.joining(", "));
    String set =
        "%s has set %s of %s to something else: "
            .formatted(String.join(" and ", managers), fields, key);
    return managers.contains("helm")
        ? set + "upgrade Fairlead with 'helm upgrade', or take it from Helm with --force-conflicts"
        : set + "--force-conflicts sets it to what this version of Fairlead has";
  }

  /** Waits until the server takes GitSyncs. */
  void awaitDefinition() throws CliException, InterruptedException {
    ObjectKey definition =
        InstallPart.DEFINITIONS.key("", SyncWriter.GITSYNCS.plural() + ".fairlead.dev");
    long deadline = System.nanoTime() + DEFINITION.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Json.Obj> there = session.read(InstallPart.DEFINITIONS, definition);
      if (there.filter(CustomKind::isEstablished).isPresent() && isServed()) {
        return;
      }
      Pause.of(TICK);
    }
    throw new CliException(
        "the API server does not serve GitSyncs yet: look at 'kubectl describe crd "
            + definition.name()
            + "', then install again");
  }

  /** It may be established before each API server has noticed. */
  private boolean isServed() throws CliException, InterruptedException {
    try {
      var _ =
          session
              .api()
              .getMetadata(SyncWriter.GITSYNCS, SyncWriter.GITSYNCS.key(session.namespace(), "x"));
      return true;
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound missing && missing.missing() == Missing.KIND) {
        return false;
      }
      throw session.refused(e);
    }
  }
}
