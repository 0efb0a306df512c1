/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.schema;

import org.jspecify.annotations.NullMarked;
