package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Difference;
import dev.fairlead.reconcile.ApplyStep.Outcome.Written;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An object is written {@code name=content}; ConfigMaps all of them. */
class UnrecordedTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          nothing differs and nothing was written        | a=1         | a=1     | -   | -   | a   | -   | 0 | 0 | 0 | false
          all of it was written just now                 | a=1         | a=2 b=1 | b   | a   | a b | a b | 1 | 1 | 0 | true
          all of it was there already                    | a=1         | a=2 b=1 | -   | -   | a b | a b | 1 | 1 | 0 | true
          one was there, the other was written just now  | a=1         | a=2 b=1 | -   | a   | a b | a b | 1 | 1 | 0 | true
          a new one that was not ours is an update       | -           | a=1     | -   | a   | a   | a   | 0 | 1 | 0 | true
          what drifted meanwhile is written as well      | a=1         | a=1 b=1 | -   | a   | a b | a b | 1 | 1 | 0 | true
          what left Git and is gone was pruned           | a=1 b=1 c=1 | a=1     | -   | -   | a c | -   | 0 | 0 | 1 | true
          what left Git and is there is not yet pruned   | a=1 b=1     | a=1     | -   | -   | a b | -   | 0 | 0 | 0 | false
          a first commit that was there already          | -           | a=1 b=1 | -   | -   | a b | a b | 2 | 0 | 0 | true
          """)
  void saysWhatCameOfACommitAllTold(
      String sentence,
      String recorded,
      String now,
      String createdNow,
      String updatedNow,
      String members,
      String changed,
      int created,
      int updated,
      int pruned,
      boolean wrote) {
    Set<ObjectKey> writtenNow =
        objects(createdNow).stream().map(DesiredObject::key).collect(Collectors.toSet());
    Set<ObjectKey> made = Set.copyOf(writtenNow);
    objects(updatedNow).forEach(o -> writtenNow.add(o.key()));
    Written written = new Written(writtenNow, made);

    Unrecorded.Done done =
        Unrecorded.including(
            written, Difference.between(objects(recorded), objects(now)), keys(members));

    assertThat(done).isEqualTo(new Unrecorded.Done(keys(changed), created, updated, pruned, wrote));
  }

  private static List<DesiredObject> objects(String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(" ", -1))
            .map(o -> o.split("=", -1))
            .map(o -> desired("ConfigMap", o[0], o.length > 1 ? o[1] : "1"))
            .toList();
  }

  private static Set<ObjectKey> keys(String text) {
    return objects(text).stream().map(DesiredObject::key).collect(Collectors.toSet());
  }
}
