package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WavesTest {
  /** Each object is a name, and its wave after a colon; N is a Namespace, any other a ConfigMap. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          without waves all of it is written             | a b c             |         | 0: a b c
          nothing is of wave 0                           |                   |         | 0:
          the lowest wave comes first                    | a:-1 b c:1        |         | -1: a > b c
          all of one wave come together                  | a:2 b:2           |         | 2: a b
          none is 0                                      | a:1 b c:0         |         | 0: b c > a
          Namespaces do not wait                         | a:3 N b:-2        |         | -2: N b > a
          unless they are told to                        | a:-2 N:1          |         | -2: a > N
          Namespaces alone are of no wave                | N                 |         | 0: N
          what is not healthy yet holds up higher waves  | a:1 b:2           | x       | 0: > a b
          but not its own                                | a b:2             | x       | 0: a > b
          nor lower ones                                 | a:-1 b:2          | x       | -1: a > b
          a Namespace that is awaited holds nobody up    | a:1               | N       | 1: a
          """)
  void splits(String sentence, String change, String awaited, String waves) {
    assertThat(words(Waves.of(objects(change), objects(awaited)))).isEqualTo(waves);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          what is of an earlier wave is there      | a:1 b:0   | b   |
          what is of the same wave may be          | a:1 b:1   | b   |
          what is of a later wave never comes      | a b:1     | b   | b
          the first of several by name             | a c:1 b:1 | c b | b
          a Namespace without a wave is there      | a:-1 N    | N   |
          a Namespace of a later wave never comes  | a:-1 N:0  | N   | N
          who waits for nothing is not too early   | a b:1     |     |
          what is not of the change does not count | a         | z   |
          """)
  void findsWhatIsTooLate(String sentence, String change, String needs, String late) {
    List<DesiredObject> objects = objects(change);
    Set<ObjectKey> keys =
        objects(needs).stream().map(DesiredObject::key).collect(Collectors.toSet());
    assertThat(
            Waves.tooLate(objects.getFirst(), keys, objects).map(o -> o.key().name()).orElse(null))
        .isEqualTo(late);
  }

  private static List<DesiredObject> objects(String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(" ", -1)).map(WavesTest::object).toList();
  }

  private static DesiredObject object(String text) {
    String[] parts = text.split(":", -1);
    boolean namespace = parts[0].equals("N");
    GroupVersionKind gvk = new GroupVersionKind("", "v1", namespace ? "Namespace" : "ConfigMap");
    return new DesiredObject(
        new ObjectKey("", gvk.kind(), namespace ? "" : "app", parts[0]),
        gvk,
        Digest.parse("0".repeat(32)),
        Origin.ofFile("x.yaml"),
        "blob",
        new Treatment(
            Treatment.Reconcile.ALWAYS,
            false,
            List.of(),
            parts.length > 1 ? Optional.of(Integer.parseInt(parts[1])) : Optional.empty()));
  }

  private static String words(Waves waves) {
    String later = names(waves.later());
    return waves.wave() + ":" + names(waves.now()) + (later.isEmpty() ? "" : " >" + later);
  }

  private static String names(List<DesiredObject> objects) {
    return objects.stream().map(o -> " " + o.key().name()).collect(Collectors.joining());
  }
}
