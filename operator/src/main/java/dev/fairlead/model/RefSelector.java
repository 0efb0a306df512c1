package dev.fairlead.model;

/** Which commit of a repository a sync follows. */
public sealed interface RefSelector {
  /** The branch that the remote's HEAD names. */
  record Head() implements RefSelector {}

  record Branch(String name) implements RefSelector {}

  /** A tag, lightweight or annotated; it is peeled to its commit. */
  record Tag(String name) implements RefSelector {}

  /**
   * The tag with the newest version in a range. Of tags of the same precedence the one with the
   * greater build metadata, and then the one that is last by its name.
   */
  record Semver(SemverRange range) implements RefSelector {}

  /** Any ref by its full name, such as {@code refs/pull/1/head}; a tag is peeled. */
  record Name(String ref) implements RefSelector {}

  /** One commit for good, by its full hash in lower case. */
  record Hash(String commit) implements RefSelector {}
}
