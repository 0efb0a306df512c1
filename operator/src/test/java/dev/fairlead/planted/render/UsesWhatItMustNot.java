package dev.fairlead.planted.render;

/** Uses git from render. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.git.UsesWhatItMustNot.class;
}
