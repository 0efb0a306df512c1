/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.git;

import org.jspecify.annotations.NullMarked;
