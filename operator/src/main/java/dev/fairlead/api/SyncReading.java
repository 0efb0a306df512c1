package dev.fairlead.api;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import java.util.List;

/** What a GitSync of the API server turned out to be. */
public sealed interface SyncReading {
  SyncMetadata metadata();

  SyncStatus status();

  /** A GitSync that can be worked with. */
  record Valid(Sync sync) implements SyncReading {
    public Valid {
      requireNonNull(sync);
    }

    @Override
    public SyncMetadata metadata() {
      return sync.metadata();
    }

    @Override
    public SyncStatus status() {
      return sync.status();
    }
  }

  /**
   * A GitSync whose spec our schema would have refused: it was written under another CRD than ours.
   *
   * @param problems at least one; each begins with the field, as in {@code spec.interval: must be
   *     ...}
   */
  record Malformed(SyncMetadata metadata, SyncStatus status, List<String> problems)
      implements SyncReading {
    public Malformed {
      requireNonNull(metadata);
      requireNonNull(status);
      problems = List.copyOf(problems);
    }
  }
}
