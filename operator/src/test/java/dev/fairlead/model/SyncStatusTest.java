package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.model.SyncStatus.ObjectCounts;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncStatusTest {
  private static final GroupKind CONFIG_MAP = GroupKind.parse("ConfigMap");
  private static final GroupKind DEPLOYMENT = GroupKind.parse("Deployment.apps");

  @Test
  void anInventoryIsSortedAndNamesEverythingOnce() {
    Inventory inventory =
        new Inventory(List.of(DEPLOYMENT, CONFIG_MAP, DEPLOYMENT), List.of("b", "a", "b"));

    assertThat(inventory)
        .isEqualTo(new Inventory(List.of(CONFIG_MAP, DEPLOYMENT), List.of("a", "b")));
    assertThat(inventory.groupKinds()).containsExactly(CONFIG_MAP, DEPLOYMENT);
    assertThat(inventory.namespaces()).containsExactly("a", "b");
  }

  @Test
  void aUnionNamesWhatEitherNames() {
    assertThat(
            new Inventory(List.of(CONFIG_MAP), List.of("a"))
                .union(new Inventory(List.of(DEPLOYMENT, CONFIG_MAP), List.of())))
        .isEqualTo(new Inventory(List.of(CONFIG_MAP, DEPLOYMENT), List.of("a")));
  }

  @Test
  void countsReadAsHealthyOfAll() {
    assertThat(new ObjectCounts(12, 11, 1, 0)).hasToString("11/12");
  }

  @Test
  void whenAConditionBeganDoesNotMatterToWhatItSays() {
    Condition now = ready("applied main@1f2e3d4", 1, Instant.EPOCH);

    assertThat(now.saysTheSameAs(ready("applied main@1f2e3d4", 1, Instant.MAX))).isTrue();
    assertThat(now.saysTheSameAs(ready("applied main@5f2e3d4", 1, Instant.EPOCH))).isFalse();
    assertThat(now.saysTheSameAs(ready("applied main@1f2e3d4", 2, Instant.EPOCH))).isFalse();
  }

  private static Condition ready(String message, long generation, Instant since) {
    return new Condition(
        Condition.Type.READY, Condition.State.TRUE, "Succeeded", message, generation, since);
  }
}
