/**
 * Tests of reading, checking and ordering manifests. They must not need a cluster, only kubectl.
 */
@NullMarked
package dev.fairlead.manifest;

import org.jspecify.annotations.NullMarked;
