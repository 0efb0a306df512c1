package dev.fairlead.planted.runtime;

/** Uses git from runtime. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.git.UsesWhatItMustNot.class;
}
