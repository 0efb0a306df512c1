package dev.fairlead.planted.plan;

/** Uses health from plan. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.health.UsesWhatItMustNot.class;
}
