package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Examples.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.reconcile.RollbackDecision.Verdict;
import dev.fairlead.reconcile.SyncDecision.Facts;
import dev.fairlead.reconcile.SyncDecision.Look;
import dev.fairlead.reconcile.SyncDecision.Rollout;
import dev.fairlead.reconcile.SyncDecision.Step;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Facts are words: {@code seen:b} the newest commit is b; {@code applied:a1} commit a is written
 * under generation 1, so too {@code recorded} and {@code failed}; {@code standing:a} a is the last
 * good commit and is there; {@code retry:+5} a failed attempt may be repeated in 5 seconds; {@code
 * rollback:ba} a is wanted in place of b, which failed; {@code fails:a} the applied commit has
 * failed, and a was the last good one. The spec has generation 1 unless {@code generation} says
 * otherwise.
 */
class SyncDecisionTest {
  private static final DependencyGate.Closed GATE =
      new DependencyGate.Closed(
          new StatusReport.Failure(Reason.DEPENDENCY_NOT_READY, "waits", List.of(), 1, false),
          true,
          NOON);

  private static final Set<String> WORDS =
      Set.of(
          "deleting",
          "suspended",
          "pending",
          "unreachable",
          "seen",
          "generation",
          "applied",
          "recorded",
          "standing",
          "failed",
          "retry",
          "rolling-out",
          "rollback",
          "fails",
          "leftovers",
          "leaving",
          "unapproved",
          "gated",
          "pending-waves",
          "heirlooms",
          "obstacles");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a sync that is being deleted is finished           | deleting seen:b applied:a1                                | Finish
          also while it is suspended                         | deleting suspended applied:a1                             | Finish
          also while Git is unreachable                      | deleting unreachable                                      | Finish
          a suspended sync rests                             | suspended seen:b applied:a1                               | Rest
          a suspended sync does not even prune               | suspended seen:a applied:a1 leftovers:1                   | Rest
          a sync that nobody has looked at rests             | pending                                                   | Rest
          also when status says what is there                | pending recorded:a1                                       | Rest
          while Git is unreachable nothing is written        | unreachable applied:a1                                    | Rest
          while Git is unreachable nothing is pruned         | unreachable applied:a1 leftovers:1                        | Rest
          the first commit is applied                        | seen:a                                                    | Apply a
          a new commit is applied                            | seen:b applied:a1                                         | Apply b
          a new commit supersedes a rollout                  | seen:b applied:a1 rolling-out                             | Apply b
          a new commit comes before an old one's prune       | seen:b applied:a1 leftovers:3                             | Apply b
          an older commit is applied like any other          | seen:a applied:b1                                         | Apply a
          a new spec is applied with the same commit         | seen:a applied:a1 generation:2                            | Apply a
          a restart resumes what status says is there        | seen:a recorded:a1                                        | Resume a
          a restart applies what came meanwhile              | seen:b recorded:a1                                        | Apply b
          a restart applies a spec that changed meanwhile    | seen:a recorded:a1 generation:2                           | Apply a
          what this process wrote outweighs status           | seen:a recorded:a1 applied:b1                             | Apply a
          a failed target is not repeated by itself          | seen:b applied:a1 failed:b1                               | Rest
          a failed target waits for its time                 | seen:b applied:a1 failed:b1 retry:+5                      | RestUntil +5
          a failed target is retried when its time has come  | seen:b applied:a1 failed:b1 retry:+0                      | Apply b
          a failed target is retried when its time is past   | seen:b applied:a1 failed:b1 retry:-5                      | Apply b
          a restart tries what came meanwhile first          | seen:b standing:a                                         | Apply b
          when that fails what is there is kept up           | seen:b standing:a failed:b1                               | KeepUp a
          also when it is to be tried again                  | seen:b standing:a failed:b1 retry:-5                      | KeepUp a
          also while it waits for other syncs                | seen:b standing:a gated                                   | KeepUp a
          not while Git is unreachable                       | unreachable standing:a failed:b1                          | Rest
          not while it is suspended                          | suspended seen:b standing:a failed:b1                     | Rest
          a rollback sees to it itself                       | seen:b standing:a failed:a1 rollback:ba                   | Rest
          nor is what status says is there waited with       | seen:a recorded:a1 standing:a gated                       | Resume a
          a failed resumption is retried as one              | seen:a recorded:a1 failed:a1 retry:-5                     | Resume a
          a newer commit does not wait for a failed one      | seen:c applied:a1 failed:b1 retry:+5                      | Apply c
          a new spec does not wait for a failed one          | seen:b applied:a1 failed:b1 retry:+5 generation:2         | Apply b
          back on the applied commit a failed one is past    | seen:a applied:a1 failed:b1                               | Settle
          a rollout is awaited                               | seen:a applied:a1 rolling-out                             | AwaitRollout
          leftovers are pruned only after the rollout        | seen:a applied:a1 rolling-out leftovers:2                 | AwaitRollout
          after the rollout leftovers are pruned             | seen:a applied:a1 leftovers:2                             | Prune
          a large prune is asked for                         | seen:a applied:a1 leftovers:2 unapproved                  | AskForApproval
          what is left of a prune is pruned                  | seen:a applied:a1 leftovers:2 leaving:1                   | Prune
          what is being deleted is awaited                   | seen:a applied:a1 leftovers:2 leaving:2                   | AwaitGone
          what is being deleted needs no approval            | seen:a applied:a1 leftovers:2 leaving:2 unapproved        | AwaitGone
          a failed prune waits for its time                  | seen:a applied:a1 leftovers:2 failed:a1 retry:+5          | RestUntil +5
          a failed prune is retried when its time has come   | seen:a applied:a1 leftovers:2 failed:a1 retry:-5          | Prune
          without leftovers the sync is settled              | seen:a applied:a1                                         | Settle
          a wave is awaited                                  | seen:a applied:a1 pending-waves rolling-out               | AwaitRollout
          then comes the next one                            | seen:a applied:a1 pending-waves                           | Apply a
          a new commit does not wait for a wave              | seen:b applied:a1 pending-waves rolling-out               | Apply b
          nor does a new spec                                | seen:a applied:a1 pending-waves rolling-out generation:2  | Apply a
          nothing is pruned between two waves                | seen:a applied:a1 pending-waves leftovers:1               | Apply a
          a wave that failed waits for its time              | seen:a applied:a1 pending-waves failed:a1 retry:+5        | RestUntil +5
          the way back from a wave is a way like any other   | seen:b applied:a1 recorded:b1 pending-waves               | Apply b
          a wave that has begun waits for no other sync      | seen:a applied:a1 pending-waves gated                     | Apply a
          what others wait for goes between two waves        | seen:a applied:a1 pending-waves heirlooms:1               | HandOver
          a suspended sync stays between two waves           | suspended seen:a applied:a1 pending-waves                 | Rest
          a commit waits for the syncs that it depends on    | seen:b applied:a1 gated                                   | AwaitDependencies b
          the first one too                                  | seen:a gated                                              | AwaitDependencies a
          what is applied already is resumed all the same    | seen:a recorded:a1 gated                                  | Resume a
          a commit that cannot be read does not wait         | seen:b applied:a1 failed:b1 gated                         | Rest
          before another try it waits again                  | seen:b applied:a1 failed:b1 retry:-5 gated                | AwaitDependencies b
          what others wait for is handed over meanwhile      | seen:b applied:a1 heirlooms:1 gated                       | HandOver
          what others wait for is handed over                | seen:a applied:a1 leftovers:2 heirlooms:1                 | HandOver
          before the rollout is done                         | seen:a applied:a1 rolling-out leftovers:2 heirlooms:1     | HandOver
          also when the prune is not approved                | seen:a applied:a1 leftovers:2 heirlooms:1 unapproved      | HandOver
          also while Git is unreachable                      | unreachable applied:a1 leftovers:2 heirlooms:1            | HandOver
          also before a newer commit is applied              | seen:b applied:a1 leftovers:2 heirlooms:1                 | HandOver
          also while another sync's objects are waited for   | seen:b applied:a1 failed:b1 retry:+5 heirlooms:1          | HandOver
          a suspended sync hands nothing over                | suspended seen:a applied:a1 heirlooms:1                   | Rest
          the finish of a sync sees to that itself           | deleting seen:a applied:a1 heirlooms:1                    | Finish
          what a new GitSync waits for goes before rollout   | seen:a applied:a1 rolling-out leftovers:1 obstacles:1     | MakeWay
          a commit that failed is given up                   | seen:b applied:b1 rolling-out fails:a                     | GiveUp a
          before anything makes way for it                   | seen:b applied:b1 rolling-out fails:a obstacles:1         | GiveUp a
          but a newer one comes first                        | seen:c applied:b1 rolling-out fails:a                     | Apply c
          what was given up gives way to the last good one   | seen:b applied:b1 rollback:ba                             | RollBack a
          also after a restart in the middle                 | seen:b rollback:ba                                        | RollBack a
          a restart resumes what took its place              | seen:b recorded:a1 rollback:ba                            | ResumeRollback a
          under a spec that means the same it is only moved  | seen:b applied:a1 generation:2 rollback:ba                | RollBack a
          what took its place is awaited                     | seen:b applied:a1 rollback:ba rolling-out                 | AwaitRollout
          and then what the failed one added goes            | seen:b applied:a1 rollback:ba leftovers:1                 | Prune
          and then it stays so                               | seen:b applied:a1 rollback:ba                             | Settle
          a rollback that is refused waits for its time      | seen:b applied:b1 failed:a1 retry:+5 rollback:ba          | RestUntil +5
          and is tried again when it has come                | seen:b applied:b1 failed:a1 retry:-5 rollback:ba          | RollBack a
          while Git is unreachable it stays so               | unreachable applied:a1 rollback:ba                        | Rest
          also while it is suspended                         | suspended seen:b applied:a1 rollback:ba                   | Rest
          what others wait for is handed over first          | seen:b applied:b1 rollback:ba heirlooms:1                 | HandOver
          but not before the commit is written               | seen:b applied:a1 rolling-out leftovers:1 obstacles:1     | Apply b
          after the rollout it is pruned like the others     | seen:a applied:a1 leftovers:1 obstacles:1                 | Prune
          """)
  void decides(String sentence, String facts, String step) {
    assertThat(words(SyncDecision.decide(facts(facts)))).isEqualTo(step);
  }

  private static Facts facts(String text) {
    Map<String, String> facts =
        Arrays.stream(text.split(" ", -1))
            .map(word -> word.split(":", -1))
            .collect(Collectors.toMap(w -> w[0], w -> w.length > 1 ? w[1] : ""));
    assertThat(WORDS).containsAll(facts.keySet());
    Look look =
        facts.containsKey("seen")
            ? new Look.Seen(commit(facts.getOrDefault("seen", "")))
            : facts.containsKey("unreachable") ? new Look.Failed() : new Look.Pending();
    return new Facts(
        facts.containsKey("deleting"),
        facts.containsKey("suspended"),
        look,
        target(facts, "applied"),
        facts.containsKey("pending-waves"),
        target(facts, "recorded"),
        Optional.ofNullable(facts.get("standing")).map(s -> revision(s.charAt(0))),
        target(facts, "failed"),
        Optional.ofNullable(facts.get("retry")).map(s -> NOON.plusSeconds(Long.parseLong(s))),
        Long.parseLong(facts.getOrDefault("generation", "1")),
        Optional.ofNullable(facts.get("rollback"))
            .map(r -> new Rollback(revision(r.charAt(0)), revision(r.charAt(1)), "why", NOON)),
        facts.containsKey("rolling-out") ? Rollout.IN_PROGRESS : Rollout.DONE,
        Optional.ofNullable(facts.get("fails"))
            .<Verdict>map(g -> new Verdict.RollBack(revision(g.charAt(0)), key("Pod", "web")))
            .orElse(new Verdict.Stands()),
        Integer.parseInt(facts.getOrDefault("leftovers", "0")),
        Integer.parseInt(facts.getOrDefault("leaving", "0")),
        !facts.containsKey("unapproved"),
        facts.containsKey("gated") ? Optional.of(GATE) : Optional.empty(),
        Integer.parseInt(facts.getOrDefault("heirlooms", "0")),
        Integer.parseInt(facts.getOrDefault("obstacles", "0")),
        NOON);
  }

  private static Revision revision(char letter) {
    return commit(String.valueOf(letter)).revision();
  }

  private static Optional<Target> target(Map<String, String> facts, String name) {
    return Optional.ofNullable(facts.get(name))
        .map(t -> new Target(hash(t.substring(0, 1)), Long.parseLong(t.substring(1))));
  }

  private static String hash(String letter) {
    return commit(letter).revision().commit();
  }

  private static String words(Step step) {
    String name = step.getClass().getSimpleName();
    List<String> about =
        switch (step) {
          case Step.Apply apply -> List.of(letter(apply.commit().revision().commit()));
          case Step.AwaitDependencies await -> List.of(letter(await.commit().revision().commit()));
          case Step.Resume resume -> List.of(letter(resume.commit().revision().commit()));
          case Step.KeepUp keepUp -> List.of(letter(keepUp.standing().commit()));
          case Step.GiveUp giveUp -> List.of(letter(giveUp.verdict().to().commit()));
          case Step.RollBack back -> List.of(letter(back.rollback().to().commit()));
          case Step.ResumeRollback back -> List.of(letter(back.rollback().to().commit()));
          case Step.RestUntil until -> List.of(seconds(until.when()));
          case Step.Finish _,
              Step.Rest _,
              Step.HandOver _,
              Step.MakeWay _,
              Step.AwaitRollout _,
              Step.AskForApproval _,
              Step.Prune _,
              Step.AwaitGone _,
              Step.Settle _ ->
              List.of();
        };
    return about.isEmpty() ? name : name + " " + about.getFirst();
  }

  private static String letter(String hash) {
    return hash.substring(0, 1);
  }

  private static String seconds(Instant when) {
    return "+" + (when.getEpochSecond() - NOON.getEpochSecond());
  }
}
