/** Tests of the decisions. They must not need a cluster. */
@NullMarked
package dev.fairlead.plan;

import org.jspecify.annotations.NullMarked;
