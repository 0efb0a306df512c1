package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.SyncKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyncCycleTest {
  private static final long SEED = 20_261;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          who depends on nobody is in no circle            | a             |
          a chain is no circle                             | a>b b>c       |
          two ways to one are no circle                    | a>b a>c b>d c>d |
          who depends on itself                            | a>a           | a -> a
          two that depend on each other                    | a>b b>a       | a -> b -> a
          a long one begins with whoever asks              | b>c c>a a>b   | a -> b -> c -> a
          of two the shorter                               | a>b b>c c>a a>d d>a | a -> d -> a
          of two equally short ones the first by name      | a>c c>a a>b b>a | a -> b -> a
          a circle that it is not in is not its own        | a>b b>c c>b   |
          nor one whose member depends on it               | b>a b>c c>b   |
          a name that does not exist leads nowhere         | a>x           |
          """)
  void finds(String sentence, String edges, String cycle) {
    assertThat(through("a", graph(edges)).map(SyncCycleTest::words).orElse(null)).isEqualTo(cycle);
  }

  @Test
  void finds_one_where_a_search_of_all_ways_does() {
    Random random = new Random(SEED);
    int found = 0;
    for (int i = 0; i < 2_000; i++) {
      Map<String, List<String>> graph = new HashMap<>();
      int nodes = 1 + random.nextInt(6);
      for (int e = random.nextInt(9); e > 0; e--) {
        graph
            .computeIfAbsent(name(random.nextInt(nodes)), k -> new ArrayList<>())
            .add(name(random.nextInt(nodes)));
      }
      Optional<List<String>> cycle = through("a", graph);
      assertThat(cycle.isPresent())
          .as("seed %d, case %d: %s", SEED, i, graph)
          .isEqualTo(reaches("a", "a", graph, new HashSet<>()));
      cycle.ifPresent(c -> assertThat(isWay(c, graph)).as("%s in %s", c, graph).isTrue());
      found += cycle.isPresent() ? 1 : 0;
    }
    assertThat(found).isBetween(200, 1_800);
  }

  private static String name(int index) {
    return String.valueOf((char) ('a' + index));
  }

  private static boolean reaches(
      String from, String to, Map<String, List<String>> graph, Set<String> been) {
    return graph.getOrDefault(from, List.of()).stream()
        .anyMatch(n -> n.equals(to) || (been.add(n) && reaches(n, to, graph, been)));
  }

  private static boolean isWay(List<String> cycle, Map<String, List<String>> graph) {
    for (int i = 0; i + 1 < cycle.size(); i++) {
      if (!graph.getOrDefault(cycle.get(i), List.of()).contains(cycle.get(i + 1))) {
        return false;
      }
    }
    return cycle.getFirst().equals("a") && cycle.getLast().equals("a");
  }

  private static Map<String, List<String>> graph(String edges) {
    Map<String, List<String>> graph = new HashMap<>();
    for (String edge : edges.split(" ", -1)) {
      String[] ends = edge.split(">", -1);
      if (ends.length == 2) {
        graph.computeIfAbsent(ends[0], k -> new ArrayList<>()).add(ends[1]);
      }
    }
    return graph;
  }

  private static Optional<List<String>> through(String from, Map<String, List<String>> graph) {
    return SyncCycle.through(
            key(from),
            keys(graph.getOrDefault(from, List.of())),
            k -> keys(graph.getOrDefault(k.name(), List.of())))
        .map(cycle -> cycle.stream().map(SyncKey::name).toList());
  }

  private static List<SyncKey> keys(List<String> names) {
    return names.stream().map(SyncCycleTest::key).toList();
  }

  private static SyncKey key(String name) {
    return new SyncKey("n", name);
  }

  private static String words(List<String> cycle) {
    return cycle.stream().collect(Collectors.joining(" -> "));
  }
}
