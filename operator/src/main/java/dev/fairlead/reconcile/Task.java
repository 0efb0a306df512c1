package dev.fairlead.reconcile;

import dev.fairlead.plan.Live;
import java.util.Optional;

/**
 * Work on one object.
 *
 * @param seen the object as it was when the work was found necessary; absent when it was gone, or
 *     when nobody looked
 * @param unforcedFirst whether another sync may own a field of it
 */
record Task(Work work, Optional<Live> seen, boolean unforcedFirst) {
  /** What is to be done about one object. */
  enum Work {
    /** Ask the server whether it is still there. */
    LOOK,
    /** Apply it again: somebody took a field of ours. */
    REPAIR,
    /** Apply it again: a value may be not ours although the field is. */
    VERIFY
  }

  static final Task LOOK = new Task(Work.LOOK, Optional.empty(), false);

  /** Of an object of which nobody knows how it is. */
  static final Task VERIFY = new Task(Work.VERIFY, Optional.empty(), true);
}
