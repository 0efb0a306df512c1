package dev.fairlead.schema;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of one group and version, as the server's OpenAPI document tells of them; immutable.
 */
public final class SchemaDocument {
  /** The document of which nothing is known. */
  public static final SchemaDocument NONE = new SchemaDocument(Map.of(), Map.of());

  private static final String META = "io.k8s.apimachinery.pkg.";
  private static final Set<String> NATIVE =
      Set.of(META, "io.k8s.api.", "io.k8s.apiextensions-apiserver.", "io.k8s.kube-aggregator.");

  private final Map<String, Node> components;
  private final Map<GroupVersionKind, String> kinds;

  private SchemaDocument(Map<String, Node> components, Map<GroupVersionKind, String> kinds) {
    this.components = Map.copyOf(components);
    this.kinds = Map.copyOf(kinds);
  }

  /** Compiles a document component by component, so that it never has to be in memory whole. */
  public static final class Reader {
    private final NodeReader nodes;
    private final Map<String, Node> components = new HashMap<>();
    private final Map<GroupVersionKind, String> kinds = new HashMap<>();

    Reader(NodeReader nodes) {
      this.nodes = nodes;
    }

    /** Takes one entry of {@code components.schemas}. */
    public void add(String name, Json.Obj schema) {
      String component = name.intern();
      components.put(component, nodes.component(component, schema));
      // Several kinds mean a type that all groups share, such as DeleteOptions.
      if (schema.items("x-kubernetes-group-version-kind").size() == 1
          && schema.items("x-kubernetes-group-version-kind").getFirst() instanceof Json.Obj gvk) {
        kinds.put(
            new GroupVersionKind(
                gvk.string("group").orElse(""),
                gvk.string("version").orElse(""),
                gvk.string("kind").orElse("")),
            component);
      }
    }

    public SchemaDocument done() {
      return new SchemaDocument(components, kinds);
    }
  }

  /** The schema of a kind; nothing when the document does not tell of it. */
  public Optional<KindSchema> find(GroupVersionKind gvk) {
    String component = kinds.get(gvk);
    return component == null
        ? Optional.empty()
        : Optional.of(
            new KindSchema(gvk, component, component(component), this, isCustom(component)));
  }

  /** Goes by what it refers to, as nothing else tells definitions from types of other servers. */
  private boolean isCustom(String kind) {
    if (NATIVE.stream().anyMatch(kind::startsWith)) {
      return false;
    }
    Deque<Node> open = new ArrayDeque<>();
    Set<Node> seen = new HashSet<>();
    open.push(component(kind));
    while (!open.isEmpty()) {
      Node node = open.pop();
      if (!seen.add(node)) {
        continue;
      }
      if (!node.reference.isEmpty() && !node.reference.startsWith(META)) {
        return false;
      }
      node.children().forEach(open::push);
    }
    return true;
  }

  Node component(String name) {
    return components.getOrDefault(name, Node.ANY);
  }
}
