package dev.fairlead.planted.cli;

/** Uses reconcile from cli. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.reconcile.UsesWhatItMustNot.class;
}
