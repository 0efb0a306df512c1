package dev.fairlead.model;

import java.util.List;
import java.util.stream.Collectors;

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

  /** Good when all are; says what all the bad ones say, or else what all say. */
  public static Probe all(List<Probe> probes) {
    List<Probe> bad = probes.stream().filter(probe -> !probe.ok).toList();
    List<Probe> told = bad.isEmpty() ? probes : bad;
    return new Probe(
        bad.isEmpty(), told.stream().map(Probe::sentence).collect(Collectors.joining("; ")));
  }
}
