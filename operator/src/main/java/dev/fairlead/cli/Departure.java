package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Lease;
import dev.fairlead.plan.Live;
import dev.fairlead.runtime.Pause;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Removes GitSyncs with their definition, so that the operator releases what they have applied and
 * deletes none of it. Where no operator is alive, the GitSyncs are let go without it. For one
 * thread.
 */
final class Departure {
  private static final Duration TICK = Duration.ofMillis(500);

  /** An operator that lives has renewed its Lease, or released something, in this time. */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** Longer than the operator itself has patience. */
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private static final int TRIES = 5;

  private final Session session;
  private final PrintWriter progress;
  private final String home;

  /**
   * @param home where the operator runs
   */
  Departure(Session session, PrintWriter progress, String home) {
    this.session = session;
    this.progress = progress;
    this.home = home;
  }

  static ObjectKey definition() {
    return InstallPart.DEFINITIONS.key("", SyncWriter.GITSYNCS.plural() + ".fairlead.dev");
  }

  /**
   * Deletes the definition, and returns when it is gone with all GitSyncs.
   *
   * @return whether the objects of all of them were released; if not, they keep Fairlead's labels
   */
  boolean removeGitSyncs() throws CliException, InterruptedException {
    if (!delete(InstallPart.DEFINITIONS, definition(), false)) {
      return true;
    }
    Map<SyncKey, SyncItem> left = syncs();
    Set<SyncKey> letGo = new HashSet<>();
    long began = System.nanoTime();
    long alive = began;
    String lease = lease();
    while (session.read(InstallPart.DEFINITIONS, definition()).isPresent()) {
      Map<SyncKey, SyncItem> now = syncs();
      left.forEach((key, sync) -> {
        if (!now.containsKey(key) && !letGo.contains(key)) {
          say("released     GitSync " + key + "; " + stays(sync));
        }
      });
      String renewed = lease();
      if (now.size() < left.size() || !renewed.equals(lease)) {
        alive = System.nanoTime();
      }
      if (since(alive).compareTo(SILENCE) > 0) {
        for (SyncItem sync : now.values()) {
          if (letGo.add(sync.key())) {
            letGo(sync);
          }
        }
      }
      if (since(began).compareTo(LIMIT) > 0) {
        throw new CliException(
            "the definition of GitSyncs is not gone after %d minutes: look at 'kubectl get gitsyncs -A' and 'kubectl describe crd %s', then run this again"
                .formatted(LIMIT.toMinutes(), definition().name()));
      }
      left = now;
      lease = renewed;
      Pause.of(TICK);
    }
    left.keySet().stream()
        .filter(key -> !letGo.contains(key))
        .forEach(key -> say("released     GitSync " + key));
    say("deleted      " + definition());
    return letGo.isEmpty();
  }

  /** How much of it stays. */
  static String stays(SyncItem sync) {
    int total = sync.status().objects().total();
    return total == 1 ? "1 object stays" : total + " objects stay";
  }

  /** All of them; none where they are not known any more. */
  Map<SyncKey, SyncItem> syncs() throws CliException, InterruptedException {
    Map<SyncKey, SyncItem> syncs = new TreeMap<>();
    try {
      String _ =
          session
              .api()
              .listFull(
                  SyncWriter.GITSYNCS,
                  "",
                  "",
                  object -> {
                    SyncItem sync = SyncItem.of(object);
                    syncs.put(sync.key(), sync);
                  });
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.NotFound)) {
        throw session.refused(e);
      }
    }
    return syncs;
  }

  /** What changes as long as an operator leads. */
  private String lease() throws CliException, InterruptedException {
    return session
        .read(Lease.RESOURCE, Lease.RESOURCE.key(home, InstallPart.FAIRLEAD))
        .flatMap(l -> l.object("spec"))
        .map(Json.Obj::toJson)
        .orElse("");
  }

  private void letGo(SyncItem sync) throws CliException, InterruptedException {
    List<Json> others =
        sync.raw().object("metadata").map(m -> m.items("finalizers")).orElse(List.of()).stream()
            .filter(f -> !f.equals(Json.of(Labels.FINALIZER)))
            .toList();
    try {
      session.patch(sync, Map.of("metadata", Json.of(Map.of("finalizers", Json.of(others)))));
    } catch (CliException e) {
      if (session.find(sync.key()).isPresent()) {
        throw e;
      }
    }
    say(
        "let go       GitSync %s, for no operator is alive; %s, with Fairlead's labels"
            .formatted(sync.key(), stays(sync)));
  }

  /**
   * Deletes an object of Fairlead's own; whether it was there.
   *
   * @param told whether progress says so
   */
  boolean delete(Resource resource, ObjectKey key, boolean told)
      throws CliException, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        Optional<Live> there = session.api().getMetadata(resource, key);
        if (there.isEmpty()) {
          return false;
        }
        if (!there.get().deleting()) {
          var _ =
              session.api().delete(resource, key, there.get().uid(), there.get().resourceVersion());
        }
        if (told) {
          say("deleted      " + key);
        }
        return true;
      } catch (ApiException e) {
        // Its status may have been written meanwhile.
        if (!(e.error() instanceof ApiError.StaleVersion) || tries == TRIES) {
          throw session.refused(e);
        }
      }
    }
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  private void say(String line) {
    progress.println(line);
    progress.flush();
  }
}
