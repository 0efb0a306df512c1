package dev.fairlead.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The first 128 bits of a SHA-256: enough to tell contents apart, small enough to keep for each
 * object.
 */
public record Digest(long high, long low) {
  private static final int HEX_DIGITS = 32;

  public static Digest of(byte[] content) {
    ByteBuffer hash = ByteBuffer.wrap(sha256().digest(content));
    return new Digest(hash.getLong(), hash.getLong());
  }

  public static Digest of(String content) {
    return of(content.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads {@link #toString()}'s form; an {@link IllegalArgumentException} for anything else. */
  public static Digest parse(String hex) {
    if (hex.length() != HEX_DIGITS) {
      throw new IllegalArgumentException("not a digest: " + hex);
    }
    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    return new Digest(bytes.getLong(), bytes.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** 32 hex digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
