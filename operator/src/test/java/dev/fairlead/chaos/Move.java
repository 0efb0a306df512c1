package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;
import java.util.Optional;

/** An object that another repository has too by now, and that its old one is to give up. */
record Move(Repo from, Sync to, ObjectKey key) implements Unfinished {

  @Override
  public boolean concerns(Repo repo) {
    return from.equals(repo) || to.repo().equals(repo);
  }

  @Override
  public boolean concerns(ObjectKey other) {
    return key.equals(other);
  }

  /** The new sync waits for the object, or has it already. */
  @Override
  public boolean isReady(Sight sight) {
    return to.broken().isPresent() || sight.hasTried(to);
  }

  /** The old place gives it up, or the new one where that cannot be read. */
  @Override
  public String finish(World world) {
    Repo loser = to.broken().isPresent() ? to.repo() : from;
    Optional<String> file = loser.tree().fileOf(key);
    file.ifPresent(f -> {
      loser.commit(loser.tree().removed(key), "give up");
      world.model().published();
    });
    return loser.name() + (file.isPresent() ? " gives up " : " does not have ") + key;
  }
}
