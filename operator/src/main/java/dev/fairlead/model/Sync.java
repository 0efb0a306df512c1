package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

/** One GitSync as it was last seen: what identifies it, what it asks for, what it reports. */
public record Sync(SyncMetadata metadata, SyncSpec spec, SyncStatus status) {
  public Sync {
    requireNonNull(metadata);
    requireNonNull(spec);
    requireNonNull(status);
  }

  public SyncKey key() {
    return metadata.key();
  }

  public String uid() {
    return metadata.uid();
  }

  public String resourceVersion() {
    return metadata.resourceVersion();
  }

  public long generation() {
    return metadata.generation();
  }

  public boolean deleting() {
    return metadata.deleting();
  }

  public boolean hasFinalizer() {
    return metadata.hasFinalizer();
  }

  public Sync withStatus(SyncStatus other) {
    return new Sync(metadata, spec, other);
  }
}
