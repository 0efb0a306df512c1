/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.manifest;

import org.jspecify.annotations.NullMarked;
