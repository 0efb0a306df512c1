/** Tests of names and values. */
@NullMarked
package dev.fairlead.model;

import org.jspecify.annotations.NullMarked;
