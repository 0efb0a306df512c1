package dev.fairlead.chaos;

import dev.fairlead.chaos.Item.Trait;
import dev.fairlead.model.Json;
import java.util.Collections;
import java.util.Optional;

/** How a sync is when nothing happens any more. */
sealed interface Rest {

  /** The newest commit is there, and nothing else. */
  record Ready() implements Rest {}

  /** The newest commit is there; what it removes waits for approval. */
  record Blocked() implements Rest {}

  /** The newest commit is broken; what was there before stays. */
  record Refused() implements Rest {}

  /** An object of the newest commit belongs to another sync, which cannot give it up. */
  record Rivalled() implements Rest {}

  /** The newest commit waits for another sync, which is not Ready. */
  record Dependent() implements Rest {}

  /** The newest commit is there and does not become healthy; nothing is pruned. */
  record Ill() implements Rest {}

  /** A wave of the newest commit does not become healthy, and later ones are not there yet. */
  record HeldUp() implements Rest {}

  /** The newest commit did not become healthy, and an older one is there again. */
  record RolledBack(String to) implements Rest {}

  /** The newest commit is there; nothing is pruned until a neighbour can read it. */
  record Waiting() implements Rest {}

  /** It is not at rest, or not as it has to be. */
  record Not(String because) implements Rest {}

  static Rest of(Model model, Sync sync, Sight sight) {
    Json.Obj status = sight.status(sync);
    String ready = sight.condition(sync, "Ready");
    String seen = status.object("source").flatMap(s -> s.string("revision")).orElse("nothing");
    if (!sight.hasSeen(sync)) {
      return new Not("it has seen " + seen + ", not " + sync.repo().head() + "; Ready is " + ready);
    }
    if (!status
        .integer("observedGeneration")
        .equals(Sight.metadata(sight.sync(sync)).integer("generation"))) {
      return new Not("it has not observed its generation; Ready is " + ready);
    }
    String reason = ready.startsWith("False ") ? ready.substring(6, ready.indexOf(':')) : "";
    if (reason.equals("DependencyNotReady") && dependencyIsNotReady(model, sync, sight)) {
      return new Dependent();
    }
    if (sync.broken().isPresent()) {
      return sync.broken().get().reason().equals(reason)
          ? new Refused()
          : new Not("the commit is broken (" + sync.broken().get() + "), and Ready is " + ready);
    }
    if (reason.equals("OwnedElsewhere") && hasBrokenRival(model, sync)) {
      return new Rivalled();
    }
    boolean bad = sync.wants().values().stream().anyMatch(i -> i.has(Trait.BAD));
    if (bad && sync.rollsBack() && reason.equals("RolledBack")) {
      return new RolledBack(sight.applied(sync));
    }
    if (!sight.applied(sync).equals(sync.repo().head())) {
      if (bad && reason.equals("HealthCheckFailed") && hasLaterWave(sync)) {
        return new HeldUp();
      }
      return new Not(sight.applied(sync) + " is applied; Ready is " + ready);
    }
    if (bad) {
      return reason.equals("HealthCheckFailed")
          ? new Ill()
          : new Not("an image is bad, and Ready is " + ready);
    }
    if (ready.startsWith("True ")) {
      return new Ready();
    }
    if (reason.equals("PruneBlocked")) {
      return new Blocked();
    }
    if (reason.equals("Progressing") && hasUnreadableNeighbour(model, sync)) {
      return new Waiting();
    }
    return new Not("Ready is " + ready);
  }

  /** Whether there is a wave after one with a bad image. */
  private static boolean hasLaterWave(Sync sync) {
    int first =
        sync.wants().values().stream()
            .filter(i -> i.has(Trait.BAD))
            .mapToInt(Item::wave)
            .min()
            .orElseThrow();
    return sync.wants().values().stream().anyMatch(i -> i.wave() > first);
  }

  private static boolean dependencyIsNotReady(Model model, Sync sync, Sight sight) {
    return model.syncs().stream()
        .filter(s -> sync.after().equals(Optional.of(s.key())))
        .anyMatch(s -> !(of(model, s, sight) instanceof Ready));
  }

  private static boolean hasBrokenRival(Model model, Sync sync) {
    return model.syncs().stream()
        .filter(s -> !s.equals(sync))
        .filter(s -> s.broken().isPresent() || s.after().isPresent())
        .anyMatch(s -> !Collections.disjoint(model.had(s), sync.wants().keySet()));
  }

  private static boolean hasUnreadableNeighbour(Model model, Sync sync) {
    return model.syncsOf(sync.repo()).stream()
        .filter(s -> s.key().namespace().equals(sync.key().namespace()))
        .anyMatch(s -> s.broken().filter(Break::unreadable).isPresent());
  }
}
