package dev.fairlead.planted.git;

/** Uses manifest from git. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.manifest.UsesWhatItMustNot.class;
}
