package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DifferenceTest {
  private static final ObjectKey WEB = new ObjectKey("apps", "Deployment", "corpus", "web");
  private static final ObjectKey NODE = new ObjectKey("", "Namespace", "", "corpus");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "nothing | {\"a\":{\"b\":[1,null]}} | {\"a\":{\"b\":[1,null]}} |",
        "the order of members is none | {\"a\":1,\"b\":2} | {\"b\":2,\"a\":1} |",
        "a value | {\"a\":{\"b\":2}} | {\"a\":{\"b\":3}} | /a/b: 2 with Fairlead, 3 with kubectl",
        "a missing field | {\"a\":{}} | {\"a\":{\"b\":3}} | /a/b: - with Fairlead, 3 with kubectl",
        "an extra field | {\"a\":{\"b\":3}} | {\"a\":{}} | /a/b: 3 with Fairlead, - with kubectl",
        "an empty map is not an absent one | {\"a\":{}} | {} | /a: {} with Fairlead, - with kubectl",
        "nor is an empty list | {} | {\"a\":[]} | /a: - with Fairlead, [] with kubectl",
        "nor is null | {\"a\":null} | {} | /a: null with Fairlead, - with kubectl",
        "a map against a list | {\"a\":{}} | {\"a\":[]} | /a: {} with Fairlead, [] with kubectl",
        "the order of a list | {\"a\":[1,2]} | {\"a\":[2,1]} "
            + "| /a/0: 1 with Fairlead, 2 with kubectl; /a/1: 2 with Fairlead, 1 with kubectl",
        "a longer list | {\"a\":[1]} | {\"a\":[1,{\"b\":2}]} "
            + "| /a/1: - with Fairlead, {\"b\":2} with kubectl",
        "a shorter list | {\"a\":[1,2]} | {\"a\":[1]} | /a/1: 2 with Fairlead, - with kubectl",
        "a number as a string | {\"a\":80} | {\"a\":\"80\"} "
            + "| /a: 80 with Fairlead, \"80\" with kubectl",
        "a whole number as a broken one | {\"a\":1} | {\"a\":1.5} "
            + "| /a: 1 with Fairlead, 1.5 with kubectl",
        "a boolean as a string | {\"a\":true} | {\"a\":\"true\"} "
            + "| /a: true with Fairlead, \"true\" with kubectl",
        "a key with a slash and a tilde | {\"a/~b\":1} | {} "
            + "| /a~1~0b: 1 with Fairlead, - with kubectl",
        "several | {\"b\":1,\"a\":{\"c\":1}} | {\"b\":2,\"a\":{\"d\":1}} "
            + "| /a/c: 1 with Fairlead, - with kubectl; /a/d: - with Fairlead, 1 with kubectl; "
            + "/b: 1 with Fairlead, 2 with kubectl",
      })
  void names_each_field_that_differs(String what, String ours, String theirs, String expected) {
    List<Difference> differences =
        Difference.between(
            Map.of(WEB, SyncClient.parse(ours)), Map.of(WEB, SyncClient.parse(theirs)));

    assertThat(differences)
        .as(what)
        .extracting(Difference::toString)
        .containsExactlyElementsOf(
            expected == null
                ? List.of()
                : List.of(expected.split("; ")).stream()
                    .map(e -> "Deployment corpus/web " + e)
                    .toList());
  }

  @Test
  void names_an_object_that_only_one_side_has() {
    Json.Obj same = SyncClient.parse("{\"a\":1}");

    assertThat(Difference.between(Map.of(WEB, same, NODE, same), Map.of(WEB, same)))
        .extracting(Difference::toString)
        .containsExactly("Namespace corpus: the object with Fairlead, - with kubectl");
    assertThat(Difference.between(Map.of(), Map.of(WEB, same)))
        .extracting(Difference::toString)
        .containsExactly("Deployment corpus/web: - with Fairlead, the object with kubectl");
  }
}
