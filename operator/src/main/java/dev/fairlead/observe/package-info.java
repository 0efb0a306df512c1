/**
 * What Fairlead shows of itself: meters and logs. It must not decide anything, nor know where the
 * figures come from: others tell it through the listeners of {@code model}.
 */
@NullMarked
package dev.fairlead.observe;

import org.jspecify.annotations.NullMarked;
