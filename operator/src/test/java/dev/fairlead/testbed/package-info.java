/**
 * The real things that tests run against: a Kubernetes control plane and a Git server, each with
 * switchable faults. Nothing here knows Fairlead's own code but its JSON, and nothing here
 * pretends: what answers is the real API server and real Git.
 */
@NullMarked
package dev.fairlead.testbed;

import org.jspecify.annotations.NullMarked;
