package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.FaultRow.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Takes one row through its life: all is well, the fault, what people are told, well again. */
final class FaultRun {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What a message for people never has in it. */
  private static final List<String> UNFIT =
      List.of("Exception", "java.", "dev.fairlead.cluster", "\n", FaultSite.PASSWORD, "hunter3");

  private final FaultRow row;
  private final FaultSite site;

  FaultRun(FaultRow row, FaultSite site) {
    this.row = row;
    this.site = site;
  }

  void run() {
    row.fault().prepare(site);
    site.begin(row.spec());
    Map<String, String> before = site.objects();
    assertThat(before).hasSizeGreaterThanOrEqualTo(FaultSite.GOOD.size());

    try {
      row.fault().strike(site);
      told(before);
    } finally {
      row.fault().lift(site);
    }
    wellAgain(before);
  }

  private void told(Map<String, String> before) {
    switch (row.outcome()) {
      case Outcome.Refused refused -> refused(refused);
      case Outcome.Followed _ -> site.syncs().awaitReady(FaultSite.SYNC, site.head());
      case Outcome.Restored restored -> restored(restored);
      case Outcome.Logged logged -> logged(logged);
    }
    if (row.outcome() instanceof Outcome.Refused) {
      assertThat(site.objects()).as("objects while the fault lasts").isEqualTo(before);
    }
  }

  private void wellAgain(Map<String, String> before) {
    site.await(
        PATIENCE,
        "Ready again at " + site.head(),
        () -> {
          var status = site.syncs().status(FaultSite.SYNC);
          return SyncClient.condition(status, "Ready").startsWith("True ")
              && SyncClient.applied(status).equals(site.head());
        });
    assertThat(site.syncs().condition(FaultSite.SYNC, "Stalled")).isEmpty();
    if (site.sameTree()) {
      assertThat(site.objects()).as("objects after the fault").isEqualTo(before);
    } else {
      assertThat(uids(site.objects())).as("objects after the fault").isEqualTo(uids(before));
    }
  }

  private void restored(Outcome.Restored restored) {
    site.await(
        PATIENCE,
        "again: " + site.own(restored.target()),
        () -> site.api().get(site.own(restored.target())).isPresent());
    site.await(PATIENCE, "an event DriftRepaired", () -> !site.events("DriftRepaired").isEmpty());
  }

  private void logged(Outcome.Logged logged) {
    OperatorProcess daemon = site.ground().daemon();
    SyncClient.await(
        PATIENCE,
        "the log to say: " + logged.log(),
        () -> daemon.log().contains(logged.log()),
        daemon::log);
    assertThat(daemon.isAlive()).isTrue();
    assertThat(daemon.get("/healthz")).isNotEmpty();
  }

  private void refused(Outcome.Refused refused) {
    String ready = site.syncs().awaitReason(FaultSite.SYNC, refused.reason().toString());
    String message = ready.substring(ready.indexOf(": ") + 2);
    assertThat(message)
        .as("message of Ready")
        .matches(m -> site.matches(refused.message(), m), site.own(refused.message()));
    for (String unfit : UNFIT) {
      assertThat(message).doesNotContain(unfit);
    }
    String reason = refused.reason().toString();
    site.await(
        PATIENCE,
        "an event " + reason + ", not only " + site.events(reason),
        () -> site.events(reason).stream().anyMatch(m -> site.matches(refused.message(), m)));
    assertThat(
            site.syncs().status(FaultSite.SYNC).object("summary").flatMap(s -> s.string("message")))
        .contains(message);
  }

  private static Map<String, String> uids(Map<String, String> objects) {
    return objects.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().replaceFirst(" .*", "")));
  }
}
