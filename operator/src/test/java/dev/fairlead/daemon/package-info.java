/**
 * Tests of the whole daemon as a process of its own, against a real API server and a real Git
 * server. They must look at it only as people do: through the cluster, its log and its listener.
 */
@NullMarked
package dev.fairlead.daemon;

import org.jspecify.annotations.NullMarked;
