package dev.fairlead.model;

import java.time.Duration;

/** Told of every run of a reconciler that ended, from any thread; must return at once. */
public interface ReconcileListener {
  /** For a controller that nobody measures. */
  ReconcileListener NONE = (result, took) -> {};

  /** A run ended so; what a stop of the process interrupted is not told. */
  void reconciled(ReconcileResult result, Duration took);
}
