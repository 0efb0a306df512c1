/** Tests of what is served, asked by a real client over loopback. */
@NullMarked
package dev.fairlead.web;

import org.jspecify.annotations.NullMarked;
