package dev.fairlead.schema;

import java.util.Set;

/** Quantities such as {@code 250m} and {@code 1.5Gi}, as the server reads them. Stateless. */
final class Quantities {
  private static final Set<String> SUFFIXES =
      Set.of("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");

  private Quantities() {}

  /** Whether the server can read it; it is more lenient than its documentation. */
  static boolean isQuantity(String text) {
    String trimmed = text.strip();
    if (trimmed.isEmpty()) {
      return false;
    }
    int at = trimmed.startsWith("-") || trimmed.startsWith("+") ? 1 : 0;
    at = digits(trimmed, at);
    if (at < trimmed.length() && trimmed.charAt(at) == '.') {
      at = digits(trimmed, at + 1);
    }
    return isSuffix(trimmed.substring(at));
  }

  private static boolean isSuffix(String suffix) {
    if (SUFFIXES.contains(suffix)) {
      return true;
    }
    if (suffix.length() < 2 || "eE".indexOf(suffix.charAt(0)) < 0) {
      return false;
    }
    int start = "+-".indexOf(suffix.charAt(1)) >= 0 ? 2 : 1;
    return start < suffix.length()
        && suffix.length() - start < 10
        && digits(suffix, start) == suffix.length();
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }
}
