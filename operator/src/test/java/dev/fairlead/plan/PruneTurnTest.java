package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.PruneTurn.Sibling;
import dev.fairlead.plan.PruneTurn.Sight;
import dev.fairlead.plan.PruneTurn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Siblings are words: {@code b:unseen}, {@code b:seen} (and not tried), {@code b:working} (at it),
 * {@code b:tried}, {@code b:blind} (tried, and not understood), {@code b:unreachable}. The answer
 * is {@code now}, or whom the sync waits for, with {@code look} when one of them has to look first,
 * and for how many seconds at the most.
 */
final class PruneTurnTest {
  private static final Instant SINCE = Instant.parse("2026-01-01T12:00:00Z");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a sync that is alone with its repository prunes      | ''                         | 0   | now
          when the others have tried the commit it prunes      | b:tried c:tried            | 0   | now
          who has not looked is asked to and waited for        | b:unseen                   | 0   | b look 30
          who has seen it but not tried is waited for          | b:seen                     | 0   | b 30
          who is at work on it is given more time              | b:working                  | 0   | b 120
          who cannot read the repository is not waited for     | b:unreachable              | 0   | now
          one that is missing is enough to wait                | b:tried c:unseen d:tried   | 0   | c look 30
          all that are waited for are named, in their order    | c:seen b:unseen            | 0   | b c look 30
          the one that may take longest counts                 | b:working c:unseen         | 0   | b c look 120
          who does not look is not waited for for ever         | b:unseen                   | 30  | now
          nor who looks and does not try                       | b:seen                     | 30  | now
          just before it is still waited for                   | b:unseen                   | 29  | b look 30
          who works is still waited for by then                | b:working c:unseen         | 30  | b 120
          but not for ever either                              | b:working                  | 120 | now
          who cannot read the commit may want what goes        | b:blind                    | 0   | b 60
          for as long as that is so                            | b:blind                    | 600 | b 660
          """)
  void decides(String sentence, String siblings, int after, String turn) {
    List<Sibling> all =
        Stream.of(siblings.split(" ", -1))
            .filter(s -> !s.isEmpty())
            .map(PruneTurnTest::sibling)
            .toList();

    assertThat(words(PruneTurn.decide(all, SINCE, SINCE.plusSeconds(after)))).isEqualTo(turn);
  }

  private static Sibling sibling(String word) {
    SyncKey key = new SyncKey("team", word.substring(0, 1));
    return switch (word.substring(2)) {
      case "unseen" -> new Sibling(key, Sight.UNSEEN, true, false, false);
      case "seen" -> new Sibling(key, Sight.SEEN, false, false, false);
      case "working" -> new Sibling(key, Sight.SEEN, false, true, false);
      case "tried" -> new Sibling(key, Sight.SEEN, true, false, false);
      case "blind" -> new Sibling(key, Sight.SEEN, true, false, true);
      case "unreachable" -> new Sibling(key, Sight.UNREACHABLE, false, false, false);
      default -> throw new AssertionError(word);
    };
  }

  private static String words(Turn turn) {
    return switch (turn) {
      case Turn.Now _ -> "now";
      case Turn.Await await ->
          await.siblings().stream().map(SyncKey::name).collect(Collectors.joining(" "))
              + (await.look() ? " look " : " ")
              + Duration.between(SINCE, await.until()).toSeconds();
    };
  }
}
