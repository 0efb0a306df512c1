package dev.fairlead.cluster;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the API server's JSON, one value at a time, without places: nothing is held but the value
 * that is being read. For one thread.
 */
final class JsonAnswer implements AutoCloseable {
  private static final int MAX_DEPTH = 1_000;

  /** Bounds what the server may send; etcd's own limit of an object is 1.5 MiB. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(16 << 20)
                  .maxNameLength(2 << 20)
                  .build())
          // Whoever may write objects must not be able to break the reader by colliding names.
          .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .build();

  private final JsonParser parser;

  JsonAnswer(InputStream bytes) throws IOException {
    this(() -> FACTORY.createParser(ObjectReadContext.empty(), bytes));
  }

  JsonAnswer(byte[] bytes) throws IOException {
    this(() -> FACTORY.createParser(ObjectReadContext.empty(), bytes));
  }

  private JsonAnswer(Step<JsonParser> open) throws IOException {
    parser = run(open);
  }

  /** The next value of a stream of values; null at its end. */
  @Nullable Json next() throws IOException {
    return run(() -> parser.nextToken() == null ? null : value());
  }

  /** The next object of a stream of values; null at its end. */
  Json.@Nullable Obj nextObject() throws IOException {
    Json next = next();
    if (next == null) {
      return null;
    }
    if (next instanceof Json.Obj object) {
      return object;
    }
    throw new IOException("the API server sent no JSON object");
  }

  /**
   * Reads a list: each item of the member {@code items} is handed over as soon as it is read.
   *
   * @return the other members
   */
  Json.Obj list(ItemSink sink) throws IOException, InterruptedException {
    Map<String, Json> others = new LinkedHashMap<>();
    if (run(parser::nextToken) != JsonToken.START_OBJECT) {
      throw new IOException("the API server sent no list");
    }
    while (run(parser::nextToken) == JsonToken.PROPERTY_NAME) {
      String name = run(parser::currentName);
      boolean items = run(parser::nextToken) == JsonToken.START_ARRAY && name.equals("items");
      if (!items) {
        others.put(name, run(this::value));
        continue;
      }
      while (run(parser::nextToken) != JsonToken.END_ARRAY) {
        if (run(this::value) instanceof Json.Obj item) {
          sink.accept(item);
        }
      }
    }
    return new Json.Obj(others, 0, 0);
  }

  /**
   * Reads an OpenAPI document: each schema is handed over as soon as it is read, without what is
   * written for people; all else is skipped.
   */
  void schemas(SchemaSink sink) throws IOException {
    run(() -> {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      descend(
          "components",
          () ->
              descend(
                  "schemas",
                  () -> {
                    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                      String name = parser.currentName();
                      parser.nextToken();
                      if (schema() instanceof Json.Obj schema) {
                        sink.accept(name, schema);
                      }
                    }
                  }));
      return null;
    });
  }

  /** Reads the member of that name if it is an object, and skips the others. */
  private void descend(String wanted, Runnable inside) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean found = parser.currentName().equals(wanted);
      if (parser.nextToken() == JsonToken.START_OBJECT && found) {
        inside.run();
      } else {
        parser.skipChildren();
      }
    }
  }

  /** Like {@link #value}, without the descriptions, which are most of a document. */
  private Json schema() {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Json> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(schema());
      }
      return Json.of(items);
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return value();
    }
    Map<String, Json> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      boolean words = parser.nextToken() == JsonToken.VALUE_STRING && name.equals("description");
      if (!words) {
        members.put(name, schema());
      }
    }
    return Json.of(members);
  }

  /** The value whose first token is current. */
  private Json value() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> Json.of(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(parser.getString(), 0, 0);
      case VALUE_TRUE -> Json.of(true);
      case VALUE_FALSE -> Json.of(false);
      case VALUE_NULL -> Json.Null.NULL;
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException("a value cannot begin here");
    };
  }

  private Json object() {
    if (parser.nextToken() == JsonToken.END_OBJECT) {
      return Json.Obj.empty();
    }
    Map<String, Json> members = new LinkedHashMap<>();
    do {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value());
    } while (parser.nextToken() != JsonToken.END_OBJECT);
    return Json.of(members);
  }

  private Json array() {
    List<Json> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    return Json.of(items);
  }

  @Override
  public void close() {
    parser.close();
  }

  private static <T extends @Nullable Object> T run(Step<T> step) throws IOException {
    try {
      return step.take();
    } catch (JacksonIOException e) {
      throw e.getCause();
    } catch (JacksonException e) {
      // Without Jackson's message, which quotes what it read.
      throw new IOException("the API server's answer is no JSON", e);
    }
  }

  /** One item of a list. */
  @FunctionalInterface
  interface ItemSink {
    void accept(Json.Obj item) throws InterruptedException;
  }

  /** One schema of a document. */
  @FunctionalInterface
  interface SchemaSink {
    void accept(String name, Json.Obj schema);
  }

  private interface Step<T extends @Nullable Object> {
    T take();
  }
}
