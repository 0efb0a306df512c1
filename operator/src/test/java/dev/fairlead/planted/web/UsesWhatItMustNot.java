package dev.fairlead.planted.web;

/** Uses git from web. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.git.UsesWhatItMustNot.class;
}
