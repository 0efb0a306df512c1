package dev.fairlead.git;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A commit or an annotated tag, taken apart into what was signed and the signature. */
final class Signed {
  private static final String HEADER = "gpgsig ";

  /** That of the object under its SHA-256 name, which is never a part of what is signed. */
  private static final String OTHER_HEADER = "gpgsig-sha256 ";

  private static final List<String> BEGINNINGS =
      List.of(
          "-----BEGIN PGP SIGNATURE-----",
          "-----BEGIN PGP MESSAGE-----",
          "-----BEGIN SSH SIGNATURE-----",
          "-----BEGIN SIGNED MESSAGE-----");

  private final String what;
  private final byte[] payload;
  private final Optional<String> signature;

  Signed(String what, byte[] payload, Optional<String> signature) {
    this.what = what;
    this.payload = payload;
    this.signature = signature;
  }

  /** For people: {@code commit 1f2e3d4} or {@code the tag v1.2.3}. */
  String what() {
    return what;
  }

  /** The bytes that the signature is about. */
  byte[] payload() {
    return payload;
  }

  /** Armored; empty when there is none. */
  Optional<String> signature() {
    return signature;
  }

  /** A commit has its signature in a header, which is not a part of what was signed. */
  static Signed commit(String hash, byte[] raw) {
    var payload = new ByteArrayOutputStream(raw.length);
    var signature = new ByteArrayOutputStream();
    boolean found = false;
    boolean inSignature = false;
    boolean skipping = false;
    int at = 0;
    while (at < raw.length && raw[at] != '\n') {
      int end = endOfLine(raw, at);
      boolean continues = raw[at] == ' ';
      if (!continues) {
        inSignature = startsWith(raw, at, HEADER);
        skipping = startsWith(raw, at, OTHER_HEADER);
        found |= inSignature;
      }
      int skip = continues ? 1 : HEADER.length();
      if (inSignature) {
        signature.write(raw, at + skip, end - at - skip);
      } else if (!skipping) {
        payload.write(raw, at, end - at);
      }
      at = end;
    }
    payload.write(raw, at, raw.length - at);
    return new Signed(
        "commit " + hash.substring(0, 7),
        payload.toByteArray(),
        found ? Optional.of(signature.toString(StandardCharsets.ISO_8859_1)) : Optional.empty());
  }

  /** An annotated tag has its signature at the end of its message. */
  static Signed tag(String name, byte[] raw) {
    int begin = raw.length;
    for (int at = 0; at < raw.length; at = endOfLine(raw, at)) {
      for (String beginning : BEGINNINGS) {
        if (startsWith(raw, at, beginning)) {
          begin = at;
        }
      }
    }
    var payload = new ByteArrayOutputStream(begin);
    payload.write(raw, 0, begin);
    return new Signed(
        "the tag " + Text.cut(name, 100),
        payload.toByteArray(),
        begin < raw.length
            ? Optional.of(new String(raw, begin, raw.length - begin, StandardCharsets.ISO_8859_1))
            : Optional.empty());
  }

  private static int endOfLine(byte[] raw, int at) {
    int end = at;
    while (end < raw.length && raw[end] != '\n') {
      end++;
    }
    return Math.min(end + 1, raw.length);
  }

  private static boolean startsWith(byte[] raw, int at, String text) {
    if (raw.length - at < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (raw[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
