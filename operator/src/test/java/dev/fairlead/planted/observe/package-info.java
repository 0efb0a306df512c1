/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.observe;

import org.jspecify.annotations.NullMarked;
