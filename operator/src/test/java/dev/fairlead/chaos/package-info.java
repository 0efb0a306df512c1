/**
 * The test that tries to break it: random commits, live edits and faults, and after each pause the
 * question whether the cluster holds what Git says. What Git says is computed here from the commits
 * that were made, not by Fairlead's code.
 */
@NullMarked
package dev.fairlead.chaos;

import org.jspecify.annotations.NullMarked;
