package dev.fairlead.planted.app;

/** Uses unmarked from app. */
public final class UsesWhatItMustNot {
  final Class<?> used = dev.fairlead.planted.unmarked.UsesWhatItMustNot.class;
}
