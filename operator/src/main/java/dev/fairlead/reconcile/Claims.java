package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Observation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who writes which object of one sync at this moment.
 *
 * <p>Guarantees: an object that one thread claimed is claimed by no other until released, and what
 * a watch says of it meanwhile is judged by whoever releases it. Any thread may call it.
 */
final class Claims {
  /** What a watch said of an object while it was being written. */
  record Sighting(Observation observation, Optional<Live> live) {}

  private final Set<ObjectKey> claimed = new HashSet<>();
  private final Map<ObjectKey, Sighting> sightings = new HashMap<>();

  /** Claims an object for one write; false while another thread writes it. */
  synchronized boolean claim(ObjectKey object) {
    return claimed.add(object);
  }

  /** Claims an object as soon as nobody else has it. */
  synchronized void await(ObjectKey object) throws InterruptedException {
    while (!claimed.add(object)) {
      wait();
    }
  }

  /** Gives an object free; what a watch said of it meanwhile is now to be judged. */
  synchronized Optional<Sighting> release(ObjectKey object) {
    claimed.remove(object);
    notifyAll();
    return Optional.ofNullable(sightings.remove(object));
  }

  /** Keeps what a watch says of an object that is being written; false when it is not. */
  synchronized boolean postpone(ObjectKey object, Sighting sighting) {
    if (!claimed.contains(object)) {
      return false;
    }
    sightings.put(object, sighting);
    return true;
  }

  /** Whether no object is being written. */
  synchronized boolean isEmpty() {
    return claimed.isEmpty();
  }
}
