/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.reconcile;

import org.jspecify.annotations.NullMarked;
