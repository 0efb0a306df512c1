package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.Parser;

/**
 * Builds the tree of one YAML document straight from the parser's events, with the meaning that
 * kubectl gives them.
 *
 * <p>Keeps its own stack, so that nesting costs no thread's stack, and counts every value, those
 * behind an alias as often as it is used. One instance reads one document, on one thread.
 */
final class YamlTree {
  /** Counts the values of a file, and what all files take. */
  static final class Budget {
    private final int limit;
    private final ManifestMemory memory;
    private int used;

    Budget(int limit, ManifestMemory memory) {
      this.limit = limit;
      this.memory = memory;
    }

    /** Whether nothing more may be read. */
    boolean spent() {
      return isOver() || memory.spent();
    }

    private boolean isOver() {
      return used > limit || used < 0;
    }

    /**
     * @param bytes of the heap; what is used a second time is counted again, for it will be written
     *     as often
     */
    private void take(int values, long bytes, int line) throws Unreadable {
      used += values;
      if (isOver()) {
        throw new Unreadable(
            line,
            "holds more than "
                + limit
                + " values, counting those behind an alias as often as it is used");
      }
      memory.hold(bytes, line);
    }
  }

  /**
   * A node that an alias may name, from where it begins: of two that bear one name the later
   * beginning counts, also when it lies inside the other.
   */
  private static final class Anchor {
    final @Nullable YamlScalar scalar;

    /** Null while the node is still open. */
    @Nullable Json value;

    int size;
    long bytes;
    int height;

    Anchor(@Nullable YamlScalar scalar) {
      this.scalar = scalar;
    }

    void complete(Json value, int size, long bytes, int height) {
      this.value = value;
      this.size = size;
      this.bytes = bytes;
      this.height = height;
    }
  }

  /** A value with its size and height, on its way into its parent. */
  private record Built(Json value, int height, boolean aliased) {}

  /** A mapping or list that is being read. */
  private static final class Frame {
    final boolean mapping;
    final boolean flow;
    final int line;
    final int column;
    final @Nullable Anchor anchor;
    final int usedBefore;
    final long heldBefore;
    final Map<String, Json> members = new LinkedHashMap<>();
    final List<Json> items = new ArrayList<>();
    @Nullable Map<String, Integer> written;
    @Nullable String key;
    boolean merge;
    int keyLine;
    int keyColumn;
    int height;

    Frame(CollectionStartEvent start, int line, int column, int usedBefore, long heldBefore) {
      this.mapping = start instanceof MappingStartEvent;
      this.flow = start.isFlow();
      this.line = line;
      this.column = column;
      this.anchor = start.getAnchor() == null ? null : new Anchor(null);
      this.usedBefore = usedBefore;
      this.heldBefore = heldBefore;
    }

    boolean wantsKey() {
      return mapping && key == null && !merge;
    }
  }

  private final Parser events;
  private final int linesBefore;
  private final int maxDepth;
  private final Budget budget;
  private final Complaints complaints;
  private final Map<String, Anchor> anchors = new HashMap<>();
  private final Deque<Frame> open = new ArrayDeque<>();

  /**
   * @param events about to give the document's first node
   * @param linesBefore the lines of the file before the text that the parser reads
   */
  YamlTree(Parser events, int linesBefore, int maxDepth, Budget budget, Complaints complaints) {
    this.events = events;
    this.linesBefore = linesBefore;
    this.maxDepth = maxDepth;
    this.budget = budget;
    this.complaints = complaints;
  }

  /** Reads the document's one node. */
  Json read() throws Unreadable {
    while (true) {
      Event event = events.getEvent();
      Built built = null;
      if (event instanceof CollectionEndEvent) {
        built = close();
      } else {
        NodeEvent node = (NodeEvent) event;
        Frame parent = open.peek();
        if (parent != null && parent.wantsKey()) {
          key(parent, node);
        } else if (node instanceof ScalarEvent scalar) {
          built = scalar(scalar, parent);
        } else if (node instanceof AliasEvent alias) {
          built = alias(alias, parent);
        } else {
          begin((CollectionStartEvent) node, parent);
        }
      }
      if (built != null) {
        Frame parent = open.peek();
        if (parent == null) {
          return built.value();
        }
        put(parent, built);
      }
    }
  }

  private void begin(CollectionStartEvent start, @Nullable Frame parent) throws Unreadable {
    int line = lineOf(start);
    long heldBefore = budget.memory.held();
    budget.take(1, ManifestMemory.COLLECTION + ManifestMemory.PLACE, line);
    checkDepth(1, line);
    Frame frame =
        new Frame(
            start,
            placeLine(parent, start),
            placeColumn(parent, start),
            budget.used - 1,
            heldBefore);
    open.push(frame);
    if (frame.anchor != null) {
      anchor(start.getAnchor(), frame.anchor, line);
    }
  }

  private Built close() {
    Frame frame = open.pop();
    Json value =
        frame.mapping
            ? new Json.Obj(frame.members, frame.line, frame.column)
            : new Json.Arr(frame.items, frame.line, frame.column);
    int height = frame.height + 1;
    if (frame.anchor != null) {
      frame.anchor.complete(
          value, budget.used - frame.usedBefore, budget.memory.held() - frame.heldBefore, height);
    }
    return new Built(value, height, false);
  }

  private Built scalar(ScalarEvent event, @Nullable Frame parent) throws Unreadable {
    long bytes = bytesOf(event);
    budget.take(1, bytes, lineOf(event));
    YamlScalar scalar = resolve(event);
    Json value = value(scalar, lineOf(event), placeLine(parent, event), placeColumn(parent, event));
    if (event.getAnchor() != null) {
      anchor(event.getAnchor(), scalar, value, bytes, lineOf(event));
    }
    return new Built(value, 0, false);
  }

  private Built alias(AliasEvent event, @Nullable Frame parent) throws Unreadable {
    Anchor anchor = anchored(event);
    Json value = anchor.value;
    if (value == null) {
      throw new Unreadable(
          lineOf(event),
          "invalid YAML: the value of &" + Wording.shown(event.getAnchor()) + " contains itself");
    }
    budget.take(anchor.size, anchor.bytes, lineOf(event));
    checkDepth(anchor.height, lineOf(event));
    return new Built(
        value.at(placeLine(parent, event), placeColumn(parent, event)), anchor.height, true);
  }

  private void anchor(String name, YamlScalar scalar, Json value, long bytes, int line)
      throws Unreadable {
    Anchor anchor = new Anchor(scalar);
    anchor.complete(value, 1, bytes, 0);
    anchor(name, anchor, line);
  }

  private void anchor(String name, Anchor anchor, int line) throws Unreadable {
    budget.memory.hold(ManifestMemory.RECORD + (long) name.length(), line);
    anchors.put(name, anchor);
  }

  private static long bytesOf(ScalarEvent event) {
    return ManifestMemory.PLACE + ManifestMemory.SCALAR + (long) event.getValue().length();
  }

  private Anchor anchored(AliasEvent event) throws Unreadable {
    Anchor anchor = anchors.get(event.getAnchor());
    if (anchor == null) {
      throw new Unreadable(
          lineOf(event),
          "invalid YAML: no &" + Wording.shown(event.getAnchor()) + " stands before this alias");
    }
    return anchor;
  }

  private void key(Frame frame, NodeEvent node) throws Unreadable {
    frame.keyLine = lineOf(node);
    frame.keyColumn = columnOf(node);
    YamlScalar scalar;
    if (node instanceof AliasEvent alias) {
      Anchor anchor = anchored(alias);
      budget.take(0, anchor.bytes, frame.keyLine);
      scalar = anchor.scalar;
    } else if (node instanceof ScalarEvent written) {
      if (isMerge(written)) {
        frame.merge = true;
        return;
      }
      scalar = resolve(written);
      if (written.getAnchor() != null) {
        Json value = value(scalar, frame.keyLine, frame.keyLine, frame.keyColumn);
        anchor(written.getAnchor(), scalar, value, bytesOf(written), frame.keyLine);
      }
      if (frame.flow && written.isPlain() && runsIntoColon(written.getEndMark())) {
        throw new Unreadable(
            frame.keyLine,
            "invalid YAML: inside braces and brackets a \":\" needs a space after it");
      }
    } else {
      scalar = null;
    }
    if (scalar == null) {
      throw new Unreadable(
          frame.keyLine,
          "invalid YAML: a mapping or list cannot be a key; quote braces and brackets");
    }
    // Keys repeat in every object; one copy of each is enough for all files.
    String key = name(scalar, frame.keyLine);
    budget.memory.name(key, frame.keyLine);
    frame.key = key.intern();
  }

  private String name(YamlScalar key, int line) {
    return switch (key) {
      case YamlScalar.Text t -> t.value();
      case YamlScalar.Whole w when GoNumbers.fits(w.value()) -> w.value().toString();
      case YamlScalar.Whole w -> {
        complaints.add(line, "the key " + w.value() + " is too large a number; quote it");
        yield w.value().toString();
      }
      case YamlScalar.Real r -> GoNumbers.key(r.value());
      case YamlScalar.Truth t -> Boolean.toString(t.value());
      case YamlScalar.Nothing _ -> {
        complaints.add(line, "a key must not be null; quote it if it is meant as a word");
        yield "null";
      }
      case YamlScalar.Wrong w -> {
        complaints.add(line, w.because());
        yield "";
      }
    };
  }

  private Json value(YamlScalar scalar, int line, int placeLine, int placeColumn) {
    return switch (scalar) {
      case YamlScalar.Text t -> new Json.Str(t.value(), placeLine, placeColumn);
      case YamlScalar.Whole w when GoNumbers.fits(w.value()) ->
          new Json.Num(w.value().toString(), placeLine, placeColumn);
      case YamlScalar.Whole w ->
          new Json.Num(GoNumbers.json(w.value().doubleValue()), placeLine, placeColumn);
      case YamlScalar.Real r when Double.isFinite(r.value()) ->
          new Json.Num(r.value() == 0 ? "0" : GoNumbers.json(r.value()), placeLine, placeColumn);
      case YamlScalar.Real _ -> {
        complaints.add(
            line, "infinity and not-a-number have no place in an object; quote the word");
        yield new Json.Null(placeLine, placeColumn);
      }
      case YamlScalar.Truth t -> new Json.Bool(t.value(), placeLine, placeColumn);
      case YamlScalar.Nothing _ -> new Json.Null(placeLine, placeColumn);
      case YamlScalar.Wrong w -> {
        complaints.add(line, w.because());
        yield new Json.Null(placeLine, placeColumn);
      }
    };
  }

  private void put(Frame frame, Built built) throws Unreadable {
    frame.height = Math.max(frame.height, built.height());
    String key = frame.key;
    if (!frame.mapping) {
      frame.items.add(built.value());
    } else if (frame.merge) {
      frame.merge = false;
      merge(frame, built);
    } else if (key != null) {
      frame.key = null;
      put(frame, key, built.value());
    }
  }

  private void put(Frame frame, String key, Json value) {
    Map<String, Integer> written = frame.written;
    Json replaced = frame.members.put(key, value);
    Integer before =
        written != null
            ? written.put(key, frame.keyLine)
            : replaced == null ? null : Integer.valueOf(replaced.line());
    if (before != null) {
      complaints.add(
          frame.keyLine, "key \"" + Wording.shown(key) + "\" is already set in line " + before);
    }
  }

  /** As kubectl does, what is merged overrides what stands before it, and not what stands after. */
  private void merge(Frame frame, Built built) throws Unreadable {
    if (frame.written == null) {
      Map<String, Integer> written = new HashMap<>();
      frame.members.forEach((key, value) -> written.put(key, value.line()));
      frame.written = written;
    }
    if (built.value() instanceof Json.Obj source) {
      frame.members.putAll(source.members());
      return;
    }
    if (built.value() instanceof Json.Arr sources && !built.aliased()) {
      for (Json source : sources.items().reversed()) {
        if (!(source instanceof Json.Obj object)) {
          throw notMergeable(frame);
        }
        frame.members.putAll(object.members());
      }
      return;
    }
    throw notMergeable(frame);
  }

  private static Unreadable notMergeable(Frame frame) {
    return new Unreadable(
        frame.keyLine, "invalid YAML: only a mapping, or a list of mappings, can be merged by <<");
  }

  private void checkDepth(int more, int line) throws Unreadable {
    if (open.size() + more > maxDepth) {
      throw new Unreadable(line, "is nested deeper than " + maxDepth + " levels");
    }
  }

  /**
   * Whether a colon follows, and upon it directly a bracket, brace or comma: to kubectl the colon
   * is then part of the word.
   */
  private static boolean runsIntoColon(Mark end) {
    int[] text = end.getBuffer();
    int i = end.getPointer();
    while (i < text.length && Character.isWhitespace(text[i])) {
      i++;
    }
    return i + 1 < text.length && text[i] == ':' && ",[]{}".indexOf(text[i + 1]) >= 0;
  }

  private static boolean isMerge(ScalarEvent event) {
    return event.getValue().equals("<<")
        && (event.getImplicit().canOmitTagInPlainScalar()
            || "tag:yaml.org,2002:merge".equals(event.getTag()));
  }

  private static YamlScalar resolve(ScalarEvent event) {
    boolean plain = event.getImplicit().canOmitTagInPlainScalar();
    return YamlScalar.Resolver.resolve(event.getTag(), plain, event.getValue());
  }

  private int lineOf(NodeEvent event) {
    return linesBefore + event.getStartMark().getLine() + 1;
  }

  private static int columnOf(NodeEvent event) {
    Mark mark = event.getStartMark();
    return mark.getColumn() + 1;
  }

  private int placeLine(@Nullable Frame parent, NodeEvent event) {
    return parent != null && parent.mapping ? parent.keyLine : lineOf(event);
  }

  private static int placeColumn(@Nullable Frame parent, NodeEvent event) {
    return parent != null && parent.mapping ? parent.keyColumn : columnOf(event);
  }
}
