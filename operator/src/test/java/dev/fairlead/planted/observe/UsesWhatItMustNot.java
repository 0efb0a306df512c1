package dev.fairlead.planted.observe;

/** Uses manifest from observe. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.manifest.UsesWhatItMustNot.class;
}
