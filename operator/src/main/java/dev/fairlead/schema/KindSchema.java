package dev.fairlead.schema;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.GroupVersionKind;

/** What objects of one kind in one version look like; immutable. */
public final class KindSchema {
  /** The component of a schema within a definition. */
  static final String DEFINITION =
      "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";

  private final GroupVersionKind gvk;
  private final String component;
  private final Node root;
  private final SchemaDocument document;
  private final boolean custom;

  /**
   * @param component the name of the root among the document's components
   * @param document holds what the root refers to
   * @param custom whether a definition of the user's brings the kind
   */
  KindSchema(
      GroupVersionKind gvk, String component, Node root, SchemaDocument document, boolean custom) {
    this.gvk = requireNonNull(gvk);
    this.component = requireNonNull(component);
    this.root = requireNonNull(root);
    this.document = requireNonNull(document);
    this.custom = custom;
  }

  public GroupVersionKind gvk() {
    return gvk;
  }

  /** Whether a definition brings the kind; otherwise it is built into a server. */
  public boolean custom() {
    return custom;
  }

  String component() {
    return component;
  }

  Node root() {
    return root;
  }

  /** What schemas within definitions look like. */
  Node definition() {
    return document.component(DEFINITION);
  }

  /** The component that a node names; the node itself if it names none. */
  Node resolve(Node node) {
    Node at = node;
    // References of references are not written by any server; three are plenty.
    for (int i = 0; i < 3 && !at.reference.isEmpty(); i++) {
      at = document.component(at.reference);
    }
    return at;
  }
}
