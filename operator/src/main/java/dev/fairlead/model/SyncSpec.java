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
 * @param interval how often Git is looked at
 * @param fetchTimeout bounds one Git operation
 * @param secretName the Secret in the GitSync's namespace that holds the Git credentials
 * @param serviceAccountName the ServiceAccount in the GitSync's namespace that its objects are
 *     written as
 * @param defaultNamespace for objects that name no namespace
 * @param prune whether what leaves Git is deleted; otherwise it is released
 * @param maxPrune the most that one commit may prune without approval
 * @param deletionPolicy what happens to the objects when the GitSync is deleted
 * @param suspend whether the sync is paused
 * @param rolloutTimeout how long a change may take to become healthy
 * @param ignoreFields what is left to others
 */
public record SyncSpec(
    String url,
    RefSelector ref,
    String path,
    Duration interval,
    Duration fetchTimeout,
    Optional<String> secretName,
    Optional<String> serviceAccountName,
    Optional<String> defaultNamespace,
    boolean prune,
    MaxPrune maxPrune,
    DeletionPolicy deletionPolicy,
    boolean suspend,
    Duration rolloutTimeout,
    List<IgnoreRule> ignoreFields) {
  public SyncSpec {
    requireNonNull(url);
    requireNonNull(ref);
    requireNonNull(path);
    requireNonNull(interval);
    requireNonNull(fetchTimeout);
    requireNonNull(secretName);
    requireNonNull(serviceAccountName);
    requireNonNull(defaultNamespace);
    requireNonNull(maxPrune);
    requireNonNull(deletionPolicy);
    requireNonNull(rolloutTimeout);
    ignoreFields = List.copyOf(ignoreFields);
  }
}
