package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import dev.fairlead.model.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads JSON: files of a repository with the place of every value, and answers of the API server
 * without.
 *
 * <p>Numbers come out as kubectl would send them. Keeps its own stack and is bounded in depth.
 * Stateless; any thread may call.
 */
public final class JsonReader {
  private static final int MAX_ANSWER_DEPTH = 1_000;
  private static final int MAX_NUMBER = 1_000;

  /** More than the API server takes of an object; reading one takes six times as much. */
  private static final int MAX_STRING = 4 << 20;

  private static final TokenStreamFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(MAX_STRING)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(MAX_NUMBER)
                  .build())
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private final JsonParser parser;
  private final boolean places;
  private final int maxDepth;
  private final int maxNodes;
  private final Complaints complaints;
  private final ManifestMemory memory;
  private final Deque<Frame> open = new ArrayDeque<>();
  private int nodes;

  private JsonReader(
      JsonParser parser,
      boolean places,
      int maxDepth,
      int maxNodes,
      ManifestMemory memory,
      Complaints complaints) {
    this.parser = parser;
    this.places = places;
    this.maxDepth = maxDepth;
    this.maxNodes = maxNodes;
    this.memory = memory;
    this.complaints = complaints;
  }

  /**
   * Reads one JSON value, as the API server writes it: without places, the last of equal keys wins.
   *
   * @throws MalformedJson when it is anything else, or nested deeper than 1,000 levels
   */
  public static Json parse(byte[] bytes) throws MalformedJson {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      JsonReader reader =
          new JsonReader(
              parser,
              false,
              MAX_ANSWER_DEPTH,
              Integer.MAX_VALUE,
              ManifestMemory.unlimited(),
              (line, because) -> {});
      Json value = reader.next();
      if (value == null || parser.nextToken() != null) {
        throw new MalformedJson(value == null ? "no JSON at all" : "more than one JSON value");
      }
      return value;
    } catch (JacksonException e) {
      throw new MalformedJson("invalid JSON: " + because(e));
    } catch (Unreadable e) {
      throw new MalformedJson("the JSON " + e.because());
    }
  }

  /**
   * Reads a file: one value, or several after each other.
   *
   * @throws Unreadable at the first place that is no JSON, as nothing after it can be trusted
   */
  static Documents read(String file, byte[] utf8, Limits limits, ManifestMemory memory)
      throws Unreadable {
    FileFindings findings = new FileFindings();
    List<Documents.Document> documents = new ArrayList<>();
    int[] index = {0};
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), utf8)) {
      JsonReader reader =
          new JsonReader(
              parser,
              true,
              limits.maxDepth(),
              limits.maxExpandedNodes(),
              memory,
              (line, because) ->
                  findings.add(new Finding(new Origin(file, index[0], line), because)));
      int before = 0;
      for (Json value = reader.next(); value != null; value = reader.next()) {
        memory.hold(ManifestMemory.RECORD, value.line());
        if (findings.count() == before) {
          documents.add(new Documents.Document(index[0], value));
        }
        before = findings.count();
        index[0]++;
      }
      return new Documents(documents, findings);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      throw new Unreadable(
          at == null ? 1 : Math.max(1, at.getLineNr()), "invalid JSON: " + because(e));
    }
  }

  /** The next value, or null at the end. */
  private @Nullable Json next() throws Unreadable {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      Frame parent = open.peek();
      Json built = null;
      switch (token) {
        case PROPERTY_NAME -> key(parent);
        case START_OBJECT, START_ARRAY -> begin(token == JsonToken.START_OBJECT, parent);
        case END_OBJECT, END_ARRAY -> built = open.pop().close();
        default -> built = scalar(token, parent);
      }
      if (built == null) {
        continue;
      }
      parent = open.peek();
      if (parent == null) {
        return built;
      }
      parent.put(built);
    }
    return null;
  }

  private void key(@Nullable Frame parent) throws Unreadable {
    if (parent == null) {
      throw new IllegalStateException("a key outside an object");
    }
    String name = parser.currentName();
    parent.key = name;
    if (places) {
      TokenStreamLocation at = parser.currentTokenLocation();
      parent.keyLine = at.getLineNr();
      parent.keyColumn = at.getColumnNr();
      memory.name(name, parent.keyLine);
      Json earlier = parent.members.get(name);
      if (earlier != null) {
        complaints.add(
            parent.keyLine,
            "key \"" + Wording.shown(name) + "\" is already set in line " + earlier.line());
      }
    }
  }

  private void begin(boolean object, @Nullable Frame parent) throws Unreadable {
    int line = placeLine(parent);
    count(ManifestMemory.COLLECTION, line);
    if (open.size() >= maxDepth) {
      throw new Unreadable(line, "is nested deeper than " + maxDepth + " levels");
    }
    open.push(new Frame(object, line, placeColumn(parent)));
  }

  private Json scalar(JsonToken token, @Nullable Frame parent) throws Unreadable {
    int line = placeLine(parent);
    int column = placeColumn(parent);
    count(ManifestMemory.SCALAR + (places ? parser.getStringLength() : 0), line);
    return switch (token) {
      case VALUE_STRING -> new Json.Str(parser.getString(), line, column);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        Optional<String> literal = GoNumbers.canonical(parser.getString());
        if (literal.isEmpty()) {
          complaints.add(line, "a number is too large for any field");
        }
        yield new Json.Num(literal.orElse("0"), line, column);
      }
      case VALUE_TRUE -> new Json.Bool(true, line, column);
      case VALUE_FALSE -> new Json.Bool(false, line, column);
      case VALUE_NULL -> new Json.Null(line, column);
      default -> throw new IllegalStateException("no token of JSON: " + token);
    };
  }

  private void count(int bytes, int line) throws Unreadable {
    memory.hold(ManifestMemory.PLACE + (long) bytes, line);
    if (++nodes > maxNodes) {
      throw new Unreadable(line, "holds more than " + maxNodes + " values");
    }
  }

  private int placeLine(@Nullable Frame parent) {
    if (!places) {
      return 0;
    }
    return parent != null && parent.object
        ? parent.keyLine
        : parser.currentTokenLocation().getLineNr();
  }

  private int placeColumn(@Nullable Frame parent) {
    if (!places) {
      return 0;
    }
    return parent != null && parent.object
        ? parent.keyColumn
        : parser.currentTokenLocation().getColumnNr();
  }

  /** The library's words up to where they begin to quote the text, which may be a Secret's. */
  private static String because(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    if (message.startsWith("String value length")) {
      return "a string is longer than " + (MAX_STRING >> 20) + " MiB";
    }
    if (message.startsWith("Number value length")) {
      return "a number has more than " + MAX_NUMBER + " digits";
    }
    if (message.startsWith("Unexpected end-of-input")) {
      return "it ends too early";
    }
    if (message.contains("comment")) {
      return "comments are not allowed";
    }
    if (message.contains("double-quote to start property name")) {
      return "a key in double quotes is missing here; mind a comma after the last member";
    }
    if (message.contains("was expecting comma")) {
      return "a comma is missing";
    }
    if (message.contains("was expecting a colon")) {
      return "a colon is missing";
    }
    if (message.startsWith("Illegal unquoted character")) {
      return "a control character inside a string must be escaped";
    }
    if (message.startsWith("Invalid UTF-8")) {
      return "it is not text in UTF-8";
    }
    return "a value is missing or misspelled";
  }

  private static final class Frame {
    final boolean object;
    final int line;
    final int column;
    final Map<String, Json> members = new LinkedHashMap<>();
    final List<Json> items = new ArrayList<>();
    @Nullable String key;
    int keyLine;
    int keyColumn;

    Frame(boolean object, int line, int column) {
      this.object = object;
      this.line = line;
      this.column = column;
    }

    void put(Json value) {
      String name = key;
      if (!object) {
        items.add(value);
      } else if (name != null) {
        members.put(name, value);
        key = null;
      }
    }

    Json close() {
      return object ? new Json.Obj(members, line, column) : new Json.Arr(items, line, column);
    }
  }
}
