package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;

/** The first half of something that people do in two halves; the second comes before a rest. */
sealed interface Unfinished permits Move, Renaming, Recreation {

  /** Whether it is about what this repository has. */
  boolean concerns(Repo repo);

  /** Whether it is about this object. */
  boolean concerns(ObjectKey key);

  /** Whether Fairlead has done what people wait for before the second half. */
  boolean isReady(Sight sight);

  /** The second half; what was done. */
  String finish(World world);
}
