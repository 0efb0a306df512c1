package dev.fairlead.api;

import dev.fairlead.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Trees for tests, written as YAML or JSON. */
final class Trees {
  private Trees() {}

  static Json.Obj object(String yaml) {
    return (Json.Obj) tree(load(yaml));
  }

  /** As kubectl reads it, as far as tests need: times stay strings. */
  static Object load(String yaml) {
    LoaderOptions options = new LoaderOptions();
    DumperOptions dumper = new DumperOptions();
    Resolver resolver =
        new Resolver() {
          @Override
          protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
            addImplicitResolver(Tag.INT, INT, "-+0123456789");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
          }
        };
    return new Yaml(
            new SafeConstructor(options), new Representer(dumper), dumper, options, resolver)
        .load(yaml);
  }

  static Json tree(@Nullable Object value) {
    return switch (value) {
      case null -> Json.Null.NULL;
      case Map<?, ?> map -> {
        Map<String, Json> members = new LinkedHashMap<>();
        map.forEach((k, v) -> members.put(k.toString(), tree(v)));
        yield Json.of(members);
      }
      case List<?> list -> Json.of(list.stream().map(Trees::tree).toList());
      case Boolean bool -> Json.of(bool.booleanValue());
      case Number number -> new Json.Num(number.toString(), 0, 0);
      default -> Json.of(value.toString());
    };
  }
}
