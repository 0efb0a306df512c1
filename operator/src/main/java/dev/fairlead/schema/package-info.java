/**
 * Knows what the fields of every kind are, in a compact form of the server's OpenAPI and of custom
 * resource definitions, and tells everything that is wrong with a manifest by it. It must not fetch
 * anything, nor keep the documents that it was compiled from.
 */
@NullMarked
package dev.fairlead.schema;

import org.jspecify.annotations.NullMarked;
