package dev.fairlead.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A place in an object, as RFC 6901 writes it: {@code /spec/replicas}, {@code
 * /metadata/annotations/example.org~1owner}.
 *
 * @param tokens names of members and indexes of lists, unescaped; never empty
 */
public record JsonPointer(List<String> tokens) implements Comparable<JsonPointer> {
  public static final int MAX_LENGTH = 512;

  public JsonPointer {
    tokens = List.copyOf(tokens);
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException("the whole object is no place in it");
    }
  }

  /** Reads a pointer; absent when it is none, or stands for the whole object. */
  public static Optional<JsonPointer> parse(String text) {
    if (!text.startsWith("/") || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    List<String> tokens = new ArrayList<>();
    for (String token : text.substring(1).split("/", -1)) {
      Optional<String> unescaped = unescape(token);
      if (unescaped.isEmpty() || unescaped.get().isEmpty()) {
        return Optional.empty();
      }
      tokens.add(unescaped.get());
    }
    return Optional.of(new JsonPointer(tokens));
  }

  private static Optional<String> unescape(String token) {
    for (int i = token.indexOf('~'); i >= 0; i = token.indexOf('~', i + 1)) {
      char next = i + 1 < token.length() ? token.charAt(i + 1) : ' ';
      if (next != '0' && next != '1') {
        return Optional.empty();
      }
    }
    return Optional.of(token.replace("~1", "/").replace("~0", "~"));
  }

  /** A token as the position in a list; -1 when it is none. */
  public static int index(String token) {
    boolean digits =
        !token.isEmpty()
            && token.length() <= 6
            && token.chars().allMatch(c -> c >= '0' && c <= '9')
            && (token.length() == 1 || token.charAt(0) != '0');
    return digits ? Integer.parseInt(token) : -1;
  }

  /** The place that begins this one and has that many tokens. */
  public JsonPointer first(int count) {
    return new JsonPointer(tokens.subList(0, count));
  }

  /** Whether the other one is this place or within it. */
  public boolean contains(JsonPointer other) {
    return other.tokens.size() >= tokens.size()
        && other.tokens.subList(0, tokens.size()).equals(tokens);
  }

  @Override
  public int compareTo(JsonPointer other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (String token : tokens) {
      text.append('/').append(token.replace("~", "~0").replace("/", "~1"));
    }
    return text.toString();
  }
}
