package dev.fairlead.reconcile;

import dev.fairlead.api.GitSyncs;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.WatchEvent;
import dev.fairlead.cluster.WatchListener;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.SyncKey;
import dev.fairlead.runtime.Priority;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of GitSyncs, and by that whether the API server is there: says so in the log, and has
 * everything tried again after an outage. For the thread of the watch alone.
 */
final class GitSyncListener implements WatchListener {
  private static final Logger LOG = LoggerFactory.getLogger(GitSyncListener.class);

  private final Syncs syncs;
  private final Dispatch dispatch;
  private final Dependents dependents;
  private final InstantSource clock;
  private final Runnable secretIsUsed;
  private final Runnable listed;
  private boolean failing;

  /**
   * @param secretIsUsed called when a GitSync names a Secret
   * @param listed called when all GitSyncs are known
   */
  GitSyncListener(
      Syncs syncs,
      Dispatch dispatch,
      Dependents dependents,
      InstantSource clock,
      Runnable secretIsUsed,
      Runnable listed) {
    this.syncs = syncs;
    this.dispatch = dispatch;
    this.dependents = dependents;
    this.clock = clock;
    this.secretIsUsed = secretIsUsed;
    this.listed = listed;
  }

  @Override
  public void onEvent(WatchEvent event) {
    SyncKey key = new SyncKey(event.live().key().namespace(), event.live().key().name());
    switch (event.type()) {
      case ADDED, MODIFIED -> {
        SyncReading reading = GitSyncs.read(event.content().orElseThrow());
        boolean usesSecret =
            reading instanceof SyncReading.Valid valid
                && valid
                    .sync()
                    .spec()
                    .secretName()
                    .or(valid.sync().spec()::proxySecret)
                    .or(valid.sync().spec()::webhookSecret)
                    .or(valid.sync().spec()::verifySecret)
                    .isPresent();
        if (usesSecret) {
          secretIsUsed.run();
        }
        if (syncs.seen(reading)) {
          dispatch.sync(key, Priority.HIGH);
        }
        dependents.changed(key);
      }
      case DELETED -> {
        syncs.gone(key);
        dispatch.sync(key, Priority.HIGH);
        dependents.changed(key);
      }
    }
  }

  @Override
  public void onState(State state) {
    switch (state) {
      case Synced _ -> {
        listed.run();
        if (failing) {
          failing = false;
          LOG.atInfo().log("GitSyncs are watched again");
          retryAll();
        }
      }
      case NotServed _ ->
          LOG.atWarn()
              .log("The API server knows no GitSyncs: apply manifests/crd.yaml to the cluster");
      case Failing why -> {
        failing = true;
        LOG.atWarn()
            .addKeyValue(LogKeys.DETAIL, why.error().message())
            .log("GitSyncs cannot be watched");
      }
    }
  }

  /** After an outage nobody waits for the end of a pause that it made long. */
  private void retryAll() {
    for (SyncReading reading : syncs.all()) {
      SyncKey key = reading.metadata().key();
      syncs.state(key).retryNow(clock.instant());
      dispatch.sync(key, Priority.NORMAL);
    }
  }
}
