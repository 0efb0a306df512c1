package dev.fairlead.cli;

import dev.fairlead.manifest.YamlWriter;
import dev.fairlead.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code -o}, as kubectl has it. */
enum OutputFormat {
  JSON,
  YAML,
  NAME,
  WIDE;

  /** As it is typed. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * Objects for programs.
   *
   * @param single whether one was asked for by its name, so that it stands alone
   */
  String print(List<SyncItem> syncs, boolean single) {
    return switch (this) {
      case NAME ->
          String.join(
              "",
              syncs.stream().map(s -> "gitsync.fairlead.dev/" + s.key().name() + "\n").toList());
      case JSON -> pretty(object(syncs, single));
      case YAML -> YamlWriter.write(object(syncs, single));
      case WIDE -> throw new IllegalArgumentException("a table is for people");
    };
  }

  private static Json object(List<SyncItem> syncs, boolean single) {
    if (single) {
      return plain(syncs.getFirst());
    }
    Map<String, Json> list = new LinkedHashMap<>();
    list.put("apiVersion", Json.of("v1"));
    list.put("kind", Json.of("List"));
    list.put("metadata", Json.of(Map.of("resourceVersion", Json.of(""))));
    list.put("items", Json.of(syncs.stream().map(OutputFormat::plain).toList()));
    return Json.of(list);
  }

  /**
   * Without what the server keeps for itself, as kubectl prints it; items of lists name no kind.
   */
  private static Json.Obj plain(SyncItem sync) {
    Map<String, Json> object = new LinkedHashMap<>();
    object.put("apiVersion", Json.of(dev.fairlead.api.GitSyncs.API_VERSION));
    object.put("kind", Json.of(dev.fairlead.api.GitSyncs.KIND));
    sync.raw().members().forEach(object::putIfAbsent);
    sync.raw()
        .object("metadata")
        .ifPresent(m -> object.put("metadata", m.without("managedFields")));
    return Json.of(object);
  }

  /** JSON with line ends, four spaces deep as kubectl prints it. */
  static String pretty(Json value) {
    StringBuilder out = new StringBuilder();
    pretty(value, 0, out);
    return out.append('\n').toString();
  }

  private static void pretty(Json value, int depth, StringBuilder out) {
    switch (value) {
      case Json.Obj object when !object.members().isEmpty() -> {
        String separator = "{\n";
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
          out.append(separator).repeat("    ", depth + 1);
          Json.of(member.getKey()).writeTo(out);
          out.append(": ");
          pretty(member.getValue(), depth + 1, out);
          separator = ",\n";
        }
        out.append('\n').repeat("    ", depth).append('}');
      }
      case Json.Arr list when !list.items().isEmpty() -> {
        String separator = "[\n";
        for (Json item : list.items()) {
          out.append(separator).repeat("    ", depth + 1);
          pretty(item, depth + 1, out);
          separator = ",\n";
        }
        out.append('\n').repeat("    ", depth).append(']');
      }
      case Json.Obj _, Json.Arr _, Json.Str _, Json.Num _, Json.Bool _, Json.Null _ ->
          value.writeTo(out);
    }
  }
}
