package dev.fairlead.planted.health;

/** Uses manifest from health. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.manifest.UsesWhatItMustNot.class;
}
