package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.HandOver.Facts;
import dev.fairlead.plan.HandOver.Waiter;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Waiters are words in the order in which they began to wait: {@code b} is able and follows the
 * same repository, {@code b-far} follows another, {@code b-unable} is gone, suspended or being
 * deleted.
 */
final class HandOverTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "nobody",
      textBlock =
          """
          what nobody waits for stays                               |                     | ''               | nobody
          what is not wanted goes to whoever waits for it           |                     | b                | b
          what is wanted stays                                      | wanted              | b                | nobody
          a suspended sync gives nothing away                       | resting             | b                | nobody
          a sync that is deleted gives away what it wanted          | wanted finishing    | b                | b
          also when it is suspended                                 | resting finishing   | b                | b
          what is being deleted cannot be saved                     | going               | b                | nobody
          nor when its sync is deleted too                          | going finishing     | b                | nobody
          who waits longest comes first                             |                     | c b              | c
          but one of the same repository before one of another      |                     | c-far b          | b
          one of another repository gets it too                     |                     | c-far            | c
          among those of other repositories the longest waiting     |                     | c-far b-far      | c
          who cannot take it does not get it                        |                     | b-unable         | nobody
          and holds up nobody                                       |                     | b-unable c-far   | c
          nearness does not help who cannot take it                 |                     | b-unable c       | c
          """)
  void decides(String sentence, String holder, String waiters, String heir) {
    Set<String> words = holder == null ? Set.of() : Set.of(holder.split(" ", -1));
    List<Waiter> queue =
        Stream.of(waiters.split(" ", -1))
            .filter(w -> !w.isEmpty())
            .map(HandOverTest::waiter)
            .toList();

    assertThat(
            HandOver.heir(
                    new Facts(
                        words.contains("wanted"),
                        words.contains("resting"),
                        words.contains("finishing"),
                        words.contains("going"),
                        queue))
                .map(SyncKey::name)
                .orElse(null))
        .isEqualTo(heir);
  }

  private static Waiter waiter(String word) {
    String name = word.substring(0, 1);
    return new Waiter(new SyncKey("team", name), !word.endsWith("-unable"), !word.endsWith("-far"));
  }
}
