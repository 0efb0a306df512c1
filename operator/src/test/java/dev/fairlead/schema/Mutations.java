package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Makes mistakes in manifests, as people do and as they do not. For one thread. */
final class Mutations {
  private static final List<Json> ODD =
      List.of(
          Json.of("three"),
          Json.of(""),
          Json.of("5Gi"),
          Json.of("Bogus"),
          Json.of("a_B"),
          Json.of("-1"),
          Json.of("5"),
          Json.of("true"),
          Json.of("2024-01-01T00:00:00Z"),
          Json.of("YQ=="),
          Json.of("1.5.5"),
          Json.of("1e3"),
          Json.of("not base64!"),
          Json.of(" 5 "),
          Json.of(0),
          Json.of(5),
          Json.of(-1),
          Json.of(99_999_999_999L),
          Json.of(Long.MAX_VALUE),
          new Json.Num("1.5", 0, 0),
          new Json.Num("100000000000000000000", 0, 0),
          new Json.Num("1e+21", 0, 0),
          Json.of(true),
          Json.of(false),
          Json.Null.NULL,
          Json.Obj.empty(),
          Json.of(List.<Json>of()),
          Json.of(Map.of("a", Json.of("b"))),
          Json.of(Map.of("name", Json.of("a"))),
          Json.of(List.of(Json.of("a"))),
          Json.of(List.of(Json.of("a"), Json.of("a"))),
          Json.of(List.of(Json.Null.NULL)),
          Json.of(List.of(Json.Obj.empty())),
          Json.of(List.of(Json.of(1), Json.of(2))));

  /** What says whose schema counts, and where the object goes. */
  private static final Set<String> FIXED = Set.of("apiVersion", "kind");

  private final Random random;
  private int left;
  private String told = "";

  Mutations(Random random) {
    this.random = random;
  }

  /** The last one in words. */
  String told() {
    return told;
  }

  /** The object with one mistake somewhere. */
  Json.Obj of(Json.Obj object) {
    left = random.nextInt(count(object));
    told = "";
    Json changed = walk(object, "", true);
    return changed instanceof Json.Obj result ? result : object;
  }

  private static int count(Json value) {
    return switch (value) {
      case Json.Obj object ->
          1 + object.members().values().stream().mapToInt(Mutations::count).sum();
      case Json.Arr list -> 1 + list.items().stream().mapToInt(Mutations::count).sum();
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> 1;
    };
  }

  private Json walk(Json value, String path, boolean root) {
    if (left-- == 0) {
      return change(value, path, root);
    }
    return switch (value) {
      case Json.Obj object -> {
        Map<String, Json> members = new LinkedHashMap<>();
        object
            .members()
            .forEach((name, member) -> {
              boolean fixed =
                  (root && FIXED.contains(name))
                      || (path.equals("metadata") && Set.of("name", "namespace").contains(name));
              int here = left;
              Json walked = walk(member, path.isEmpty() ? name : path + "." + name, false);
              boolean hit = here >= 0 && left < 0;
              if (fixed) {
                members.put(name, member);
              } else if (hit && random.nextInt(5) == 0) {
                told = "without " + path + "." + name;
              } else if (hit && random.nextInt(5) == 0) {
                told = "misspelled " + path + "." + name;
                members.put(misspelled(name), member);
              } else {
                members.put(name, walked);
              }
            });
        yield Json.of(members);
      }
      case Json.Arr list -> {
        List<Json> items = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
          Json item = list.items().get(i);
          int here = left;
          items.add(walk(item, path + "[" + i + "]", false));
          if (here >= 0 && left < 0 && random.nextInt(4) == 0) {
            told = "twice " + path + "[" + i + "]";
            items.set(i, item);
            items.add(item);
          }
        }
        yield Json.of(items);
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> value;
    };
  }

  private Json change(Json value, String path, boolean root) {
    if (value instanceof Json.Obj object && (root || random.nextInt(2) == 0)) {
      String name = root ? "spce" : random.nextBoolean() ? "unknown" : "name";
      told = "added " + path + "." + name;
      return object.with(name, ODD.get(random.nextInt(ODD.size())));
    }
    Json odd = ODD.get(random.nextInt(ODD.size()));
    told = path + " = " + odd.toJson();
    return odd;
  }

  private String misspelled(String name) {
    if (name.length() < 2) {
      return name + "s";
    }
    int at = random.nextInt(name.length() - 1);
    return switch (random.nextInt(3)) {
      case 0 -> name.substring(0, at) + name.substring(at + 1);
      case 1 ->
          name.substring(0, at) + name.charAt(at + 1) + name.charAt(at) + name.substring(at + 2);
      default -> name.substring(0, at) + name.charAt(at) + name.substring(at);
    };
  }
}
