package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the API server says about a GitSync, apart from what it wants and how it is.
 *
 * @param uid tells it from an earlier GitSync of the same name
 * @param resourceVersion of the write that led to this
 * @param generation counts changes of the spec
 * @param deleting whether it is waiting for its finalizers
 * @param finalizers all of them, also others'
 * @param labels those of Fairlead and ApplySet; others are left out
 * @param annotations those of Fairlead and ApplySet; others are left out
 */
public record SyncMetadata(
    SyncKey key,
    String uid,
    String resourceVersion,
    long generation,
    boolean deleting,
    List<String> finalizers,
    Map<String, String> labels,
    Map<String, String> annotations) {
  public SyncMetadata {
    requireNonNull(key);
    requireNonNull(uid);
    requireNonNull(resourceVersion);
    finalizers = List.copyOf(finalizers);
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }

  /** Whether a deletion waits for us. */
  public boolean hasFinalizer() {
    return finalizers.contains(Labels.FINALIZER);
  }

  /** The value of {@code fairlead.dev/requested-at}, whatever it is. */
  public Optional<String> requestedAt() {
    return Optional.ofNullable(annotations.get(Labels.REQUESTED_AT));
  }

  /** The digest that {@code fairlead.dev/approve-prune} approves. */
  public Optional<String> approvedPrune() {
    return Optional.ofNullable(annotations.get(Labels.APPROVE_PRUNE));
  }
}
