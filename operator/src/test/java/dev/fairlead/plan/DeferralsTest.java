package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeferralsTest {
  private static final ObjectKey NAMESPACE = new ObjectKey("", "Namespace", "", "shop");
  private static final ObjectKey ACCOUNT = new ObjectKey("", "ServiceAccount", "shop", "web");
  private static final ObjectKey POD = new ObjectKey("", "Pod", "shop", "web");
  private static final ObjectKey OTHER = new ObjectKey("", "Pod", "shop", "other");

  private final Deferrals deferrals = new Deferrals();

  @Test
  void nothingPutOffNeedsNothing() {
    assertThat(deferrals.isEmpty()).isTrue();
    assertThat(deferrals.toWrite()).isEmpty();
    assertThat(deferrals.toCheck()).isEmpty();
  }

  @Test
  void aChainIsFollowedOneLinkAfterTheOther() {
    deferrals.defer(POD, Set.of(ACCOUNT));
    deferrals.defer(ACCOUNT, Set.of(NAMESPACE));

    assertThat(deferrals.toWrite()).as("the account is not checked yet").containsExactly(NAMESPACE);
    assertThat(deferrals.toCheck()).isEmpty();

    deferrals.written(List.of(NAMESPACE));
    assertThat(deferrals.toCheck()).containsExactly(ACCOUNT);
    assertThat(deferrals.toWrite()).isEmpty();

    deferrals.passed(ACCOUNT);
    assertThat(deferrals.toWrite()).containsExactly(ACCOUNT);
    assertThat(deferrals.toCheck()).isEmpty();

    deferrals.written(List.of(ACCOUNT));
    assertThat(deferrals.toCheck()).containsExactly(POD);

    deferrals.passed(POD);
    assertThat(deferrals.isEmpty()).isTrue();
    assertThat(deferrals.toWrite()).isEmpty();
  }

  @Test
  void whatWaitsForEachOtherHasNoWayOn() {
    deferrals.defer(POD, Set.of(OTHER));
    deferrals.defer(OTHER, Set.of(POD));

    assertThat(deferrals.toWrite()).isEmpty();
    assertThat(deferrals.toCheck()).isEmpty();
    assertThat(deferrals.waiting()).containsExactlyInAnyOrder(POD, OTHER);
  }

  @Test
  void whatIsPutOffAgainWaitsForTheNewReasonOnly() {
    deferrals.defer(POD, Set.of(NAMESPACE));
    deferrals.written(List.of(NAMESPACE));

    deferrals.defer(POD, Set.of(ACCOUNT));

    assertThat(deferrals.toWrite()).containsExactly(ACCOUNT);
    assertThat(deferrals.unwritten(Set.of(NAMESPACE, ACCOUNT))).containsExactly(ACCOUNT);
  }
}
