/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.render;

import org.jspecify.annotations.NullMarked;
