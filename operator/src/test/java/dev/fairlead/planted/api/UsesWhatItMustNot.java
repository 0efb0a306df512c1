package dev.fairlead.planted.api;

/** Uses manifest from api. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.manifest.UsesWhatItMustNot.class;
}
