package dev.fairlead.git;

import dev.fairlead.model.Expiry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ssh keys whose signatures count, as {@code ssh-keygen -Y sign} and Git make them. */
record SshSigners(List<Signer> signers) {
  private static final Pattern TOKEN = Pattern.compile("(?:[^\\s\"]|\"[^\"]*\")++");
  private static final Pattern OPTION = Pattern.compile("([A-Za-z-]+)(?:=\"([^\"]*)\")?(?:,|$)");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT);

  SshSigners {
    signers = List.copyOf(signers);
  }

  /**
   * A key, and when it counts.
   *
   * @param before the end of its time, exclusive
   */
  record Signer(SshKey key, Optional<Instant> after, Optional<Instant> before) {}

  /** Public keys as {@code ssh-keygen} writes them, or lines of an allowed_signers file. */
  static List<Signer> read(String text) throws Rejected {
    List<Signer> signers = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String stripped = line.strip();
      if (!stripped.isEmpty() && !stripped.startsWith("#")) {
        try {
          readLine(stripped).ifPresent(signers::add);
        } catch (Rejected e) {
          throw new Rejected("line " + number + ": " + e.getMessage());
        }
      }
    }
    if (signers.isEmpty()) {
      throw new Rejected("it has no key for Git: put in what ssh-keygen has written to *.pub");
    }
    return signers;
  }

  private static Optional<Signer> readLine(String line) throws Rejected {
    if (line.startsWith("-----BEGIN")) {
      throw new Rejected("a private key does not belong here: put in the one of *.pub");
    }
    if (line.chars().filter(c -> c == '"').count() % 2 != 0) {
      throw new Rejected("a quotation mark is not closed");
    }
    List<String> tokens = TOKEN.matcher(line).results().map(r -> r.group()).toList();
    int at = 0;
    while (at < Math.min(3, tokens.size()) && !SshKey.isType(tokens.get(at))) {
      at++;
    }
    if (at == 3 || at + 1 >= tokens.size()) {
      throw new Rejected("no ssh public key: expected its type, such as ssh-ed25519, and the key");
    }
    byte[] blob;
    try {
      blob = Base64.getDecoder().decode(tokens.get(at + 1));
    } catch (IllegalArgumentException e) {
      throw new Rejected("the key is not in Base64");
    }
    SshKey key = SshKey.read(blob);
    if (!key.type().equals(tokens.get(at))) {
      throw new Rejected("the key is no " + tokens.get(at));
    }
    return at == 2
        ? options(key, tokens.get(1))
        : Optional.of(new Signer(key, Optional.empty(), Optional.empty()));
  }

  /** Empty when the key is not for Git. */
  private static Optional<Signer> options(SshKey key, String text) throws Rejected {
    Optional<Instant> after = Optional.empty();
    Optional<Instant> before = Optional.empty();
    boolean forGit = true;
    Matcher option = OPTION.matcher(text);
    int end = 0;
    while (option.lookingAt() && option.end() > end) {
      String value = option.group(2) == null ? "" : option.group(2);
      switch (option.group(1).toLowerCase(Locale.ROOT)) {
        case "namespaces" -> forGit = Arrays.asList(value.split(",", -1)).contains("git");
        case "valid-after" -> after = Optional.of(time(value));
        case "valid-before" -> before = Optional.of(time(value));
        default -> throw new Rejected("the option " + option.group(1) + " is not supported");
      }
      end = option.end();
      option.region(end, text.length());
    }
    if (end < text.length()) {
      throw new Rejected("the options cannot be read: " + Text.cut(text, 60));
    }
    return forGit ? Optional.of(new Signer(key, after, before)) : Optional.empty();
  }

  /** {@code YYYYMMDD}, {@code YYYYMMDDHHMM} or {@code YYYYMMDDHHMMSS}, here always in UTC. */
  private static Instant time(String text) throws Rejected {
    String digits = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
    try {
      if (digits.length() == 8 || digits.length() == 12 || digits.length() == 14) {
        return LocalDateTime.parse(digits + "0".repeat(14 - digits.length()), TIME)
            .toInstant(ZoneOffset.UTC);
      }
    } catch (DateTimeParseException e) {
      // Said below.
    }
    throw new Rejected("no time such as 20271231: " + Text.cut(text, 30));
  }

  /**
   * Of those keys whose time ends.
   *
   * @param key of the Secret
   */
  static List<Expiry> expiries(String key, List<Signer> signers) {
    List<Expiry> all = new ArrayList<>();
    for (Signer signer : signers) {
      signer
          .before()
          .map(end ->
              new Expiry(
                  Expiry.Kind.SIGNING_KEY, key, "the ssh key " + signer.key().fingerprint(), end))
          .ifPresent(all::add);
    }
    return List.copyOf(all);
  }

  void verify(byte[] payload, String armored, Instant now) throws Rejected {
    SshSignature signature;
    try {
      signature = SshSignature.read(armored);
    } catch (Rejected e) {
      throw new Rejected("has an ssh signature that cannot be used: " + e.getMessage());
    }
    String by = "the ssh key " + signature.key().fingerprint();
    List<Signer> same = signers.stream().filter(s -> s.key().equals(signature.key())).toList();
    if (same.isEmpty()) {
      throw new Rejected("is signed by " + by + ", which is not in the Secret of spec.verify");
    }
    if (!signature.fits(payload)) {
      throw new Rejected(
          "has a signature by " + by + " that does not fit: it was altered after it was signed");
    }
    Signer last = same.getLast();
    for (Signer signer : same) {
      if (isGood(signer, now)) {
        return;
      }
      last = signer;
    }
    throw new Rejected(
        "is signed by "
            + by
            + (last.before().filter(end -> !now.isBefore(end)).isPresent()
                ? ", which expired at " + last.before().get()
                : ", which is not valid before " + last.after().orElse(now)));
  }

  private static boolean isGood(Signer signer, Instant now) {
    return signer.after().filter(now::isBefore).isEmpty()
        && signer.before().filter(end -> !now.isBefore(end)).isEmpty();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
