/**
 * Turns the bytes of a repository's files into manifests that know the line of every field. It must
 * not read files or ask a server: bytes come in, values and problems go out.
 */
@NullMarked
package dev.fairlead.manifest;

import org.jspecify.annotations.NullMarked;
