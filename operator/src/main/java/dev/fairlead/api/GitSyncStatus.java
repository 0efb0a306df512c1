package dev.fairlead.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code status} as the CRD declares it; {@link dev.fairlead.model.SyncStatus} is what is worked
 * with, and {@link StatusJson} writes it.
 */
public record GitSyncStatus(
    @JsonPropertyDescription("The generation of the spec that this status is about.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription(
            "The last value of the annotation fairlead.dev/requested-at that was acted on.")
        @Nullable String handledRequest,
    @JsonPropertyDescription(
            "Ready: the newest commit is applied and healthy; in mode Plan: cluster and Git agree."
                + " Reconciling: only while at work."
                + " Stalled: only when nothing will change without a person. Fetched: Git is"
                + " reachable, the ref exists, the credentials work. Applied: the cluster holds"
                + " this commit. Healthy: what was applied works.")
        @Nullable List<State> conditions,
    @JsonPropertyDescription("The newest commit of the ref that was seen.") @Nullable Source source,
    @JsonPropertyDescription("The commit that the cluster holds.") @Nullable Applied applied,
    @JsonPropertyDescription("The last commit that was applied and healthy.")
        @Nullable LastGood lastGood,
    @JsonPropertyDescription(
            "Set while the last good commit runs in place of the newest one, which did not become"
                + " healthy.")
        @Nullable Rollback rollback,
    @JsonPropertyDescription(
            "Where the Git host tells of pushes: this path at the address of the operator's"
                + " --hook-listen. Only with spec.webhook, once its token could be read.")
        @Nullable String webhookPath,
    @JsonPropertyDescription("How the applied objects are.") @Nullable Objects objects,
    @JsonPropertyDescription("What kubectl get prints.") @Nullable Summary summary,
    @JsonPropertyDescription(
            "Where members may be, together with the annotations of ApplySet (KEP-3659).")
        @Nullable Inventory inventory,
    @JsonPropertyDescription("The prune that waits for approval; absent when none does.")
        @Nullable PendingPrune pendingPrune,
    @JsonPropertyDescription(
            "What applying the newest commit would change, and what has drifted; only in mode Plan.")
        @Nullable Plan plan,
    @JsonPropertyDescription(
            "Jobs that completed, with their present content or another since the last good commit. At most"
                + " 50.")
        @Nullable List<FinishedJob> finishedJobs,
    @JsonPropertyDescription("How many problems there are, also those that are not listed.")
        @Nullable Integer problemCount,
    @JsonPropertyDescription("What is wrong, worst first. At most 10.")
        @Nullable List<Problem> problems,
    @JsonPropertyDescription("What will become a problem. At most 10.")
        @Nullable List<String> warnings,
    @JsonPropertyDescription("The last deployments, newest first. At most 10.")
        @Nullable List<Deployment> history) {

  /** An item of {@code status.conditions}. */
  public record State(
      @Required @JsonPropertyDescription("What it is about.") String type,
      @Required @JsonPropertyDescription("True, False or Unknown.") Truth status,
      @JsonPropertyDescription("Why, in one word.") @Nullable String reason,
      @JsonPropertyDescription("Why, for people; begins with the place.") @Nullable String message,
      @JsonPropertyDescription("The generation of the spec that was looked at.")
          @Nullable Long observedGeneration,
      @JsonPropertyDescription("When status last changed.") @Nullable String lastTransitionTime) {}

  /** The status of a condition. */
  public enum Truth {
    @JsonProperty("True")
    TRUE,
    @JsonProperty("False")
    FALSE,
    @JsonProperty("Unknown")
    UNKNOWN
  }

  /** {@code status.source}. */
  public record Source(
      @JsonPropertyDescription("Ref and commit, for example main@sha1:<40 hex digits>.")
          @Nullable String revision,
      @JsonPropertyDescription("The author's name.") @Nullable String author,
      @JsonPropertyDescription("The first line of the commit's message.") @Nullable String subject,
      @JsonPropertyDescription("When it was committed.") @Nullable String committedAt,
      @JsonPropertyDescription("When it was first seen.") @Nullable String seenAt) {}

  /** {@code status.applied}. */
  public record Applied(
      @JsonPropertyDescription("Ref and commit, for example main@sha1:<40 hex digits>.")
          @Nullable String revision,
      @JsonPropertyDescription("When the cluster first held it.") @Nullable String at,
      @JsonPropertyDescription("How many objects it has.") @Nullable Integer objects) {}

  /** {@code status.lastGood}. */
  public record LastGood(
      @JsonPropertyDescription("Ref and commit, for example main@sha1:<40 hex digits>.")
          @Nullable String revision,
      @JsonPropertyDescription("When it became healthy.") @Nullable String at,
      @JsonPropertyDescription("The generation of the spec at that time.")
          @Nullable Long generation) {}

  /** {@code status.rollback}. */
  public record Rollback(
      @JsonPropertyDescription("The commit that did not become healthy.") @Nullable String from,
      @JsonPropertyDescription("The commit that was applied again.") @Nullable String to,
      @JsonPropertyDescription("What was not healthy, for people; begins with the place.")
          @Nullable String reason,
      @JsonPropertyDescription("When that was decided.") @Nullable String at) {}

  /** {@code status.objects}. */
  public record Objects(
      @JsonPropertyDescription("All of them.") @Nullable Integer total,
      @JsonPropertyDescription("Those that work.") @Nullable Integer healthy,
      @JsonPropertyDescription("Those that are on their way.") @Nullable Integer progressing,
      @JsonPropertyDescription("Those that do not work.") @Nullable Integer failed) {}

  /** {@code status.summary}. */
  public record Summary(
      @JsonPropertyDescription("The commit that the cluster holds, short: main@1f2e3d4.")
          @Nullable String revision,
      @JsonPropertyDescription("Healthy objects of all: 11/12.") @Nullable String objects,
      @JsonPropertyDescription("How it is, in one line for people.") @Nullable String message) {}

  /** {@code status.inventory}. */
  public record Inventory(
      @JsonPropertyDescription("Kinds of members, for example Deployment.apps and Service.")
          @Nullable List<String> groupKinds,
      @JsonPropertyDescription("Namespaces of members.") @Nullable List<String> namespaces) {}

  /** {@code status.pendingPrune}. */
  public record PendingPrune(
      @JsonPropertyDescription(
              "What to write into the annotation fairlead.dev/approve-prune to approve exactly this"
                  + " prune.")
          @Nullable String digest,
      @JsonPropertyDescription("How many objects it would delete.") @Nullable Integer objects,
      @JsonPropertyDescription("Some of them. At most 10.") @Nullable List<String> first) {}

  /** {@code status.plan}. */
  public record Plan(
      @JsonPropertyDescription("How many objects would be created.") @Nullable Integer create,
      @JsonPropertyDescription("How many objects would be changed, or deleted and created again.")
          @Nullable Integer update,
      @JsonPropertyDescription("How many objects would be deleted, since they left Git.")
          @Nullable Integer prune,
      @JsonPropertyDescription(
              "How many objects were changed or deleted by somebody since they were applied, where"
                  + " Git did not change; they are not among the others.")
          @Nullable Integer drifted,
      @JsonPropertyDescription("The first of them, one line each. At most 10.")
          @Nullable List<String> first) {}

  /** An item of {@code status.finishedJobs}. */
  public record FinishedJob(
      @JsonPropertyDescription("Which one, for example Job portfolio/migrate.")
          @Nullable String object,
      @JsonPropertyDescription("Of the content that it completed with.") @Nullable String digest) {}

  /** An item of {@code status.problems}. */
  public record Problem(
      @JsonPropertyDescription("Which object, for example Deployment portfolio/web.")
          @Nullable String object,
      @JsonPropertyDescription("The file in Git that is to blame.") @Nullable String file,
      @JsonPropertyDescription("The line in that file, from 1.") @Nullable Integer line,
      @JsonPropertyDescription("Why, in one word.") @Nullable String reason,
      @JsonPropertyDescription("What is wrong, for people.") @Nullable String message,
      @JsonPropertyDescription("When it began.") @Nullable String since) {}

  /** An item of {@code status.history}. */
  public record Deployment(
      @JsonPropertyDescription("Ref and commit, for example main@sha1:<40 hex digits>.")
          @Nullable String revision,
      @JsonPropertyDescription("The first line of the commit's message.") @Nullable String subject,
      @JsonPropertyDescription("The author's name.") @Nullable String author,
      @JsonPropertyDescription("When it began.") @Nullable String startedAt,
      @JsonPropertyDescription("How long it took, for example 4.1s.") @Nullable String duration,
      @JsonPropertyDescription(
              "How it ended, in one word: Succeeded, Superseded (another commit came before it was"
                  + " known whether it works), or as Ready=False has it, such as RolledBack.")
          @Nullable String result,
      @JsonPropertyDescription("How many objects were created.") @Nullable Integer created,
      @JsonPropertyDescription("How many objects were updated.") @Nullable Integer updated,
      @JsonPropertyDescription("How many objects were pruned.") @Nullable Integer pruned) {}
}
