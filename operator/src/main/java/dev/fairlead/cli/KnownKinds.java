package dev.fairlead.cli;

import dev.fairlead.manifest.Scope;
import dev.fairlead.model.GroupKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Where the kinds of Kubernetes itself live, for who has no cluster to ask. Immutable. */
final class KnownKinds {
  private final Map<GroupKind, Scope> scopes;

  private KnownKinds(Map<GroupKind, Scope> scopes) {
    this.scopes = scopes;
  }

  /** Those that come with this program. */
  static KnownKinds load() {
    Map<GroupKind, Scope> scopes = new HashMap<>();
    try (InputStream in = KnownKinds.class.getResourceAsStream("kinds.txt")) {
      if (in == null) {
        throw new IllegalStateException("kinds.txt is in the jar");
      }
      new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .filter(l -> !l.startsWith("#"))
          .map(l -> l.split(" ", -1))
          .forEach(w ->
              scopes.put(
                  new GroupKind(w[0].equals("-") ? "" : w[0], w[1]),
                  w[2].equals("Cluster") ? Scope.CLUSTER : Scope.NAMESPACED));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new KnownKinds(scopes);
  }

  Scope of(GroupKind kind) {
    return scopes.getOrDefault(kind, Scope.UNKNOWN);
  }
}
