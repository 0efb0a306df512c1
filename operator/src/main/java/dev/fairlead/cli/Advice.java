package dev.fairlead.cli;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a person can do about a GitSync that is not Ready. Pure.
 *
 * @param scope what has to be added to a command so that it finds the GitSync, as in {@code " -n
 *     shop"}; empty where it finds it by itself
 */
record Advice(String scope) {
  List<String> of(SyncItem sync) {
    List<String> lines = new ArrayList<>();
    if (sync.suspended()) {
      lines.add(
          "It is suspended: nothing is fetched, applied or repaired.  To go on:  fairlead resume "
              + sync.key().name()
              + scope);
    }
    if (sync.untold() && !sync.suspended()) {
      lines.add("Is the operator running?  fairlead version");
    }
    sync.ready()
        .flatMap(r -> reason(r.reason()))
        .filter(_ -> !sync.isReady())
        .ifPresent(reason -> lines.addAll(of(sync, reason)));
    return lines;
  }

  private static Optional<Reason> reason(String text) {
    for (Reason reason : Reason.values()) {
      if (reason.toString().equals(text)) {
        return Optional.of(reason);
      }
    }
    return Optional.empty();
  }

  private List<String> of(SyncItem sync, Reason reason) {
    String name = sync.key().name() + scope;
    return switch (reason) {
      case HEALTH_CHECK_FAILED -> unhealthy(sync);
      case BUILD_FAILED, VALIDATION_FAILED, SIGNATURE_INVALID, PATH_NOT_FOUND, REF_NOT_FOUND ->
          List.of(unchanged(sync) + "; correct it and push");
      case FETCH_FAILED -> List.of(unchanged(sync) + "; it is tried again by itself");
      case AUTHENTICATION_FAILED ->
          List.of(
              unchanged(sync)
                  + sync.spec()
                      .flatMap(SyncSpec::secretName)
                      .map(s -> "; renew the Secret " + sync.key().namespace() + "/" + s)
                      .orElse("; spec.secretRef names no Secret with credentials"));
      case PRUNE_BLOCKED -> {
        List<String> lines = new ArrayList<>();
        lines.add("To approve:  fairlead approve " + name);
        sync.newest().ifPresent(c -> lines.add("To keep them:  " + revert(c.revision())));
        yield lines;
      }
      case OUT_OF_SYNC ->
          List.of(
              "To apply:  kubectl patch gitsync %s -n %s --type merge -p '{\"spec\":{\"mode\":\"Apply\"}}'"
                  .formatted(sync.key().name(), sync.key().namespace()));
      case SUCCEEDED,
          PROGRESSING,
          OWNED_ELSEWHERE,
          DEPENDENCY_NOT_READY,
          ACCESS_DENIED,
          APPLY_FAILED,
          ROLLED_BACK,
          CONTESTED ->
          List.of();
    };
  }

  private static List<String> unhealthy(SyncItem sync) {
    Optional<Revision> newest = sync.newest().map(Commit::revision);
    Optional<Revision> good = sync.status().lastGood().map(SyncStatus.LastGood::revision);
    if (newest.isEmpty() || !sync.holdsNewest()) {
      return List.of();
    }
    return good.map(Revision::commit).equals(newest.map(Revision::commit))
        ? List.of("This commit was healthy before: look for what else has changed")
        : List.of("To undo:  " + revert(newest.get()));
  }

  private static String revert(Revision revision) {
    return "git revert " + revision.commit().substring(0, 7);
  }

  private static String unchanged(SyncItem sync) {
    return sync.running()
        .map(r -> "What runs was not changed: " + r.shortForm())
        .orElse("Nothing is applied yet");
  }
}
