package dev.fairlead.web;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.Headers;
import dev.fairlead.model.HookToken;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;

/**
 * Whether a request proves that its sender knows a token, in any of the ways that Git hosts have:
 * one that is right is enough. The body is signed as it is read and never kept. For one request.
 */
final class HookProof {
  /** Who sends the token itself. */
  private static final String TOKEN = "X-Gitlab-Token";

  /** The signature alone, of HMAC-SHA256: Gitea, Forgejo, Gogs. */
  private static final List<String> PLAIN =
      List.of("X-Forgejo-Signature", "X-Gitea-Signature", "X-Gogs-Signature");

  /** The algorithm's name before it: GitHub, Bitbucket, and whoever signs by himself. */
  private static final List<String> NAMED =
      List.of("X-Hub-Signature-256", "X-Hub-Signature", "X-Signature");

  /** SHA-1 is not among them: who sends it for old receivers sends SHA-256 too. */
  private static final Map<String, String> ALGORITHMS =
      Map.of("sha256", "HmacSHA256", "sha384", "HmacSHA384", "sha512", "HmacSHA512");

  private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{2,128}");

  private record Claim(String algorithm, String hex) {}

  private final boolean claimsToken;
  private final boolean hasToken;
  private final List<Claim> claims = new ArrayList<>();
  private final Map<String, Mac> macs = new HashMap<>();

  HookProof(Headers request, HookToken token) {
    Optional<String> given = value(request, TOKEN);
    claimsToken = given.isPresent();
    hasToken = given.filter(token::is).isPresent();
    for (String header : PLAIN) {
      value(request, header).ifPresent(hex -> claim("HmacSHA256", hex));
    }
    for (String header : NAMED) {
      value(request, header).ifPresent(this::named);
    }
    for (Claim claim : claims) {
      macs.computeIfAbsent(claim.algorithm(), token::mac);
    }
  }

  private static Optional<String> value(Headers request, String header) {
    return Optional.ofNullable(request.getFirst(header)).map(String::strip);
  }

  private void named(String value) {
    int equals = value.indexOf('=');
    String algorithm = equals < 0 ? null : ALGORITHMS.get(value.substring(0, equals));
    if (algorithm != null) {
      claim(algorithm, value.substring(equals + 1));
    }
  }

  private void claim(String algorithm, String hex) {
    if (HEX.matcher(hex).matches()) {
      claims.add(new Claim(algorithm, hex.toLowerCase(Locale.ROOT)));
    }
  }

  /** Whether there is anything in the request that could be one. */
  boolean isClaimed() {
    return claimsToken || !claims.isEmpty();
  }

  /** A piece of the body. */
  void update(byte[] bytes, int length) {
    macs.values().forEach(mac -> mac.update(bytes, 0, length));
  }

  /** Whether it holds, after the whole body. */
  boolean holds() {
    boolean holds = hasToken;
    Map<String, String> right = new HashMap<>();
    macs.forEach((algorithm, mac) -> right.put(algorithm, HexFormat.of().formatHex(mac.doFinal())));
    for (Claim claim : claims) {
      // All of them are compared, whichever was right.
      holds |=
          MessageDigest.isEqual(
              right.getOrDefault(claim.algorithm(), "").getBytes(US_ASCII),
              claim.hex().getBytes(US_ASCII));
    }
    return holds;
  }

  /** Whether the host only tries whether the hook works. */
  static boolean isPing(Headers request) {
    return value(request, "X-GitHub-Event").orElse("").equals("ping")
        || value(request, "X-Event-Key").orElse("").equals("diagnostics:ping");
  }

  /** What a process that cannot judge a request hands on for one that can. */
  static List<String> headers() {
    List<String> all = new ArrayList<>(List.of(TOKEN, "X-GitHub-Event", "X-Event-Key"));
    all.addAll(PLAIN);
    all.addAll(NAMED);
    return all;
  }
}
