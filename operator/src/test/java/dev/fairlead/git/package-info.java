/** Mirrors against a real Git server in this process, over real HTTP on loopback. */
@NullMarked
package dev.fairlead.git;

import org.jspecify.annotations.NullMarked;
