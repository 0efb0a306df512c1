package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a Git host and a GitSync both know, so that a webhook can be told from anybody's request.
 * Compared in a time that does not depend on where the two differ. Immutable.
 */
public final class HookToken {
  /** A hash of the token is public, and shorter ones can be found by trying. */
  public static final int SHORTEST = 16;

  /** Where hooks arrive. */
  public static final String PATH = "/hook/";

  private final byte[] token;

  /**
   * @throws IllegalArgumentException it is shorter than {@link #SHORTEST} bytes
   */
  public HookToken(byte[] token) {
    if (token.length < SHORTEST) {
      throw new IllegalArgumentException("a token has at least " + SHORTEST + " bytes");
    }
    this.token = token.clone();
  }

  /**
   * The path of a GitSync's hook: nobody can tell it without the token, it does not tell the token,
   * and it stays the same as long as the token does.
   */
  public String path(SyncKey sync) {
    Mac mac = mac("HmacSHA256");
    mac.update(("fairlead.dev/hook/" + sync).getBytes(StandardCharsets.UTF_8));
    return PATH + HexFormat.of().formatHex(mac.doFinal());
  }

  /** Whether somebody gave the token itself. */
  public boolean is(String given) {
    return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token);
  }

  /**
   * Begins to sign with the token.
   *
   * @param algorithm one that every JDK has, such as {@code HmacSHA256}
   */
  public Mac mac(String algorithm) {
    try {
      Mac mac = Mac.getInstance(requireNonNull(algorithm));
      mac.init(new SecretKeySpec(token, algorithm));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  /** Nothing of the token. */
  @Override
  public String toString() {
    return "HookToken";
  }
}
