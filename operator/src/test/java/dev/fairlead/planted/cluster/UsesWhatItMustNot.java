package dev.fairlead.planted.cluster;

/** Uses git from cluster. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.git.UsesWhatItMustNot.class;
}
