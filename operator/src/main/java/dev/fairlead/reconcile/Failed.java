package dev.fairlead.reconcile;

import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.Optional;

/**
 * Why the last attempt failed.
 *
 * @param retryAt when it may be repeated; absent when only a new commit or spec can help
 * @param attempts how often in a row
 */
record Failed(
    Target target, StatusReport.Failure failure, Optional<Instant> retryAt, int attempts) {}
