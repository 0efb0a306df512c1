/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.model;

import org.jspecify.annotations.NullMarked;
