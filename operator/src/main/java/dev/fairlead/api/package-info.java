/**
 * The GitSync resource: its CRD as types, its conversion to and from the model's records, and the
 * patches that the operator writes to it. It must not talk to the API server, decide anything about
 * a sync, or let a malformed resource throw.
 */
@NullMarked
package dev.fairlead.api;

import org.jspecify.annotations.NullMarked;
