/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.runtime;

import org.jspecify.annotations.NullMarked;
