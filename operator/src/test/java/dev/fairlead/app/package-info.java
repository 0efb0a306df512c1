/** Tests of the settings: their flags, environment variables, defaults and documentation. */
@NullMarked
package dev.fairlead.app;

import org.jspecify.annotations.NullMarked;
