package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DampingTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void aRivalThatComesBackAtOnceIsAnsweredLessAndLessOften() {
    List<Long> repairs = new ArrayList<>();
    Damping state = Damping.CALM;
    Instant now = START;
    for (int i = 0; i < 11; i++) {
      state = state.drifted(now);
      now = state.due().orElseThrow();
      state = state.repaired(now, List.of("rival"));
      repairs.add(Duration.between(START, now).toSeconds());
    }

    assertThat(repairs).containsExactly(0L, 1L, 3L, 8L, 23L, 83L, 203L, 503L, 1103L, 1703L, 2303L);
  }

  @Test
  void aFirstDriftIsRepairedAtOnce() {
    assertThat(Damping.CALM.drifted(START).due()).contains(START);
  }

  @Test
  void aSecondDriftMinutesLaterIsRepairedAtOnceToo() {
    Damping state = repairedAt(0);

    assertThat(state.drifted(at(300)).due()).contains(at(300));
  }

  @Test
  void aClockThatWasSetBackPutsNoRepairOffForLongerThanThePause() {
    Damping state = repairedAt(3600, 3601);

    assertThat(state.drifted(at(0)).due()).contains(at(2));
  }

  @Test
  void driftWhileARepairIsDueChangesNothing() {
    Damping state = repairedAt(0, 1).drifted(at(2));

    assertThat(state.due()).contains(at(3));
    assertThat(state.drifted(at(2))).isEqualTo(state);
  }

  @Test
  void fiveRepairsInTenMinutesAreAContest() {
    assertThat(repairedAt(0, 100, 200, 300).contested()).isFalse();
    assertThat(repairedAt(0, 100, 200, 300, 599).contested()).isTrue();
  }

  @Test
  void fiveRepairsInMoreThanTenMinutesAreNone() {
    assertThat(repairedAt(0, 150, 300, 450, 600).contested()).isFalse();
  }

  @Test
  void aContestNamesBothSides() {
    Damping state = Damping.CALM;
    for (int i = 0; i < 5; i++) {
      state = state.repaired(at(i), i % 2 == 0 ? List.of("kubectl-edit") : List.of("hpa"));
    }

    assertThat(state.contest("fairlead/infra/portfolio", List.of()))
        .contains(
            "hpa and kubectl-edit and fairlead/infra/portfolio keep changing the same fields:"
                + " repaired 5 times, from now on less often; stop the one, or take the fields out"
                + " of Git");
    assertThat(
            repairedAt(0, 1, 2, 3, 4).contest("fairlead/infra/portfolio", List.of()).orElseThrow())
        .startsWith("someone who cannot be named and fairlead/infra/portfolio");
    assertThat(repairedAt(0).contest("fairlead/infra/portfolio", List.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          spec.replicas                                        | leave the fields to it with the annotation fairlead.dev/ignore-fields: /spec/replicas
          spec.replicas;data[a.b]                              | leave the fields to it with the annotation fairlead.dev/ignore-fields: /spec/replicas,/data/a.b
          metadata.annotations[example.org/x]                  | leave the fields to it with the annotation fairlead.dev/ignore-fields: /metadata/annotations/example.org~1x
          spec.template.spec.containers[name="web"].image      | take the fields out of Git
          spec.args[=x]                                        | take the fields out of Git
          spec.replicas;spec.ports[port=80].targetPort         | take the fields out of Git
          """)
  void aContestSaysWhichFieldsAndHowToEndIt(String fields, String remedy) {
    List<String> taken = List.of(fields.split(";", -1));

    assertThat(repairedAt(0, 1, 2, 3, 4).contest("fairlead/infra/portfolio", taken).orElseThrow())
        .contains(" keep changing the same fields (" + String.join(", ", taken) + "): repaired")
        .endsWith("; stop the one, or " + remedy);
  }

  @Test
  void itStaysContestedWhileTheRivalGoesOnSlowly() {
    Damping state = repairedAt(0, 1, 3, 8, 23);
    Instant now = at(23);
    for (int i = 0; i < 10; i++) {
      state = state.drifted(now.plusMillis(10));
      now = state.due().orElseThrow();
      state = state.repaired(now, List.of());
    }

    assertThat(now).isAfter(at(3600));
    assertThat(state.contested()).isTrue();
  }

  @Test
  void tenQuietMinutesAfterARepairEverythingIsForgotten() {
    Damping state = repairedAt(0, 1, 2, 3, 4);

    assertThat(state.calmAt()).contains(at(604));
    assertThat(state.calmed(at(603))).isEqualTo(state);
    assertThat(state.calmed(at(604))).isEqualTo(Damping.CALM);
    assertThat(state.drifted(at(604)).due()).contains(at(604));
    assertThat(state.drifted(at(604)).count()).isZero();
  }

  @Test
  void waitingForARepairIsNotQuiet() {
    Damping state = repairedAt(0, 1, 2, 3, 4, 5, 6, 7, 8).drifted(at(9));

    assertThat(state.due()).contains(at(608));
    assertThat(state.calmAt()).isEmpty();
    assertThat(state.calmed(at(700))).isEqualTo(state);
  }

  @Test
  void aRepairThatFoundNothingToWriteDoesNotCount() {
    Damping state = repairedAt(0).drifted(at(1)).spared();

    assertThat(state).isEqualTo(repairedAt(0));
  }

  @Test
  void itRemembersBoundedlyMuch() {
    Damping state = Damping.CALM;
    for (int i = 0; i < 1000; i++) {
      state = state.repaired(at(i), List.of("rival-" + i));
    }

    assertThat(state.recent()).hasSize(Damping.CONTESTED_REPAIRS);
    assertThat(state.rivals()).hasSize(Damping.MAX_RIVALS);
  }

  @Test
  void aVerifyServesABurstOfEvents() {
    VerifyPace pace = VerifyPace.NEW.asked(START);

    assertThat(pace.due()).contains(at(1));
    assertThat(pace.asked(START.plusMillis(900))).isEqualTo(pace);
  }

  @Test
  void anObjectIsVerifiedOnceAMinuteAtMost() {
    VerifyPace pace = VerifyPace.NEW.asked(START).verified(at(1), false).next();

    assertThat(pace.due()).isEmpty();
    assertThat(pace.asked(at(2)).due()).contains(at(61));
    assertThat(pace.asked(at(90)).due()).contains(at(91));
  }

  @Test
  void twoVerifiesInARowThatWroteShowThatAdmissionRewritesOnce() {
    VerifyPace.Verified first = VerifyPace.NEW.verified(at(0), true);
    VerifyPace.Verified second = first.next().verified(at(60), true);
    VerifyPace.Verified third = second.next().verified(at(120), true);
    VerifyPace.Verified fourth = third.next().verified(at(180), false);
    VerifyPace.Verified fifth = fourth.next().verified(at(240), true);
    VerifyPace.Verified sixth = fifth.next().verified(at(300), true);

    assertThat(
            List.of(first, second, third, fourth, fifth, sixth).stream()
                .map(VerifyPace.Verified::admissionRewrites))
        .containsExactly(false, true, false, false, false, false);
  }

  @Test
  void oneVerifyThatWroteBetweenOthersShowsNothing() {
    VerifyPace pace = VerifyPace.NEW.verified(at(0), true).next().verified(at(60), false).next();

    assertThat(pace.verified(at(120), true).admissionRewrites()).isFalse();
  }

  private static Damping repairedAt(long... seconds) {
    Damping state = Damping.CALM;
    for (long second : seconds) {
      state = state.drifted(at(second)).repaired(at(second), List.of());
    }
    return state;
  }

  private static Instant at(long second) {
    return START.plusSeconds(second);
  }
}
