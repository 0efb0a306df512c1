package dev.fairlead.planted.secrets;

/** Uses manifest from secrets. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.manifest.UsesWhatItMustNot.class;
}
