/** Tests of the wire to the API server, most of them against a real one. */
@NullMarked
package dev.fairlead.cluster;

import org.jspecify.annotations.NullMarked;
