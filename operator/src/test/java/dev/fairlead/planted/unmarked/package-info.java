/** Is in no layer and not null-marked, on purpose. */
@NullUnmarked
package dev.fairlead.planted.unmarked;

import org.jspecify.annotations.NullUnmarked;
