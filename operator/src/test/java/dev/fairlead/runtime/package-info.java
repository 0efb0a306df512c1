/** Tests of the engine, with time that is moved by hand. */
@NullMarked
package dev.fairlead.runtime;

import org.jspecify.annotations.NullMarked;
