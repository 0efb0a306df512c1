/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.health;

import org.jspecify.annotations.NullMarked;
