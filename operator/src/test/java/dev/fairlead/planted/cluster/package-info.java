/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.cluster;

import org.jspecify.annotations.NullMarked;
