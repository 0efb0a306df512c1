/**
 * The names and values that everything else speaks in: objects, revisions, syncs, conditions and a
 * JSON tree that remembers its lines. It must not touch the network, files, the environment or the
 * clock, and depends on the JDK alone.
 */
@NullMarked
package dev.fairlead.model;

import org.jspecify.annotations.NullMarked;
