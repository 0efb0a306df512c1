package dev.fairlead.planted.reconcile;

/** Uses app from reconcile. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.app.UsesWhatItMustNot.class;
}
