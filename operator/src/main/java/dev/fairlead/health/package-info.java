/**
 * Judges how one live object is, by kstatus' rules, and when a change of that is worth telling. It
 * must not fetch anything, hold objects or know which of them belong together.
 */
@NullMarked
package dev.fairlead.health;

import org.jspecify.annotations.NullMarked;
