package dev.fairlead.model;

/** What becomes of a sync's objects when the GitSync itself is deleted. */
public enum DeletionPolicy {
  /** They are deleted where {@code prune} is true, and released where it is false. */
  MIRROR_PRUNE("MirrorPrune"),
  /** They stay, without labels and ownership of the sync. */
  ORPHAN("Orphan");

  private final String text;

  DeletionPolicy(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
