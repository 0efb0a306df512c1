/** Breaks rules on purpose. */
@NullMarked
package dev.fairlead.planted.web;

import org.jspecify.annotations.NullMarked;
