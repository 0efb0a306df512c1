package dev.fairlead.chaos;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Counts by group and name. Any thread may call. */
final class Tally {
  private final Map<String, Map<String, Long>> counts = new TreeMap<>();

  synchronized void count(String group, String name) {
    add(group, name, 1);
  }

  synchronized void add(String group, String name, long count) {
    counts.computeIfAbsent(group, g -> new TreeMap<>()).merge(name, count, Long::sum);
  }

  synchronized long total(String group) {
    return counts.getOrDefault(group, Map.of()).values().stream().mapToLong(c -> c).sum();
  }

  synchronized Map<String, Map<String, Long>> all() {
    Map<String, Map<String, Long>> copy = new TreeMap<>();
    counts.forEach((group, names) -> copy.put(group, new TreeMap<>(names)));
    return copy;
  }

  void addAll(Tally other) {
    other.all().forEach((group, names) -> names.forEach((name, count) -> add(group, name, count)));
  }

  /** One line a group. */
  @Override
  public String toString() {
    return all().entrySet().stream()
        .map(group ->
            "  %-9s %5d  %s"
                .formatted(
                    group.getKey(),
                    total(group.getKey()),
                    group.getValue().entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue())
                        .collect(Collectors.joining(", "))))
        .collect(Collectors.joining("\n"));
  }
}
