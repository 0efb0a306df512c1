package dev.fairlead.planted.model;

/** Uses manifest from model. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.manifest.UsesWhatItMustNot.class;
}
