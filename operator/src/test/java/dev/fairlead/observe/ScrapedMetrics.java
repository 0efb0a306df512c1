package dev.fairlead.observe;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A strict reader of Prometheus' text format: every line must be known, every sample must belong to
 * the family whose TYPE came last, every family comes once and every series too.
 */
public final class ScrapedMetrics {
  private static final Pattern META =
      Pattern.compile("# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) ?(.*)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? ([-+]?(?:[0-9.eE+-]+|Inf)|NaN)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\n\"])*)\"(,|$)");
  private static final Map<String, List<String>> SUFFIXES =
      Map.of(
          "counter", List.of("", "_total"),
          "gauge", List.of(""),
          "info", List.of("_info"),
          "histogram", List.of("_bucket", "_sum", "_count"),
          "summary", List.of("", "_sum", "_count"));

  /** One line with a value. */
  public record Sample(String name, SortedMap<String, String> labels, double value) {
    /** As in the text, with sorted labels. */
    public String series() {
      return labels.isEmpty()
          ? name
          : name
              + labels.entrySet().stream()
                  .map(e -> e.getKey() + "=\"" + e.getValue() + "\"")
                  .collect(Collectors.joining(",", "{", "}"));
    }
  }

  private final Map<String, Sample> samples = new LinkedHashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final Set<String> helped = new HashSet<>();
  private String family = "";

  private ScrapedMetrics() {}

  /** Reads it, or throws an {@link IllegalArgumentException} that names the line. */
  public static ScrapedMetrics parse(String text, boolean openMetrics) {
    if (!text.endsWith(openMetrics ? "\n# EOF\n" : "\n")) {
      throw new IllegalArgumentException("the end is missing");
    }
    ScrapedMetrics metrics = new ScrapedMetrics();
    for (String line : text.lines().toList()) {
      if (!(openMetrics && line.equals("# EOF"))) {
        metrics.read(line);
      }
    }
    return metrics;
  }

  /** The value of one series, written as {@link Sample#series()} does. */
  public Optional<Double> value(String series) {
    return Optional.ofNullable(samples.get(series)).map(Sample::value);
  }

  /** All samples of that name. */
  public List<Sample> named(String name) {
    return samples.values().stream().filter(sample -> sample.name().equals(name)).toList();
  }

  /** The type of each family. */
  public Map<String, String> types() {
    return Map.copyOf(types);
  }

  private void read(String line) {
    Matcher meta = META.matcher(line);
    if (meta.matches()) {
      readMeta(line, meta.group(1), meta.group(2), meta.group(3));
      return;
    }
    Matcher sample = SAMPLE.matcher(line);
    require(sample.matches(), line);
    String name = sample.group(1);
    String type = types.getOrDefault(family, "none");
    require(
        SUFFIXES.getOrDefault(type, List.of()).stream().anyMatch(s -> name.equals(family + s)),
        line);
    Sample read =
        new Sample(
            name,
            labels(sample.group(2) == null ? "" : sample.group(2), line),
            Double.parseDouble(sample.group(3).replace("Inf", "Infinity")));
    require(samples.put(read.series(), read) == null, line);
  }

  private void readMeta(String line, String keyword, String name, String rest) {
    switch (keyword) {
      case "HELP" -> require(!rest.isBlank() && helped.add(name), line);
      case "TYPE" -> {
        require(SUFFIXES.containsKey(rest) && types.put(name, rest) == null, line);
        family = name;
      }
      default -> require(name.endsWith("_" + rest), line);
    }
  }

  private static SortedMap<String, String> labels(String text, String line) {
    SortedMap<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    int end = 0;
    while (label.find()) {
      require(label.start() == end && labels.put(label.group(1), label.group(2)) == null, line);
      end = label.end();
    }
    require(end == text.length(), line);
    return labels;
  }

  private static void require(boolean condition, String line) {
    if (!condition) {
      throw new IllegalArgumentException("cannot be scraped: " + line);
    }
  }
}
