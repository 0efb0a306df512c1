package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

/** What a watch, or the list that renews it, says about one object that we applied. */
public sealed interface Observation {
  /** As of which version of the cluster it is said. */
  String resourceVersion();

  /** The object is there: ADDED or MODIFIED, or it is in a list. */
  record Present(Live object) implements Observation {
    public Present {
      requireNonNull(object);
    }

    @Override
    public String resourceVersion() {
      return object.resourceVersion();
    }
  }

  /**
   * The watch says DELETED, which an object that only lost its label does too.
   *
   * @param resourceVersion that of the event's object, newer than the object's last one
   */
  record Deleted(String uid, String resourceVersion) implements Observation {
    public Deleted {
      requireNonNull(uid);
      requireNonNull(resourceVersion);
    }
  }

  /**
   * A new list does not have it.
   *
   * @param resourceVersion that of the list
   */
  record Unlisted(String resourceVersion) implements Observation {
    public Unlisted {
      requireNonNull(resourceVersion);
    }
  }
}
