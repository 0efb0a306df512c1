package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;

/** A GitSync that was deleted, and that is to come back. */
record Recreation(Sync sync) implements Unfinished {

  @Override
  public boolean concerns(Repo repo) {
    return sync.repo().equals(repo);
  }

  @Override
  public boolean concerns(ObjectKey key) {
    return false;
  }

  @Override
  public boolean isReady(Sight sight) {
    return !sight.syncs().containsKey(sync.toString());
  }

  @Override
  public String finish(World world) {
    world.create(sync);
    world.model().add(sync);
    world.model().published();
    return "GitSync " + sync + " is created again";
  }
}
