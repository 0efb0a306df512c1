package dev.fairlead.reconcile;

import dev.fairlead.health.Tidy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes what a program has written fit for a status: in one line, short, without the Secrets that
 * are known, and without what looks like one. Immutable.
 *
 * <p>Guarantees: no value that it was given is in a text that it gives out, neither plain nor in
 * base64, JSON or a URL; nor are the parts of a value that holds several: lines, what stands behind
 * a {@code =} or {@code :}, the password of a URL.
 */
final class SecretMask {
  /** How much of a line is told. */
  static final int MOST = 200;

  private static final String MASK = "***";

  /** Shorter parts of a value are words that stand everywhere. */
  private static final int LEAST_PART = 4;

  private static final Pattern URL_PASSWORD = Pattern.compile("://[^\\s:@/]*:([^\\s@/]+)@");
  private static final Pattern JSON_STRING = Pattern.compile(":\\s*\"((?:[^\"\\\\]|\\\\.)++)\"");

  /** What looks secret, although nobody has said so; the group is what goes. */
  private static final List<Pattern> SUSPECTS =
      List.of(
          URL_PASSWORD,
          Pattern.compile(
              "(?i)(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|api[-_ ]?key|access[-_ ]?key"
                  + "|private[-_ ]?key)[\"']?\\s*[=:]\\s*[\"']?([^\\s\"',;&]+)"),
          Pattern.compile("(?i)\\b(?:bearer|basic)\\s+([A-Za-z0-9+/=_.~-]{8,})"),
          // Long, of mixed characters: keys, tokens, hashes.
          Pattern.compile(
              "(?<![A-Za-z0-9+/_-])((?=[A-Za-z0-9+/_-]*[0-9])(?=[A-Za-z0-9+/_-]*[A-Za-z])"
                  + "[A-Za-z0-9+_-]{24,}={0,2})(?![A-Za-z0-9+/_-])"));

  private final List<String> hidden;

  private SecretMask(List<String> hidden) {
    this.hidden = hidden;
  }

  /** Hides these values and all that looks like a secret. */
  static SecretMask of(Collection<String> values) {
    Set<String> all = new LinkedHashSet<>();
    for (String value : values) {
      add(value, all);
      add(value.strip(), all);
      parts(value, all);
    }
    return new SecretMask(
        all.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList());
  }

  private static void parts(String value, Set<String> all) {
    Matcher password = URL_PASSWORD.matcher(value);
    while (password.find()) {
      part(password.group(1), all);
    }
    Matcher member = JSON_STRING.matcher(value);
    while (member.find()) {
      part(member.group(1), all);
    }
    if (value.strip().lines().skip(1).findAny().isEmpty() && value.indexOf('=') < 0) {
      return;
    }
    value
        .lines()
        .forEach(line -> {
          part(line.strip(), all);
          Matcher at = Pattern.compile("=|:\\s").matcher(line);
          if (at.find()) {
            part(line.substring(at.end()).strip().replaceAll("^[\"']|[\"'],?$", ""), all);
          }
        });
  }

  private static void part(String part, Set<String> all) {
    if (part.length() >= LEAST_PART) {
      add(part, all);
    }
  }

  private static void add(String value, Set<String> all) {
    if (value.isBlank()) {
      return;
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    all.add(value);
    all.add(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"));
    all.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
    all.add(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
    String encoded = Base64.getEncoder().encodeToString(bytes);
    if (encoded.length() > LEAST_PART) {
      all.add(encoded);
    }
  }

  /** What may be told of a text. */
  String line(String text) {
    // What is invisible must not keep a value from being found, and the cut must come last: it
    // could leave half of one.
    return Tidy.line(suspects(known(Tidy.line(text, Integer.MAX_VALUE - 8))), MOST);
  }

  private String known(String text) {
    String out = text;
    for (String value : hidden) {
      String tidy = Tidy.line(value, Integer.MAX_VALUE - 8);
      if (!tidy.isEmpty() && out.contains(tidy)) {
        out =
            tidy.length() < LEAST_PART
                ? Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(tidy) + "(?![A-Za-z0-9])")
                    .matcher(out)
                    .replaceAll(Matcher.quoteReplacement(MASK))
                : out.replace(tidy, MASK);
      }
    }
    return out;
  }

  private static String suspects(String text) {
    String out = text;
    for (Pattern pattern : SUSPECTS) {
      Matcher matcher = pattern.matcher(out);
      StringBuilder masked = new StringBuilder();
      int from = 0;
      while (matcher.find()) {
        masked.append(out, from, matcher.start(1)).append(MASK);
        from = matcher.end(1);
      }
      out = masked.append(out.substring(from)).toString();
    }
    return out;
  }

  @Override
  public String toString() {
    return "SecretMask of " + hidden.size();
  }
}
