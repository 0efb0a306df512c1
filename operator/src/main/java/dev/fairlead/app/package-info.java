/**
 * The entry point, the settings and the wiring of everything else, by hand. It must not decide
 * anything about a sync.
 */
@NullMarked
package dev.fairlead.app;

import org.jspecify.annotations.NullMarked;
