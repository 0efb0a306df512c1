/**
 * The verbs that people type, {@code fairlead status} and its like: what they read, ask and print.
 * It must not decide what belongs into the cluster, which the daemon does.
 */
@NullMarked
package dev.fairlead.cli;

import org.jspecify.annotations.NullMarked;
