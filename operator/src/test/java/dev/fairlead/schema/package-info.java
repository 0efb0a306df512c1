/** Tests of {@code dev.fairlead.schema}. */
@NullMarked
package dev.fairlead.schema;

import org.jspecify.annotations.NullMarked;
