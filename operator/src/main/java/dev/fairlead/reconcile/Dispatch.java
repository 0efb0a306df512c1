package dev.fairlead.reconcile;

import dev.fairlead.model.SyncKey;
import dev.fairlead.runtime.Controller;
import dev.fairlead.runtime.Priority;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hands keys to the controllers, which are made after those who need them. What comes before {@link
 * #connect} is dropped: nothing runs by then. Any thread may call it.
 */
final class Dispatch implements Drifts.Queues, RolloutReasons.Queue, Hosts.Queue {
  private volatile @Nullable Controller<SyncKey> syncs;
  private volatile @Nullable Controller<ObjectRef> objects;
  private volatile @Nullable Controller<Source.Key> sources;
  private volatile @Nullable Controller<ObjectRef> looks;

  void connect(
      Controller<SyncKey> syncController,
      Controller<ObjectRef> objectController,
      Controller<Source.Key> sourceController,
      Controller<ObjectRef> lookController) {
    syncs = syncController;
    objects = objectController;
    sources = sourceController;
    looks = lookController;
  }

  @Override
  public void sync(SyncKey key, Priority priority) {
    Controller<SyncKey> controller = syncs;
    if (controller != null) {
      controller.add(key, priority);
    }
  }

  @Override
  public void object(ObjectRef ref, Duration delay, Priority priority) {
    Controller<ObjectRef> controller = objects;
    if (controller != null) {
      controller.addAfter(ref, delay, priority);
    }
  }

  @Override
  public void look(ObjectRef ref, Duration delay) {
    Controller<ObjectRef> controller = looks;
    if (controller != null) {
      controller.addAfter(ref, delay, Priority.LOW);
    }
  }

  @Override
  public void source(Source.Key key, Duration delay, Priority priority) {
    Controller<Source.Key> controller = sources;
    if (controller != null) {
      controller.addAfter(key, delay, priority);
    }
  }
}
