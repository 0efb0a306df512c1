package dev.fairlead.manifest;

import java.util.Base64;
import java.util.Optional;

/** Base64 as Go's standard encoding decodes it: line breaks are skipped, padding is needed. */
final class GoBase64 {
  private GoBase64() {}

  static Optional<byte[]> decode(String text) {
    String packed = text.replace("\n", "").replace("\r", "");
    if (packed.length() % 4 != 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getDecoder().decode(packed));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
