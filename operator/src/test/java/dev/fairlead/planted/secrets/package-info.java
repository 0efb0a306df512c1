/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.secrets;

import org.jspecify.annotations.NullMarked;
