/**
 * The only package that talks to the API server: reads, writes, watches and discovery. It must not
 * decide what should be in the cluster.
 */
@NullMarked
package dev.fairlead.cluster;

import org.jspecify.annotations.NullMarked;
