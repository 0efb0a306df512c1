package dev.fairlead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.SyncClient;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeartbeatTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "'{\"holderIdentity\":\"pod-1\",\"renewTime\":\"2026-11-23T09:59:55.000000Z\"}' | Alive |",
        "'{\"holderIdentity\":\"pod-1\",\"renewTime\":\"2026-11-23T09:59:00.000000Z\"}' | Alive |",
        "'{\"holderIdentity\":\"pod-1\",\"renewTime\":\"2026-11-23T09:58:59.999999Z\"}' | Silent | was last alive 60 seconds ago",
        "'{\"holderIdentity\":\"pod-1\",\"renewTime\":\"2026-02-20T10:00:00.000000Z\"}' | Silent | was last alive 9 months ago",
        // Another clock than the server's is ahead.
        "'{\"holderIdentity\":\"pod-1\",\"renewTime\":\"2026-11-23T11:00:00.000000Z\"}' | Alive |",
        // An orderly stop gives the Lease up; the next one takes it at once.
        "'{\"holderIdentity\":\"\",\"renewTime\":\"2026-11-23T09:59:58.000000Z\"}' | Alive |",
        "'{\"holderIdentity\":\"\",\"renewTime\":\"2026-11-20T10:00:00.000000Z\"}' | Stopped | was stopped 3 days ago",
        "'{\"renewTime\":\"2026-11-20T10:00:00.000000Z\"}' | Stopped | was stopped 3 days ago",
        "'{\"holderIdentity\":\"pod-1\"}' | Unknown |",
        "'{\"holderIdentity\":\"pod-1\",\"renewTime\":\"yesterday\"}' | Unknown |",
        "'{}' | Unknown |",
      })
  void of_a_lease(String spec, String state, String trouble) {
    Heartbeat heartbeat = Heartbeat.of(SyncClient.parse("{\"spec\":" + spec + "}"), NOW);

    assertThat(heartbeat.getClass().getSimpleName()).isEqualTo(state);
    if (trouble == null) {
      assertThat(heartbeat.trouble("fairlead-system", NOW)).isEmpty();
    } else {
      assertThat(heartbeat.trouble("fairlead-system", NOW).orElseThrow())
          .contains(trouble)
          .contains("kubectl get")
          .contains("-n fairlead-system");
    }
  }
}
