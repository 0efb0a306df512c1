package dev.fairlead.planted.schema;

/** Uses health from schema. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.health.UsesWhatItMustNot.class;
}
