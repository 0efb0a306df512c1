/**
 * The life of a commit: one class for each kind of work, each of which gathers facts, decides in a
 * pure function, acts and reports. It must not talk to Git or the API server but through {@code
 * git} and {@code cluster}.
 */
@NullMarked
package dev.fairlead.reconcile;

import org.jspecify.annotations.NullMarked;
