/**
 * The decisions: what a sync creates, updates and prunes, in which order, and what counts as drift.
 * It must not touch the network, files, the environment or the clock: facts come in, values go out.
 */
@NullMarked
package dev.fairlead.plan;

import org.jspecify.annotations.NullMarked;
