/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.plan;

import org.jspecify.annotations.NullMarked;
