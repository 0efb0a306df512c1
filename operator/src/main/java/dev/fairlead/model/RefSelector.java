package dev.fairlead.model;

/** Which commit of a repository a sync follows. */
public sealed interface RefSelector {
  /** The branch that the remote's HEAD names. */
  record Head() implements RefSelector {}

  record Branch(String name) implements RefSelector {}

  /** A tag, lightweight or annotated; it is peeled to its commit. */
  record Tag(String name) implements RefSelector {}

  /** One commit for good, by its full hash in lower case. */
  record Hash(String commit) implements RefSelector {}
}
