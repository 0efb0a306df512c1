/**
 * The decisions about objects: what a commit changes, in which stages, what is pruned and when that
 * needs approval, what is drift. Pure: it is given everything it may know and must not ask anyone.
 */
@NullMarked
package dev.fairlead.plan;

import org.jspecify.annotations.NullMarked;
