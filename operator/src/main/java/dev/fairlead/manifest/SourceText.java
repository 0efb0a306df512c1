package dev.fairlead.manifest;

import dev.fairlead.model.Origin;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The text of a file, cut into its YAML documents by kubectl's rule: at each line that begins with
 * {@code ---}. Cutting before parsing lets one broken document leave the others readable.
 * Stateless.
 */
final class SourceText {
  /**
   * One document's text.
   *
   * @param index its place within the file, from 0
   * @param firstLine the line of its first character, from 1
   */
  record Part(int index, int firstLine, int start, int end) {}

  private static final char REPLACEMENT = '\uFFFD';
  private static final int DECODED_AT_ONCE = 4_096;

  /** Of a character of a word that the parser looks for the end of, which it holds as numbers. */
  private static final int PARSED = 12;

  private static final byte[] UTF8_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private SourceText() {}

  /**
   * The file as UTF-8 without a byte order mark, checked. Files in UTF-16 that say so by their mark
   * are converted, as kubectl does.
   */
  static byte[] utf8(byte[] bytes) throws Unreadable {
    if (startsWith(bytes, (byte) 0xFE, (byte) 0xFF)) {
      return converted(bytes, StandardCharsets.UTF_16BE);
    }
    if (startsWith(bytes, (byte) 0xFF, (byte) 0xFE)) {
      return converted(bytes, StandardCharsets.UTF_16LE);
    }
    int line = 1;
    for (byte b : bytes) {
      if (b == 0) {
        throw new Unreadable(line, "is binary, not text: it holds a NUL byte");
      }
      line += b == '\n' ? 1 : 0;
    }
    return startsWith(bytes, UTF8_MARK) ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
  }

  /** Whether kubectl would try to read it as JSON first. */
  static boolean looksLikeJson(byte[] utf8) {
    for (byte b : utf8) {
      if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
        return b == '{';
      }
    }
    return false;
  }

  /** The part of the file as text; it may only hold characters that YAML allows. */
  static String text(byte[] utf8, Part part) throws Unreadable {
    String text = new String(utf8, part.start(), part.end() - part.start(), StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      checkEncoding(utf8, part);
    }
    int line = part.firstLine();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
      } else if ((c < ' ' && c != '\t' && c != '\r')
          || (c >= 0x7F && c < 0xA0 && c != 0x85)
          || c >= 0xFFFE
          || c == 0xFEFF) {
        throw new Unreadable(
            line, "holds the character U+%04X, which YAML does not allow".formatted((int) c));
      }
    }
    return text;
  }

  /** Tells a replacement character that the file holds from one that stands for broken bytes. */
  private static void checkEncoding(byte[] utf8, Part part) throws Unreadable {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(utf8, part.start(), part.end() - part.start());
    CharBuffer out = CharBuffer.allocate(DECODED_AT_ONCE);
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      result = decoder.decode(in, out.clear(), true);
    }
    if (result.isError()) {
      throw new Unreadable(
          lineAt(utf8, part, in.position()),
          "is not text in UTF-8: byte 0x%02x is out of place".formatted(utf8[in.position()]));
    }
  }

  /** What it takes of the heap, and the parser for its longest line and its directives. */
  static long memory(String text) {
    boolean wide = false;
    int longest = 0;
    int start = 0;
    int directives = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      wide |= c > 0xFF;
      if (c == '%' && i == start) {
        directives++;
      } else if (c == '\n') {
        start = i + 1;
      }
      longest = Math.max(longest, i - start);
    }
    return text.length() * (wide ? 2L : 1L)
        + PARSED * (long) longest
        + (long) ManifestMemory.RECORD * directives;
  }

  /**
   * Cuts the file into its documents. A first part without content counts as no document.
   *
   * @param findings gets a finding for each line that begins with {@code ---} and holds more
   */
  static List<Part> parts(String file, byte[] utf8, ManifestMemory memory, FileFindings findings)
      throws Unreadable {
    List<Part> parts = new ArrayList<>();
    int index = 0;
    int start = 0;
    int startLine = 1;
    int line = 1;
    for (int i = 0; i < utf8.length; line++) {
      int end = endOfLine(utf8, i);
      if (separates(utf8, i)) {
        boolean head = parts.isEmpty() && index == 0 && blank(utf8, start, i);
        if (!head) {
          memory.hold(ManifestMemory.RECORD, line);
          parts.add(new Part(index++, startLine, start, i));
        }
        if (!endsWell(utf8, i + 3, end)) {
          findings.add(
              new Finding(
                  new Origin(file, index, line),
                  "invalid YAML: a line that begins with --- separates documents and must hold"
                      + " nothing else"));
        }
        start = end;
        startLine = line + 1;
      }
      i = end;
    }
    parts.add(new Part(index, startLine, start, utf8.length));
    return parts;
  }

  private static boolean separates(byte[] utf8, int at) {
    return at + 3 <= utf8.length && utf8[at] == '-' && utf8[at + 1] == '-' && utf8[at + 2] == '-';
  }

  private static boolean endsWell(byte[] utf8, int from, int end) {
    for (int i = from; i < end; i++) {
      if (utf8[i] == '#') {
        return true;
      }
      if (utf8[i] != ' ' && utf8[i] != '\t' && utf8[i] != '\r' && utf8[i] != '\n') {
        return false;
      }
    }
    return true;
  }

  /** Whether only comments and blank lines stand there. */
  private static boolean blank(byte[] utf8, int from, int end) {
    for (int i = from; i < end; i = endOfLine(utf8, i)) {
      if (!endsWell(utf8, i, endOfLine(utf8, i))) {
        return false;
      }
    }
    return true;
  }

  private static int endOfLine(byte[] utf8, int from) {
    int i = from;
    while (i < utf8.length && utf8[i] != '\n') {
      i++;
    }
    return Math.min(i + 1, utf8.length);
  }

  private static int lineAt(byte[] utf8, Part part, int position) {
    int line = part.firstLine();
    for (int i = part.start(); i < position; i++) {
      line += utf8[i] == '\n' ? 1 : 0;
    }
    return line;
  }

  private static byte[] converted(byte[] bytes, Charset charset) throws Unreadable {
    try {
      return charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 2, bytes.length - 2))
          .toString()
          .getBytes(StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new Unreadable(0, "is not text: it begins like UTF-16 but is none");
    }
  }

  private static boolean startsWith(byte[] bytes, byte... prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
