package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.health.Finding;
import dev.fairlead.health.Health;
import dev.fairlead.model.Digest;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.Inquiries.Unwell;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InquiriesTest {
  private static final Health WAITS = Health.progressing("LessReady", "1 of 2 replicas are ready");
  private static final Health WORSE = Health.progressing("LessReady", "0 of 2 replicas are ready");

  private final Inquiries inquiries = new Inquiries();
  private final DesiredObject web = desired("Deployment.apps", "web");

  @Test
  void whoIsUnwellIsLookedIntoOnceAfterFiveSeconds() {
    Map<ObjectKey, Instant> first = inquiries.unwell(List.of(new Unwell(web, WAITS)), NOON);
    Map<ObjectKey, Instant> again =
        inquiries.unwell(List.of(new Unwell(web, WAITS)), NOON.plusSeconds(1));

    assertThat(first).containsExactly(Map.entry(web.key(), NOON.plusSeconds(5)));
    assertThat(again).isEmpty();
  }

  @Test
  void whoIsHealthyAgainIsForgotten() {
    unwell(WAITS, 0);

    assertThat(inquiries.unwell(List.of(), NOON.plusSeconds(1))).isEmpty();
    assertThat(inquiries.get(web.key())).isEmpty();
  }

  @Test
  void whatWasFoundIsLookedAtAgainWhenTheStatusChanges() {
    unwell(WAITS, 0);
    look(5);
    look(10);
    look(20);

    Map<ObjectKey, Instant> sooner =
        inquiries.unwell(List.of(new Unwell(web, WORSE)), NOON.plusSeconds(30));

    assertThat(sooner).containsExactly(Map.entry(web.key(), NOON.plusSeconds(30)));
  }

  @Test
  void whatWasFoundOutAboutOneVersionSaysNothingOfTheNext() {
    unwell(WAITS, 0);
    Inquiry before = inquiries.get(web.key()).orElseThrow();
    look(5);
    DesiredObject other =
        new DesiredObject(
            web.key(),
            web.gvk(),
            Digest.of("0123456789abcdef0123456789abcdef"),
            web.origin(),
            web.blob(),
            web.treatment());

    inquiries.unwell(List.of(new Unwell(other, WAITS)), NOON.plusSeconds(6));

    assertThat(inquiries.get(web.key()).flatMap(Inquiry::told)).isEmpty();
    assertThat(inquiries.looked(before, told(), NOON.plusSeconds(7))).isEmpty();
    assertThat(inquiries.get(web.key()).flatMap(Inquiry::told)).isEmpty();
  }

  @Test
  void whatStatusSaidBeforeARestartStandsUntilItIsLookedInto() {
    Problem before =
        new Problem(
            web.key().toString(), web.origin().file(), 21, "ImagePullBackOff", "cannot", NOON);
    inquiries.remember(List.of(before), NOON);

    unwell(WAITS, 10);

    assertThat(inquiries.get(web.key()).orElseThrow().problem(web)).contains(before);
  }

  @Test
  void whoFallsIllLongAfterARestartIsAnotherCase() {
    inquiries.remember(
        List.of(new Problem(web.key().toString(), web.origin().file(), 21, "R", "m", NOON)), NOON);

    unwell(WAITS, 60);

    assertThat(inquiries.get(web.key()).orElseThrow().problem(web)).isEmpty();
  }

  @Test
  void whatStatusSaidOfAnotherCommitDoesNot() {
    inquiries.remember(
        List.of(new Problem(web.key().toString(), web.origin().file(), 21, "R", "m", NOON)), NOON);
    inquiries.forgetRemembered();

    unwell(WAITS, 10);

    assertThat(inquiries.get(web.key()).orElseThrow().problem(web)).isEmpty();
  }

  @Test
  void aHundredAreLookedInto() {
    List<Unwell> many =
        IntStream.range(0, 150)
            .mapToObj(i -> new Unwell(desired("Deployment.apps", "web-" + i), WAITS))
            .toList();

    assertThat(inquiries.unwell(many, NOON)).hasSize(Inquiries.MOST);
    assertThat(inquiries.unwell(many, NOON.plusSeconds(1))).isEmpty();
  }

  @Test
  void theProblemIsAtTheFieldUntilTheObjectMoves() {
    unwell(WAITS, 0);
    look(5);
    Inquiry inquiry = inquiries.get(web.key()).orElseThrow();
    DesiredObject moved =
        new DesiredObject(
            web.key(),
            web.gvk(),
            web.digest(),
            new Origin("other.yaml", 0, 3),
            web.blob(),
            web.treatment());

    assertThat(inquiry.problem(web).orElseThrow().line()).isEqualTo(21);
    assertThat(inquiry.problem(web).orElseThrow().reason()).isEqualTo("ImagePullBackOff");
    assertThat(inquiry.problem(moved).orElseThrow().line()).isEqualTo(3);
    assertThat(inquiry.problem(moved).orElseThrow().file()).isEqualTo("other.yaml");
  }

  @Test
  void theBestWordsAreThoseOfThePods() {
    unwell(WAITS, 0);
    look(5);
    Inquiry inquiry = inquiries.get(web.key()).orElseThrow();

    assertThat(inquiry.explain(WAITS))
        .isEqualTo(Health.progressing("ImagePullBackOff", "the pods cannot pull it"));
    assertThat(inquiry.explain(Health.HEALTHY)).isEqualTo(Health.HEALTHY);
  }

  private void unwell(Health health, long seconds) {
    Map<ObjectKey, Instant> _ =
        inquiries.unwell(List.of(new Unwell(web, health)), NOON.plusSeconds(seconds));
  }

  private void look(long seconds) {
    Optional<Instant> _ =
        inquiries.looked(inquiries.get(web.key()).orElseThrow(), told(), NOON.plusSeconds(seconds));
  }

  private Optional<Inquiry.Told> told() {
    Finding finding =
        new Finding(
            "ImagePullBackOff", "the pods", "cannot pull it", "", "", Optional.empty(), "", NOON);
    return Optional.of(new Inquiry.Told(finding, "the pods cannot pull it", web.origin(), 21));
  }
}
