/** Code that breaks every rule of the architecture, to prove that the rules bite. */
@NullMarked
package dev.fairlead.planted;

import org.jspecify.annotations.NullMarked;
