package dev.fairlead.reconcile;

import dev.fairlead.model.Origin;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is told of a sync's webhook.
 *
 * @param path where the Git host tells of pushes
 * @param trouble why there is none, or none with the present token
 */
record Webhook(Optional<String> path, Optional<Warning> trouble) {
  static final Webhook NONE = new Webhook(Optional.empty(), Optional.empty());

  private static final String FIELD = "spec.webhook: ";

  static Webhook at(String path) {
    return new Webhook(Optional.of(path), Optional.empty());
  }

  static Webhook troubled(Optional<String> path, String why) {
    return new Webhook(
        path, Optional.of(new Warning(Optional.empty(), Origin.ofFile(""), FIELD + why)));
  }

  /** The warnings that status has, with what is to be told now. */
  List<String> amend(List<String> warnings) {
    List<String> all = new ArrayList<>();
    trouble.ifPresent(t -> all.add(t.toString()));
    warnings.stream().filter(w -> !w.startsWith(FIELD)).forEach(all::add);
    return all.stream().limit(SyncStatus.MAX_WARNINGS).toList();
  }
}
