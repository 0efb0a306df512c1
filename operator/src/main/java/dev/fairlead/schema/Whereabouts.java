package dev.fairlead.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where a field belongs that stands in the wrong place, by a slip of indentation as a rule:
 * further up, or in what is further down. For one check.
 */
final class Whereabouts {
  private static final int DEEPEST = 3;

  private final KindSchema schema;
  private final Deque<Place> above = new ArrayDeque<>();

  Whereabouts(KindSchema schema) {
    this.schema = schema;
  }

  private record Place(Node node, Path path, int depth) {}

  /** The check goes into a mapping. */
  void enter(Node node, Path path) {
    above.push(new Place(node, path, 0));
  }

  /** And comes out of it. */
  void leave() {
    above.pop();
  }

  /** Where the field could stand instead, seen from the mapping that was entered last. */
  Optional<Path> of(String field) {
    Iterator<Place> places = above.iterator();
    if (!places.hasNext()) {
      return Optional.empty();
    }
    Place here = places.next();
    while (places.hasNext()) {
      Place up = places.next();
      if (up.node().member(field) != null) {
        return Optional.of(up.path().field(field));
      }
    }
    return below(here, field);
  }

  private Optional<Path> below(Place here, String field) {
    Deque<Place> open = new ArrayDeque<>();
    Set<Node> seen = new HashSet<>();
    open.add(here);
    while (!open.isEmpty()) {
      Place place = open.remove();
      if (place.depth() > 0 && place.node().member(field) != null) {
        return Optional.of(place.path().field(field));
      }
      if (place.depth() == DEEPEST || !seen.add(place.node())) {
        continue;
      }
      for (String name : place.node().names) {
        Node member = place.node().member(name);
        // Nobody writes a status.
        if (member != null && !(place.path() == Path.ROOT && name.equals("status"))) {
          open.add(new Place(schema.resolve(member), place.path().field(name), place.depth() + 1));
        }
      }
    }
    return Optional.empty();
  }
}
