/** The rules that hold between packages, and the proof that they bite. */
@NullMarked
package dev.fairlead.architecture;

import org.jspecify.annotations.NullMarked;
