package dev.fairlead.api;

import dev.fairlead.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The fields that this version knows of a GitSync, as {@code spec.dependsOn[].name}: a definition
 * without one of them is older. Stateless: any thread may call.
 */
public final class GitSyncFields {
  private static final String LIST = "gitsync-fields.txt";

  private GitSyncFields() {}

  /** All of them, sorted. */
  public static List<String> all() {
    try (InputStream in = GitSyncFields.class.getResourceAsStream(LIST)) {
      if (in == null) {
        throw new IllegalStateException(LIST + " is not in the jar");
      }
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Those that a schema has not.
   *
   * @param schema the {@code openAPIV3Schema} of a version of the definition
   */
  public static List<String> missingIn(Json.Obj schema) {
    return all().stream().filter(field -> !has(schema, field)).toList();
  }

  private static boolean has(Json.Obj schema, String field) {
    Json.Obj at = schema;
    for (String step : field.split("\\.", -1)) {
      boolean list = step.endsWith("[]");
      String name = list ? step.substring(0, step.length() - 2) : step;
      var found = at.object("properties").flatMap(p -> p.object(name));
      if (list) {
        found = found.flatMap(f -> f.object("items"));
      }
      if (found.isEmpty()) {
        return false;
      }
      at = found.get();
    }
    return true;
  }
}
