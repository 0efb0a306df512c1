package dev.fairlead.build;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.fairlead.api.GitSync;
import io.fabric8.crdv2.generator.CRDGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/**
 * Makes the CRD from its types, and the list of its fields: {@code GenerateCrd check|write CRD
 * FIELDS}; {@code check} exits 1 when a file is not what would be written.
 *
 * <p>The generator's classes come from a class path of their own (its Jackson is not ours), so this
 * is run from source and the rest of the build does not see it. It adds what the generator cannot
 * say: list types, formats, the order of columns; and removes rules that it says twice.
 */
public final class GenerateCrd {
  private static final String HEADER =
      """
      # The CustomResourceDefinition of GitSync. Generated from the types in operator/src/main/java/dev/fairlead/api
      # by 'make crd'; the build fails when it is stale. Every field is explained in docs/gitsync.md.
      """;

  private static final String FIELDS_HEADER =
      """
      # The fields of a GitSync that this version knows. Generated with manifests/crd.yaml.
      """;

  private static final String DESCRIPTION =
      "A GitSync makes what a folder of a Git repository says run in the cluster, and keeps it so.";

  private static final List<String> COLUMNS =
      List.of("Ready", "Status", "Revision", "Applied", "Objects", "Suspended", "Age");

  /** Names of times; all other strings are free text. */
  private static final Set<String> TIMES =
      Set.of("at", "committedAt", "seenAt", "startedAt", "since", "lastTransitionTime");

  private static final List<String> FIRST =
      List.of("description", "type", "format", "enum", "default", "required");

  private GenerateCrd() {}

  public static void main(String[] args) throws IOException {
    Map<String, Object> crd = finished(generated());
    keep(args[0], Path.of(args[1]).normalize(), HEADER + dump(crd));
    keep(args[0], Path.of(args[2]).normalize(), FIELDS_HEADER + fields(crd));
  }

  private static void keep(String mode, Path file, String now) throws IOException {
    if (mode.equals("write")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, now);
    } else if (!Files.exists(file) || !Files.readString(file).equals(now)) {
      System.err.println(
          file.getFileName() + " is not what dev.fairlead.api says. Run 'make crd'.");
      System.exit(1);
    }
  }

  /** One a line, so that a daemon need not read the definition to know whether one is as new. */
  private static String fields(Map<String, Object> crd) {
    Map<String, Object> version = map(list(map(crd.get("spec")).get("versions")).getFirst());
    Set<String> fields = new TreeSet<>();
    collect("", map(map(version.get("schema")).get("openAPIV3Schema")), fields);
    return String.join("\n", fields) + "\n";
  }

  private static void collect(String prefix, Map<String, Object> schema, Set<String> fields) {
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      properties.forEach((name, member) -> {
        String field = prefix + name;
        fields.add(field);
        collect(field + ".", map(member), fields);
      });
    }
    if (schema.get("items") instanceof Map<?, ?> items) {
      collect(prefix.substring(0, prefix.length() - 1) + "[].", map(items), fields);
    }
  }

  private static Map<String, Object> generated() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new CRDGenerator()
        .withParallelGenerationEnabled(false)
        .forCRDVersions("v1")
        .customResourceClasses(GitSync.class)
        .withOutput(
            new CRDGenerator.CRDOutput<OutputStream>() {
              @Override
              public OutputStream outputFor(String name) {
                return out;
              }

              @Override
              public URI crdURI(String name) {
                return URI.create("file:///crd");
              }

              @Override
              public void close() {}
            })
        .generate();
    return new ObjectMapper(new YAMLFactory())
        .readValue(out.toString(StandardCharsets.UTF_8), new TypeReference<>() {});
  }

  private static Map<String, Object> finished(Map<String, Object> crd) {
    Map<String, Object> version = map(list(map(crd.get("spec")).get("versions")).getFirst());
    List<Object> columns = new ArrayList<>(list(version.get("additionalPrinterColumns")));
    columns.sort(Comparator.comparing(c -> COLUMNS.indexOf(map(c).get("name"))));
    columns.forEach(c -> map(c).remove("priority"));
    Map<String, Object> schema = map(map(version.get("schema")).get("openAPIV3Schema"));
    schema.put("description", DESCRIPTION);
    schema.put("required", List.of("spec"));
    rulesOnce(schema);
    Map<String, Object> status = map(map(schema.get("properties")).get("status"));
    status.put("description", "What the operator reports; written by it alone.");
    times(status);
    Map<String, Object> conditions = map(map(status.get("properties")).get("conditions"));
    conditions.put("x-kubernetes-list-type", "map");
    conditions.put("x-kubernetes-list-map-keys", List.of("type"));
    map(map(schema.get("properties")).get("spec")).put("description", "What is wanted.");

    Map<String, Object> ordered = new LinkedHashMap<>();
    ordered.put("name", version.get("name"));
    ordered.put("served", version.get("served"));
    ordered.put("storage", version.get("storage"));
    ordered.put("subresources", version.get("subresources"));
    ordered.put("additionalPrinterColumns", columns);
    ordered.put("schema", Map.of("openAPIV3Schema", schema(schema)));
    map(crd.get("spec")).put("versions", List.of(ordered));
    // With its definition all GitSyncs would go: helm uninstall leaves it.
    map(crd.get("metadata")).put("annotations", Map.of("helm.sh/resource-policy", "keep"));
    return crd;
  }

  /** A rule on a record's component is found on its field and on its accessor. */
  private static void rulesOnce(Map<String, Object> schema) {
    if (schema.get("x-kubernetes-validations") instanceof List<?> rules) {
      schema.put("x-kubernetes-validations", List.copyOf(new LinkedHashSet<>(rules)));
    }
    schema.values().stream()
        .filter(Map.class::isInstance)
        .forEach(nested -> rulesOnce(map(nested)));
  }

  private static void times(Map<String, Object> schema) {
    schema.forEach((name, nested) -> {
      if (nested instanceof Map<?, ?>) {
        if (TIMES.contains(name) && "string".equals(map(nested).get("type"))) {
          map(nested).put("format", "date-time");
        }
        times(map(nested));
      }
    });
  }

  /** Each schema with what it is first, what it may be next and what it consists of last. */
  private static Map<String, Object> schema(Map<String, Object> schema) {
    Map<String, Object> ordered = new LinkedHashMap<>();
    for (String key : FIRST) {
      if (schema.containsKey(key)) {
        ordered.put(key, schema.get(key));
      }
    }
    schema.keySet().stream()
        .filter(key -> !FIRST.contains(key) && !key.equals("properties") && !key.equals("items"))
        .sorted()
        .forEach(key -> ordered.put(key, schema.get(key)));
    if (schema.containsKey("items")) {
      ordered.put("items", schema(map(schema.get("items"))));
    }
    if (schema.containsKey("properties")) {
      Map<String, Object> properties = new TreeMap<>();
      map(schema.get("properties")).forEach((name, p) -> properties.put(name, schema(map(p))));
      ordered.put("properties", properties);
    }
    return ordered;
  }

  private static String dump(Map<String, Object> crd) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(FlowStyle.BLOCK);
    options.setWidth(120);
    options.setIndent(2);
    Representer representer =
        new Representer(options) {
          {
            representers.put(
                String.class,
                text -> representScalar(Tag.STR, text.toString(), style(text.toString())));
          }
        };
    representer.setDefaultFlowStyle(FlowStyle.BLOCK);
    return new Yaml(representer, options).dump(crd);
  }

  /** Rules and long texts are read far more often than they are written: no quotes in quotes. */
  private static ScalarStyle style(String text) {
    if (text.contains("self.")) {
      return text.contains("'") ? ScalarStyle.LITERAL : ScalarStyle.PLAIN;
    }
    return text.length() > 80 ? ScalarStyle.FOLDED : ScalarStyle.PLAIN;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }
}
