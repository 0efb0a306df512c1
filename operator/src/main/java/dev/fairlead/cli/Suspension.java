package dev.fairlead.cli;

import dev.fairlead.model.Json;
import dev.fairlead.model.SyncKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes {@code spec.suspend}, and tells who will write it back. Stateless. */
final class Suspension {
  private Suspension() {}

  static void set(boolean suspend, List<SyncItem> syncs, Session session, Terminal terminal)
      throws CliException, InterruptedException {
    for (SyncItem sync : syncs) {
      String name = sync.key().name();
      // Before it is written: afterwards the field is ours. Lists do not have who owns what.
      Optional<String> warning = session.find(sync.key()).flatMap(s -> owner(s.raw(), suspend));
      if (sync.suspended() == suspend) {
        terminal
            .err()
            .println(name + ": is " + (suspend ? "suspended" : "not suspended") + " already");
        continue;
      }
      session.patch(sync, Map.of("spec", Json.of(Map.of("suspend", Json.of(suspend)))));
      terminal.err().println(name + ": " + (suspend ? "suspended; what runs stays" : "resumed"));
      warning.ifPresent(w -> terminal.err().println("warning: " + name + " " + w));
    }
  }

  /** Who applies this field of the GitSync, and so sets it back, in words. */
  static Optional<String> owner(Json.Obj gitSync, boolean suspend) {
    Json.Obj metadata = gitSync.object("metadata").orElse(Json.Obj.empty());
    for (Json item : metadata.items("managedFields")) {
      if (item instanceof Json.Obj entry
          && entry.string("operation").orElse("").equals("Apply")
          && hasSuspend(entry)) {
        String manager = entry.string("manager").orElse("");
        Optional<SyncKey> parent = SyncKey.ofFieldManager(manager);
        return Optional.of(
            parent
                .map(p ->
                    "comes from Git: GitSync "
                        + p
                        + " sets spec.suspend, and sets it back soon. Commit suspend: "
                        + suspend
                        + " there"
                        + (suspend ? ", or suspend " + p + " too" : ""))
                .orElse(
                    "has spec.suspend from " + Screen.line(manager) + ", which may set it back"));
      }
    }
    return Optional.empty();
  }

  private static boolean hasSuspend(Json.Obj entry) {
    return entry
        .object("fieldsV1")
        .flatMap(f -> f.object("f:spec"))
        .flatMap(f -> f.get("f:suspend"))
        .isPresent();
  }
}
