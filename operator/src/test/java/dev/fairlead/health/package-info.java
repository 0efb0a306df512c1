/** Tests of the health rules, alone and against kstatus. They must not need a cluster. */
@NullMarked
package dev.fairlead.health;

import org.jspecify.annotations.NullMarked;
