package dev.fairlead.planted.manifest;

/** Uses plan from manifest. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.plan.UsesWhatItMustNot.class;
}
