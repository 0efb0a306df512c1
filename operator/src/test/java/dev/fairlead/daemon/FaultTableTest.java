package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.git.GitLimits;
import dev.fairlead.manifest.Limits;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of faults is whole: a fault or a limit without a row fails here. */
final class FaultTableTest {
  /** Are no limits, though they stand beside them. */
  private static final Set<String> NO_LIMITS = Set.of("GitLimits.allowFileUrls");

  @Test
  void every_fault_that_is_demanded_has_a_row_and_every_row_is_about_one() {
    assertThat(FaultTable.rows().stream().map(FaultRow::phrase).distinct().toList())
        .containsExactlyElementsOf(FaultTable.phrases());
  }

  @Test
  void no_two_rows_are_the_same() {
    assertThat(FaultTable.rows().stream().map(FaultRow::toString).toList()).doesNotHaveDuplicates();
  }

  @Test
  void every_limit_is_hit_by_a_row_or_is_tested_apart() {
    List<String> limits = new ArrayList<>();
    collect("Limits", Limits.class, limits);
    collect("GitLimits", GitLimits.class, limits);
    limits.removeAll(NO_LIMITS);
    Set<String> hit =
        FaultTable.rows().stream().flatMap(r -> r.limits().stream()).collect(Collectors.toSet());

    assertThat(limits).hasSizeGreaterThan(10);
    for (String limit : limits) {
      boolean apart = LimitFaults.WITHOUT_ROW.containsKey(limit);
      assertThat(hit.contains(limit)).as("a row hits " + limit).isNotEqualTo(apart);
    }
    assertThat(limits).containsAll(LimitFaults.WITHOUT_ROW.keySet());
    hit.stream().filter(l -> !l.startsWith("spec.")).forEach(l -> assertThat(limits).contains(l));
  }

  /** The names of a record's components; of components that are such records, of theirs. */
  private static void collect(String name, Class<?> type, List<String> into) {
    for (RecordComponent component : type.getRecordComponents()) {
      Class<?> inner = component.getType();
      if (inner.isRecord()) {
        collect(name + "." + inner.getSimpleName(), inner, into);
      } else {
        into.add(name + "." + component.getName());
      }
    }
  }

  @Test
  void what_has_no_row_has_a_test_of_its_own() {
    LimitFaults.WITHOUT_ROW.forEach(
        (limit, test) -> assertThat(tested(test)).as(limit + " is tested by " + test).isTrue());
  }

  private static boolean tested(String test) {
    String type = test.substring(0, test.indexOf('#'));
    String method = test.substring(test.indexOf('#') + 1);
    try {
      return List.of(Class.forName("dev.fairlead.git." + type).getDeclaredMethods()).stream()
          .anyMatch(m -> m.getName().equals(method) && m.isAnnotationPresent(Test.class));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
