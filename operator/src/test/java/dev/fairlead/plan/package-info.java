/** Tests of the pure decisions. */
@NullMarked
package dev.fairlead.plan;

import org.jspecify.annotations.NullMarked;
