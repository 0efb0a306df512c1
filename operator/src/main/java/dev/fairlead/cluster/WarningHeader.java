package dev.fairlead.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP's {@code Warning} headers (RFC 7234, section 5.5). Total: what cannot be read is left
 * out. Stateless.
 */
final class WarningHeader {
  /**
   * How many warnings of one answer are read. The API server itself sends some 4,096 characters.
   */
  static final int MOST = 50;

  /** The API server's one code: a warning that stays true. */
  private static final String CODE = "299";

  private WarningHeader() {}

  /** The texts, each once, in their order: without control characters, and cut to a length. */
  static List<String> texts(List<String> headers) {
    Set<String> texts = new LinkedHashSet<>();
    for (String header : headers) {
      Reader reader = new Reader(header);
      while (!reader.atEnd() && texts.size() < MOST) {
        String text = reader.next();
        if (text != null) {
          String clean = clean(text);
          if (!clean.isEmpty()) {
            texts.add(clean);
          }
        }
      }
    }
    return new ArrayList<>(texts);
  }

  private static String clean(String text) {
    StringBuilder out = new StringBuilder(text.length());
    utf8(text)
        .codePoints()
        .forEach(c -> {
          boolean printable = !Character.isISOControl(c) && c != 0x2028 && c != 0x2029;
          out.appendCodePoint(printable ? c : ' ');
        });
    return ErrorAnswer.cut(out.toString().strip());
  }

  /** Headers are read as ISO 8859-1, but what the API server writes is UTF-8. */
  private static String utf8(String text) {
    if (text.chars().anyMatch(c -> c > 0xff)) {
      return text;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return text;
    }
  }

  /** Reads {@code code SP agent SP "text" [SP "date"]}, separated by commas. */
  private static final class Reader {
    private final String header;
    private int at;

    Reader(String header) {
      this.header = header;
    }

    boolean atEnd() {
      return at >= header.length();
    }

    /** The text of the next warning; null when it is none that counts. */
    @Nullable String next() {
      skip(" \t,");
      String code = token();
      skip(" \t");
      String agent = token();
      skip(" \t");
      String text = quoted();
      // The date, or whatever else there is.
      while (!atEnd() && header.charAt(at) != ',') {
        if (header.charAt(at) == '"') {
          quoted();
        } else {
          at++;
        }
      }
      return code.equals(CODE) && !agent.isEmpty() ? text : null;
    }

    private void skip(String characters) {
      while (!atEnd() && characters.indexOf(header.charAt(at)) >= 0) {
        at++;
      }
    }

    private String token() {
      int from = at;
      while (!atEnd() && " \t,\"".indexOf(header.charAt(at)) < 0) {
        at++;
      }
      return header.substring(from, at);
    }

    /** A quoted string without its escapes; null when there is none, or it does not end. */
    private @Nullable String quoted() {
      if (atEnd() || header.charAt(at) != '"') {
        return null;
      }
      StringBuilder text = new StringBuilder();
      for (at++; !atEnd(); at++) {
        char c = header.charAt(at);
        if (c == '"') {
          at++;
          return text.toString();
        }
        if (c == '\\' && at + 1 < header.length()) {
          at++;
        }
        text.append(header.charAt(at));
      }
      return null;
    }
  }
}
