package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a GitSync asks for, with every default filled in.
 *
 * @param url where the repository is, without credentials
 * @param ref which commit is followed
 * @param path the folder in the repository, without leading or trailing slash; empty for the root
 * @param submodules whether submodules below the path are fetched; otherwise they are an error
 * @param ignore lines in gitignore's syntax, which say what below the path is not read
 * @param interval how often Git is looked at
 * @param fetchTimeout bounds one Git operation
 * @param secretName the Secret in the GitSync's namespace that holds the Git credentials
 * @param proxySecret the Secret in the GitSync's namespace that holds the proxy to Git; absent:
 *     there is none
 * @param webhookSecret the Secret in the GitSync's namespace that holds the token of its webhook
 * @param verifySecret the Secret in the GitSync's namespace that holds the keys of those whose
 *     signature a commit has to carry; absent: it needs none
 * @param serviceAccountName the ServiceAccount in the GitSync's namespace that its objects are
 *     written as
 * @param defaultNamespace for objects that name no namespace
 * @param mode whether commits are applied, or only what they would change is told
 * @param prune whether what leaves Git is deleted; otherwise it is released
 * @param maxPrune the most that one commit may prune without approval
 * @param deletionPolicy what happens to the objects when the GitSync is deleted
 * @param suspend whether the sync is paused
 * @param dependsOn the GitSyncs that have to be Ready before a commit is applied
 * @param rolloutTimeout how long a change may take to become healthy
 * @param onFailure what becomes of a commit that is not healthy by then
 * @param ignoreFields what is left to others
 */
public record SyncSpec(
    String url,
    RefSelector ref,
    String path,
    boolean submodules,
    List<String> ignore,
    Duration interval,
    Duration fetchTimeout,
    Optional<String> secretName,
    Optional<String> proxySecret,
    Optional<String> webhookSecret,
    Optional<String> verifySecret,
    Optional<String> serviceAccountName,
    Optional<String> defaultNamespace,
    Mode mode,
    boolean prune,
    MaxPrune maxPrune,
    DeletionPolicy deletionPolicy,
    boolean suspend,
    List<SyncKey> dependsOn,
    Duration rolloutTimeout,
    OnFailure onFailure,
    List<IgnoreRule> ignoreFields) {
  /** {@code spec.mode}. */
  public enum Mode {
    APPLY("Apply"),
    /** Nothing is written; what would change is told. */
    PLAN("Plan");

    private final String text;

    Mode(String text) {
      this.text = text;
    }

    /** As it is written in the spec. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** {@code spec.rollout.onFailure}. */
  public enum OnFailure {
    /** The commit stays. */
    HOLD("Hold"),
    /** The last good commit is applied again. */
    ROLLBACK("Rollback");

    private final String text;

    OnFailure(String text) {
      this.text = text;
    }

    /** As it is written in the spec. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** Whether anything but status and events is written for it. */
  public boolean acts() {
    return !suspend && mode == Mode.APPLY;
  }

  public SyncSpec {
    requireNonNull(url);
    requireNonNull(ref);
    requireNonNull(path);
    ignore = List.copyOf(ignore);
    requireNonNull(interval);
    requireNonNull(fetchTimeout);
    requireNonNull(secretName);
    requireNonNull(proxySecret);
    requireNonNull(webhookSecret);
    requireNonNull(verifySecret);
    requireNonNull(serviceAccountName);
    requireNonNull(defaultNamespace);
    requireNonNull(mode);
    requireNonNull(maxPrune);
    requireNonNull(deletionPolicy);
    dependsOn = List.copyOf(dependsOn);
    requireNonNull(rolloutTimeout);
    requireNonNull(onFailure);
    ignoreFields = List.copyOf(ignoreFields);
  }
}
