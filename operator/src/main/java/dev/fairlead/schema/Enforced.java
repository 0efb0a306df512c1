package dev.fairlead.schema;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * What the server was seen to enforce of what it publishes about built-in kinds: the resource
 * {@code enforced.txt}, one rule a line. Holds nothing for kinds that nobody has looked at; what it
 * does not name is left to the server. Any thread may call it.
 */
final class Enforced {
  private static final Set<String> RULES = read();

  private Enforced() {}

  /** Whether objects without this field are refused. */
  static boolean requires(String component, String field) {
    return RULES.contains("required " + component + " " + field);
  }

  /** Whether values of this field that are not listed are refused. */
  static boolean limits(String component, String field) {
    return RULES.contains("enum " + component + " " + field);
  }

  /** Whether names of the kind are DNS subdomains. */
  static boolean hasSubdomainNames(String component) {
    return RULES.contains("subdomain " + component);
  }

  private static Set<String> read() {
    Set<String> rules = new HashSet<>();
    try (InputStream bytes = Enforced.class.getResourceAsStream("enforced.txt")) {
      if (bytes == null) {
        throw new IllegalStateException("enforced.txt is not in the jar");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          rules.add(line.strip());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Set.copyOf(rules);
  }
}
