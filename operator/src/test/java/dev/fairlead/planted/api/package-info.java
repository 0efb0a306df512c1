/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.api;

import org.jspecify.annotations.NullMarked;
