package dev.fairlead.schema;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that equal nodes are one node, across all documents. Holds none that nobody else
 * holds. Any thread may call it.
 */
final class Nodes {
  private final Map<Node, WeakReference<Node>> known = new WeakHashMap<>();

  Nodes() {
    known.put(Node.ANY, new WeakReference<>(Node.ANY));
  }

  synchronized Node shared(Node.Shape shape) {
    Node node = new Node(shape);
    WeakReference<Node> reference = known.get(node);
    @Nullable Node same = reference == null ? null : reference.get();
    if (same != null) {
      return same;
    }
    known.put(node, new WeakReference<>(node));
    return node;
  }
}
