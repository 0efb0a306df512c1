package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An object is written {@code name=content}; its version follows after a colon. */
class PlanTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          what is new is applied                              | a=1     | -     | -   | -     | a   | - | -
          what is proven with this content is unchanged       | a=1     | a=1   | -   | a     | -   | a | -
          what is proven with another content is applied      | a=2     | a=1   | -   | a     | a   | - | -
          another version of the same content is applied      | a=1:v2  | a=1   | -   | a     | a   | - | -
          what is there but not proven is applied             | a=1     | -     | -   | a     | a   | - | -
          a member that Git does not want is pruned           | a=1     | a=1   | -   | a b   | -   | a | b
          what was proven and is wanted no more is pruned     | a=1     | a=1 b=1 | - | a b   | -   | a | b
          what is no member is never pruned                   | a=1     | a=1 b=1 | - | a     | -   | a | -
          a Job that finished with this content is unchanged  | a=1     | -     | a=1 | -     | -   | a | -
          a Job that finished with another content is applied | a=2     | a=1   | a=1 | a     | a   | - | -
          a finished Job that Git does not want is pruned     | b=1     | b=1   | a=1 | a b   | -   | b | a
          the commit's order is kept                          | c=1 a=1 b=1 | - | -   | -     | c a b | - | -
          what is pruned is sorted and named once             | a=1     | a=1   | -   | c b c a | - | a | b c
          a commit with nothing prunes all members            | -       | a=1   | -   | a     | -   | - | a
          nothing anywhere is nothing to do                   | -       | -     | -   | -     | -   | - | -
          """)
  void saysWhatACommitChanges(
      String sentence,
      String desired,
      String proven,
      String finished,
      String members,
      String apply,
      String unchanged,
      String prune) {
    Map<ObjectKey, DesiredObject> provenByKey =
        objects(proven).stream().collect(Collectors.toMap(DesiredObject::key, Function.identity()));
    List<DesiredObject> done = objects(finished);

    Plan plan = Plan.of(objects(desired), provenByKey, done::contains, keys(members), o -> false);

    assertThat(plan.apply()).extracting(DesiredObject::key).containsExactlyElementsOf(keys(apply));
    assertThat(plan.unchanged())
        .extracting(DesiredObject::key)
        .containsExactlyElementsOf(keys(unchanged));
    assertThat(plan.prune()).containsExactlyElementsOf(keys(prune));
  }

  @Test
  void theSameContentOnAnotherLineIsUnchangedAndBringsItsNewLine() {
    DesiredObject before = object("a", "1", "v1", 3);
    DesiredObject now = object("a", "1", "v1", 30);

    Plan plan =
        Plan.of(List.of(now), Map.of(before.key(), before), o -> false, List.of(), o -> false);

    assertThat(plan.unchanged()).containsExactly(now);
  }

  private static List<DesiredObject> objects(String text) {
    return words(text).stream()
        .map(word -> {
          List<String> parts = Arrays.asList(word.split("[=:]", -1));
          return object(parts.get(0), parts.get(1), parts.size() > 2 ? parts.get(2) : "v1", 1);
        })
        .toList();
  }

  private static DesiredObject object(String name, String content, String version, int line) {
    return new DesiredObject(
        key(name),
        new GroupVersionKind("batch", version, "Job"),
        Digest.of(content),
        new Origin("jobs.yaml", 0, line),
        "blob");
  }

  private static Collection<ObjectKey> keys(String text) {
    return words(text).stream().map(PlanTest::key).toList();
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("batch", "Job", "apps", name);
  }

  private static List<String> words(String text) {
    return text == null || Objects.equals(text, "") ? List.of() : List.of(text.split(" ", -1));
  }
}
