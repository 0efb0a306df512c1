package dev.fairlead.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code spec} as the CRD declares it; {@link dev.fairlead.model.SyncSpec} is what is worked with.
 */
public record GitSyncSpec(
    @Required
        @Size(max = SpecRules.MAX_URL)
        @ValidationRule(value = SpecRules.CEL_SCHEME, message = SpecRules.SCHEME_MESSAGE)
        @ValidationRule(
            value = SpecRules.CEL_NO_CREDENTIALS,
            message = SpecRules.NO_CREDENTIALS_MESSAGE)
        @ValidationRule(value = SpecRules.CEL_URL, message = SpecRules.URL_MESSAGE)
        @JsonPropertyDescription(
            "Where the Git repository is: https://, http://, ssh://, git@host:path, or file:/// (only"
                + " where the operator allows it). Without credentials: these belong into the"
                + " Secret that secretRef names.")
        String url,
    @ValidationRule(value = SpecRules.CEL_ONE_REF, message = SpecRules.ONE_REF_MESSAGE)
        @JsonPropertyDescription(
            "Which commit is followed: at most one of branch, tag, semver, name and commit. Default:"
                + " the branch that the remote's HEAD names.")
        @Nullable Ref ref,
    @Size(max = SpecRules.MAX_PATH)
        @ValidationRule(value = SpecRules.CEL_PATH, message = SpecRules.PATH_MESSAGE)
        @ValidationRule(value = SpecRules.CEL_NO_PARENT, message = SpecRules.NO_PARENT_MESSAGE)
        @JsonPropertyDescription(
            "The folder in the repository that holds the manifests, relative to its root. Default:"
                + " the root.")
        @Nullable String path,
    @Default("false")
        @JsonPropertyDescription(
            "Whether submodules below path are fetched and read as if their files lay there: those"
                + " on the host of url, with the same credentials. false: a submodule below path is"
                + " an error.")
        @Nullable Boolean submodules,
    @Size(max = SpecRules.MAX_IGNORE)
        @ValidationRule(value = SpecRules.CEL_IGNORE, message = SpecRules.IGNORE_MESSAGE)
        @JsonPropertyDescription(
            "What below path is not read: patterns with .gitignore's syntax, relative to path. They"
                + " have the last word over .fairleadignore files at path and below. Objects that"
                + " become ignored are pruned as if they had been removed from Git.")
        @Nullable List<@Size(max = SpecRules.MAX_IGNORE_LENGTH) String> ignore,
    @Default(SpecRules.DEFAULT_INTERVAL)
        @Size(max = SpecRules.MAX_DURATION)
        @ValidationRule(value = SpecRules.CEL_DURATION, message = SpecRules.DURATION_MESSAGE)
        @ValidationRule(value = SpecRules.CEL_INTERVAL, message = SpecRules.INTERVAL_MESSAGE)
        @JsonPropertyDescription(
            "How often Git is looked at, give or take 10 %: a duration such as 30s, 1m30s or 2h,"
                + " from 1s to 24h. A look that finds nothing new costs the cluster nothing.")
        @Nullable String interval,
    @Default(SpecRules.DEFAULT_FETCH_TIMEOUT)
        @Size(max = SpecRules.MAX_DURATION)
        @ValidationRule(value = SpecRules.CEL_DURATION, message = SpecRules.DURATION_MESSAGE)
        @ValidationRule(
            value = SpecRules.CEL_FETCH_TIMEOUT,
            message = SpecRules.FETCH_TIMEOUT_MESSAGE)
        @JsonPropertyDescription("How long one Git operation may take: a duration from 1s to 1h.")
        @Nullable String fetchTimeout,
    @JsonPropertyDescription(
            "The Secret, in the GitSync's namespace, with what Git asks for: username and password,"
                + " or bearerToken, or githubAppID, githubAppInstallationID (or"
                + " githubAppInstallationOwner) and githubAppPrivateKey;"
                + " ca.crt for a server with a certificate of its own, tls.crt and tls.key for one"
                + " that asks for the client's. For ssh:"
                + " identity (a private key; password, if it is encrypted), or username and"
                + " password, and always known_hosts. Default: no credentials.")
        @Nullable SecretRef secretRef,
    @JsonPropertyDescription(
            "The Secret, in the GitSync's namespace, with the proxy that all connections to Git go"
                + " through: address (http://, https:// or socks5:// with host and port), username"
                + " and password if it asks for them, ca.crt for one behind https:// with a"
                + " certificate of its own. Default: no proxy; HTTPS_PROXY and its like are not"
                + " read.")
        @Nullable SecretRef proxySecretRef,
    @JsonPropertyDescription(
            "Lets the Git host tell of pushes, so that they are looked at without waiting for the"
                + " interval; status.webhookPath says where.")
        @Nullable Webhook webhook,
    @JsonPropertyDescription(
            "Whose signature a commit has to carry before anything of it is read. Default: none is"
                + " needed.")
        @Nullable Verify verify,
    @Size(max = SpecRules.MAX_SERVICE_ACCOUNT_NAME)
        @ValidationRule(
            value = SpecRules.CEL_SERVICE_ACCOUNT_NAME,
            message = SpecRules.SERVICE_ACCOUNT_NAME_MESSAGE)
        @JsonPropertyDescription(
            "The ServiceAccount, in the GitSync's namespace, whose rights the objects are applied,"
                + " checked, repaired and pruned with. Default: what the operator's"
                + " --default-service-account names; without that, default, and the operator itself"
                + " for a GitSync in the operator's own namespace.")
        @Nullable String serviceAccountName,
    @Size(max = SpecRules.MAX_NAMESPACE)
        @ValidationRule(value = SpecRules.CEL_NAMESPACE, message = SpecRules.NAMESPACE_MESSAGE)
        @JsonPropertyDescription(
            "The namespace of objects that name none; the others keep theirs. Default: none, and an"
                + " object that needs a namespace and names none is an error.")
        @Nullable String defaultNamespace,
    @Default(SpecRules.DEFAULT_MODE)
        @JsonPropertyDescription(
            "What is done about a commit. Apply: the cluster is made what it says, and kept so."
                + " Plan: nothing is written; status.plan says what would change and what has"
                + " drifted, and Ready whether cluster and Git agree. Changing Plan to Apply is the"
                + " approval.")
        @Nullable Mode mode,
    @Default("true")
        @JsonPropertyDescription(
            "Whether an object that leaves Git is deleted. false: it is released, that is, labels"
                + " and ownership are removed, and it is never deleted later.")
        @Nullable Boolean prune,
    @Default(SpecRules.DEFAULT_MAX_PRUNE)
        @ValidationRule(value = SpecRules.CEL_MAX_PRUNE, message = SpecRules.MAX_PRUNE_MESSAGE)
        @JsonPropertyDescription(
            "The most objects that one commit may prune without approval: a number up to 1000000, or"
                + " a percentage of the sync's objects. A commit that removes more is applied, but"
                + " its prune waits for the annotation fairlead.dev/approve-prune.")
        @Nullable IntOrString maxPrune,
    @Default(SpecRules.DEFAULT_DELETION_POLICY)
        @JsonPropertyDescription(
            "What becomes of the objects when the GitSync itself is deleted. MirrorPrune: deleted"
                + " where prune is true, released where it is false. Orphan: they stay, without"
                + " labels and ownership; so it is in any case while it is suspended or in mode"
                + " Plan.")
        @Nullable Deletion deletionPolicy,
    @Default("false")
        @JsonPropertyDescription(
            "Whether the sync is paused: nothing is fetched, planned, applied, repaired or pruned."
                + " Deleting a suspended GitSync leaves its objects.")
        @Nullable Boolean suspend,
    @Size(max = SpecRules.MAX_DEPENDENCIES)
        @JsonPropertyDescription(
            "The GitSyncs that have to be Ready before a commit is applied; those that follow the"
                + " same ref of the same repository have to be Ready at that very commit. What is"
                + " applied already is kept up whatever becomes of them.")
        @Nullable List<Dependency> dependsOn,
    @Default("{}") @JsonPropertyDescription("How a new commit is rolled out.")
        @Nullable Rollout rollout,
    @Size(max = SpecRules.MAX_IGNORE_RULES)
        @JsonPropertyDescription(
            "Fields that are left to others, for example replicas to an autoscaler: an object is"
                + " created with what Git says, afterwards they are neither applied nor repaired,"
                + " and the live value stays.")
        @Nullable List<IgnoreFields> ignoreFields) {

  /** {@code spec.ref}. */
  public record Ref(
      @Size(max = SpecRules.MAX_REF)
          @ValidationRule(value = SpecRules.CEL_REF, message = SpecRules.REF_MESSAGE)
          @ValidationRule(value = SpecRules.CEL_SHORT_REF, message = SpecRules.SHORT_REF_MESSAGE)
          @JsonPropertyDescription("A branch by its short name, for example main.")
          @Nullable String branch,
      @Size(max = SpecRules.MAX_REF)
          @ValidationRule(value = SpecRules.CEL_REF, message = SpecRules.REF_MESSAGE)
          @ValidationRule(value = SpecRules.CEL_SHORT_REF, message = SpecRules.SHORT_REF_MESSAGE)
          @JsonPropertyDescription("A tag by its short name, for example v1.4.0.")
          @Nullable String tag,
      @Size(max = SpecRules.MAX_SEMVER)
          @ValidationRule(value = SpecRules.CEL_SEMVER, message = SpecRules.SEMVER_MESSAGE)
          @JsonPropertyDescription(
              "The tag with the newest version in a range, for example >=1.0.0 <2.0.0, 1.x or ~1.2:"
                  + " read as Flux and Helm do. Pre-releases count only where the range names one;"
                  + " tags that are no semantic version, with or without v, are passed over.")
          @Nullable String semver,
      @Size(max = SpecRules.MAX_REF)
          @ValidationRule(value = SpecRules.CEL_REF, message = SpecRules.REF_MESSAGE)
          @ValidationRule(value = SpecRules.CEL_FULL_REF, message = SpecRules.FULL_REF_MESSAGE)
          @JsonPropertyDescription(
              "Any ref by its full name, for example refs/pull/1/head or refs/merge-requests/1/head.")
          @Nullable String name,
      @Size(max = SpecRules.MAX_REF)
          @ValidationRule(value = SpecRules.CEL_COMMIT, message = SpecRules.COMMIT_MESSAGE)
          @JsonPropertyDescription(
              "One commit for good, by its full hash: 40 lower-case hex digits. The server must"
                  + " allow to fetch it.")
          @Nullable String commit) {}

  /** {@code spec.secretRef}, and others like it. */
  public record SecretRef(
      @Required
          @Size(max = SpecRules.MAX_SECRET_NAME)
          @ValidationRule(
              value = SpecRules.CEL_SECRET_NAME,
              message = SpecRules.SECRET_NAME_MESSAGE)
          @JsonPropertyDescription("The name of a Secret in the GitSync's namespace.")
          String name) {}

  /** {@code spec.webhook}. */
  public record Webhook(
      @Required
          @JsonPropertyDescription(
              "The Secret, in the GitSync's namespace, with the key token: at least 16 characters by"
                  + " chance, which are set at the Git host as the secret of the webhook.")
          SecretRef secretRef) {}

  /** {@code spec.verify}. */
  public record Verify(
      @Required
          @JsonPropertyDescription(
              "The Secret, in the GitSync's namespace, with the public keys: armored OpenPGP keys"
                  + " under *.asc, ssh keys or lines of an allowed_signers file under *.sshpub.")
          SecretRef secretRef) {}

  /** An item of {@code spec.dependsOn}. */
  public record Dependency(
      @Required
          @Size(max = SpecRules.MAX_NAME)
          @ValidationRule(value = SpecRules.CEL_SYNC_NAME, message = SpecRules.SYNC_NAME_MESSAGE)
          @JsonPropertyDescription("The name of a GitSync.")
          String name,
      @Size(max = SpecRules.MAX_NAMESPACE)
          @ValidationRule(value = SpecRules.CEL_NAMESPACE, message = SpecRules.NAMESPACE_MESSAGE)
          @JsonPropertyDescription(
              "Its namespace. Default: that of the GitSync that depends on it. An operator that was"
                  + " started with --no-cross-namespace-refs takes no other.")
          @Nullable String namespace) {}

  /** {@code spec.rollout}. */
  public record Rollout(
      @Default(SpecRules.DEFAULT_ROLLOUT_TIMEOUT)
          @Size(max = SpecRules.MAX_DURATION)
          @ValidationRule(value = SpecRules.CEL_DURATION, message = SpecRules.DURATION_MESSAGE)
          @ValidationRule(
              value = SpecRules.CEL_ROLLOUT_TIMEOUT,
              message = SpecRules.ROLLOUT_TIMEOUT_MESSAGE)
          @JsonPropertyDescription(
              "How long a commit may take to become healthy before the sync is reported as failed:"
                  + " a duration from 1s to 24h. It goes on waiting, and nothing is pruned"
                  + " meanwhile.")
          @Nullable String timeout,
      @Default(SpecRules.DEFAULT_ON_FAILURE)
          @JsonPropertyDescription(
              "What becomes of a commit whose changes are not healthy by then. Hold: it stays, and"
                  + " status says what to revert. Rollback: the last commit that was healthy is"
                  + " applied again, until a new commit comes; definitions, Namespaces, volumes and"
                  + " claims stay as they are, and finished Jobs are not run again.")
          @Nullable OnFailure onFailure) {}

  /** {@code spec.rollout.onFailure}. */
  public enum OnFailure {
    @JsonProperty("Hold")
    HOLD,
    @JsonProperty("Rollback")
    ROLLBACK
  }

  /** An item of {@code spec.ignoreFields}. */
  public record IgnoreFields(
      @JsonPropertyDescription(
              "The objects in question: those that match all that is said here. Default: all"
                  + " objects.")
          @Nullable Target target,
      @Required
          @Size(min = 1, max = SpecRules.MAX_IGNORED_PATHS)
          @ValidationRule(value = SpecRules.CEL_POINTERS, message = SpecRules.POINTER_MESSAGE)
          @ValidationRule(
              value = SpecRules.CEL_FREE_POINTERS,
              message = SpecRules.FREE_POINTER_MESSAGE)
          @JsonPropertyDescription(
              "The fields as JSON pointers, for example /spec/replicas; a number selects an item of"
                  + " the list as it stands in Git.")
          List<@Size(max = SpecRules.MAX_POINTER) String> paths) {}

  /** {@code target} of an item of {@code spec.ignoreFields}. */
  public record Target(
      @Size(max = SpecRules.MAX_GROUP)
          @JsonPropertyDescription(
              "The API group, for example apps; empty for the core group. Default: any.")
          @Nullable String group,
      @Size(max = SpecRules.MAX_KIND)
          @JsonPropertyDescription("The kind, for example Deployment. Default: any.")
          @Nullable String kind,
      @Size(max = SpecRules.MAX_OBJECT_NAME)
          @JsonPropertyDescription("The object's name. Default: any.")
          @Nullable String name,
      @Size(max = SpecRules.MAX_NAMESPACE)
          @JsonPropertyDescription("The object's namespace. Default: any.")
          @Nullable String namespace) {}

  /** {@code spec.mode}. */
  public enum Mode {
    @JsonProperty("Apply")
    APPLY,
    @JsonProperty("Plan")
    PLAN
  }

  /** {@code spec.deletionPolicy}. */
  public enum Deletion {
    @JsonProperty("MirrorPrune")
    MIRROR_PRUNE,
    @JsonProperty("Orphan")
    ORPHAN
  }
}
