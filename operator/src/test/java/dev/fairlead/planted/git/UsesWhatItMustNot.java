package dev.fairlead.planted.git;

/** Uses plan from git. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.plan.UsesWhatItMustNot.class;
}
