/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.cli;

import org.jspecify.annotations.NullMarked;
