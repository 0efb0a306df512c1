package dev.fairlead.manifest;

/** Whether objects of a kind live in a namespace. */
public enum Scope {
  NAMESPACED,
  CLUSTER,
  /** The server does not know the kind, and the change does not define it either. */
  UNKNOWN
}
