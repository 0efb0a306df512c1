package dev.fairlead.model;

/**
 * The answer to "does this part work?", as {@code /healthz} and {@code /readyz} give it.
 *
 * @param sentence what a person should know, on one line and without secrets
 */
public record Probe(boolean ok, String sentence) {
  public Probe {
    if (sentence.isBlank()) {
      throw new IllegalArgumentException("a probe says something");
    }
  }

  /** It works. */
  public static Probe good(String sentence) {
    return new Probe(true, sentence);
  }

  /** It does not work. */
  public static Probe bad(String sentence) {
    return new Probe(false, sentence);
  }
}
