package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The fields that one manager owns in one object, as {@code managedFields} lists them.
 *
 * <p>Immutable. Equality is that of {@link #digest}: the same fields in the same API version,
 * whatever their order. Sets of different API versions can be subtracted; the answer is as good as
 * the two versions' fields are alike.
 */
public final class FieldSet {
  private static final String SELF = ".";

  private final String apiVersion;
  private final Node root;

  private FieldSet(String apiVersion, Node root) {
    this.apiVersion = requireNonNull(apiVersion);
    this.root = root;
  }

  /**
   * Reads {@code fieldsV1}; what is no object in it counts as an owned field.
   *
   * @param apiVersion the entry's {@code apiVersion}
   */
  public static FieldSet of(String apiVersion, Json.Obj fieldsV1) {
    return new FieldSet(apiVersion, Node.of(fieldsV1, true));
  }

  public String apiVersion() {
    return apiVersion;
  }

  public boolean isEmpty() {
    return !root.owned && root.children.isEmpty();
  }

  /** What stands for this set where thousands of them are remembered. */
  public Digest digest() {
    StringBuilder text = new StringBuilder(512).append(apiVersion).append('\n');
    root.writeTo(text);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      ByteBuffer bytes = ByteBuffer.wrap(hash);
      return new Digest(bytes.getLong(), bytes.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The fields of this set that are not in the other. */
  public FieldSet minus(FieldSet other) {
    return new FieldSet(apiVersion, root.combine(other.root, false).orElse(Node.NONE));
  }

  /** The fields that are in both sets. */
  public FieldSet intersect(FieldSet other) {
    return new FieldSet(apiVersion, root.combine(other.root, true).orElse(Node.NONE));
  }

  /**
   * The fields that this set has as a whole and of which the other has something within: maps and
   * lists that were written empty here, and filled there.
   */
  public FieldSet filledBy(FieldSet other) {
    return new FieldSet(apiVersion, root.filledBy(other.root).orElse(Node.NONE));
  }

  /** The fields of both, in this set's API version. */
  public FieldSet union(FieldSet other) {
    return new FieldSet(apiVersion, root.union(other.root));
  }

  /**
   * The fields of this set without those that are in the other too; a map or an item of which
   * nothing is left goes with them.
   */
  public FieldSet yielding(FieldSet other) {
    return new FieldSet(apiVersion, root.yielding(other.root).orElse(Node.NONE));
  }

  /**
   * The fields of this set without one place and all that is in it; what had nothing else in it
   * goes with it.
   *
   * @param path as {@code fieldsV1} has it: {@code f:spec}, {@code f:replicas}
   */
  FieldSet without(List<String> path) {
    return new FieldSet(apiVersion, root.without(path, 0).orElse(Node.NONE));
  }

  /** The keys below a place; empty also where the set has no such place. */
  Set<String> children(List<String> path) {
    return root.at(path).map(n -> n.children.keySet()).orElse(Set.of());
  }

  /** Whether the set has the place, or anything in it. */
  boolean contains(List<String> path) {
    return root.at(path).isPresent();
  }

  /** Whether the set has the place itself, whatever it has within it. */
  boolean owns(List<String> path) {
    return root.at(path).filter(Node::owned).isPresent();
  }

  /** Whether the set has the place as a whole and nothing within it. */
  boolean isWhole(List<String> path) {
    return root.at(path).filter(n -> n.owned && n.children.isEmpty()).isPresent();
  }

  /** What {@link #of} reads. */
  Json.Obj fieldsV1() {
    return root.toJson(true);
  }

  /**
   * The fields in words, sorted: {@code spec.template.spec.containers[name="web"].image}. A map or
   * an item that is in the set as a whole stands for all that is in it.
   */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    root.addPaths("", paths);
    return List.copyOf(paths);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldSet f && apiVersion.equals(f.apiVersion) && root.equals(f.root);
  }

  @Override
  public int hashCode() {
    return 31 * apiVersion.hashCode() + root.hashCode();
  }

  @Override
  public String toString() {
    return apiVersion + paths();
  }

  /** 128 bits of a set's SHA-256. */
  public record Digest(long high, long low) {
    @Override
    public String toString() {
      return "%016x%016x".formatted(high, low);
    }
  }

  /**
   * One element of the tree.
   *
   * @param owned whether the path that leads here is itself in the set
   * @param children by their key in {@code fieldsV1}, sorted
   */
  private record Node(boolean owned, TreeMap<String, Node> children) {
    static final Node NONE = new Node(false, new TreeMap<>());
    static final Node LEAF = new Node(true, new TreeMap<>());

    static Node of(Json value, boolean top) {
      if (!(value instanceof Json.Obj object) || (object.members().isEmpty() && !top)) {
        return LEAF;
      }
      TreeMap<String, Node> children = new TreeMap<>();
      for (Map.Entry<String, Json> member : object.members().entrySet()) {
        if (!member.getKey().equals(SELF)) {
          children.put(member.getKey(), of(member.getValue(), false));
        }
      }
      return new Node(object.members().containsKey(SELF), children);
    }

    /** What of this is in the other (keep) or is not in it; nothing when that leaves nothing. */
    Optional<Node> combine(Node other, boolean keep) {
      TreeMap<String, Node> left = new TreeMap<>();
      for (Map.Entry<String, Node> child : children.entrySet()) {
        Node theirs = other.children.getOrDefault(child.getKey(), NONE);
        child.getValue().combine(theirs, keep).ifPresent(n -> left.put(child.getKey(), n));
      }
      boolean self = owned && other.owned == keep;
      return self || !left.isEmpty() ? Optional.of(new Node(self, left)) : Optional.empty();
    }

    Node union(Node other) {
      TreeMap<String, Node> all = new TreeMap<>(children);
      other.children.forEach((key, theirs) -> all.merge(key, theirs, Node::union));
      return new Node(owned || other.owned, all);
    }

    Optional<Node> yielding(Node other) {
      TreeMap<String, Node> left = new TreeMap<>();
      for (Map.Entry<String, Node> child : children.entrySet()) {
        Node theirs = other.children.get(child.getKey());
        Optional<Node> rest =
            theirs == null ? Optional.of(child.getValue()) : child.getValue().yielding(theirs);
        rest.ifPresent(n -> left.put(child.getKey(), n));
      }
      boolean self = owned && (children.isEmpty() ? !other.owned : !left.isEmpty());
      return self || !left.isEmpty() ? Optional.of(new Node(self, left)) : Optional.empty();
    }

    Optional<Node> without(List<String> path, int depth) {
      if (depth == path.size()) {
        return Optional.empty();
      }
      Node child = children.get(path.get(depth));
      if (child == null) {
        return Optional.of(this);
      }
      TreeMap<String, Node> left = new TreeMap<>(children);
      child
          .without(path, depth + 1)
          .ifPresentOrElse(n -> left.put(path.get(depth), n), () -> left.remove(path.get(depth)));
      return left.isEmpty() ? Optional.empty() : Optional.of(new Node(owned, left));
    }

    Optional<Node> at(List<String> path) {
      Node at = this;
      for (String key : path) {
        at = at.children.get(key);
        if (at == null) {
          return Optional.empty();
        }
      }
      return Optional.of(at);
    }

    Json.Obj toJson(boolean top) {
      Map<String, Json> members = new LinkedHashMap<>();
      if (owned && (top || !children.isEmpty())) {
        members.put(SELF, Json.Obj.empty());
      }
      children.forEach((key, child) -> members.put(key, child.toJson(false)));
      return Json.of(members);
    }

    Optional<Node> filledBy(Node other) {
      TreeMap<String, Node> filled = new TreeMap<>();
      for (Map.Entry<String, Node> child : children.entrySet()) {
        Node theirs = other.children.getOrDefault(child.getKey(), NONE);
        child.getValue().filledBy(theirs).ifPresent(n -> filled.put(child.getKey(), n));
      }
      boolean self = owned && children.isEmpty() && !other.children.isEmpty();
      return self || !filled.isEmpty() ? Optional.of(new Node(self, filled)) : Optional.empty();
    }

    void writeTo(StringBuilder out) {
      out.append('{');
      if (owned) {
        out.append('.');
      }
      for (Map.Entry<String, Node> child : children.entrySet()) {
        // Lengths, since keys may hold any character.
        out.append(child.getKey().length()).append(':').append(child.getKey());
        child.getValue().writeTo(out);
      }
      out.append('}');
    }

    void addPaths(String path, List<String> paths) {
      if (owned) {
        paths.add(path);
        return;
      }
      children.forEach((key, child) -> child.addPaths(FieldPaths.append(path, key), paths));
    }
  }
}
