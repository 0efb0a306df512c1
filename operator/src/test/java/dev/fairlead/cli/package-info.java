/** Tests of the command line's pure parts. */
@NullMarked
package dev.fairlead.cli;

import org.jspecify.annotations.NullMarked;
