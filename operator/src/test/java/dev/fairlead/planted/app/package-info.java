/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.app;

import org.jspecify.annotations.NullMarked;
