package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;

/** A GitSync that is there under another name too by now, and whose old one is to go. */
record Renaming(Sync old, Sync young) implements Unfinished {

  @Override
  public boolean concerns(Repo repo) {
    return old.repo().equals(repo);
  }

  @Override
  public boolean concerns(ObjectKey key) {
    return false;
  }

  @Override
  public boolean isReady(Sight sight) {
    return young.broken().isPresent() || sight.hasTried(young);
  }

  /** The old one goes, or the young one where it has never had anything. */
  @Override
  public String finish(World world) {
    Sync loser = young.broken().isPresent() ? young : old;
    world.delete(loser.path());
    world.model().remove(loser);
    world.model().published();
    return "GitSync " + loser + " is deleted";
  }
}
