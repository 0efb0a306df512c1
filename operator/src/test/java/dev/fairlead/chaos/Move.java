package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;
import java.util.Optional;

/** An object that another repository has too by now, and that its old one will give up. */
record Move(Repo from, Sync to, ObjectKey key) {

  /** Whether the new sync waits for the object, or has it already. */
  boolean isTried(Sight sight) {
    return sight.hasSeen(to)
        && (sight.applied(to).equals(to.repo().head())
            || sight.condition(to, "Ready").startsWith("False OwnedElsewhere:"));
  }

  /** The old place gives it up, or the new one where that cannot be had; what was done. */
  String finish(Model model) {
    model.moved(this);
    Repo loser = to.broken().isPresent() ? to.repo() : from;
    Optional<String> file = loser.tree().fileOf(key);
    file.ifPresent(f -> {
      loser.commit(loser.tree().removed(key), "give up");
      model.published();
    });
    return loser.name() + (file.isPresent() ? " gives up " : " does not have ") + key;
  }
}
