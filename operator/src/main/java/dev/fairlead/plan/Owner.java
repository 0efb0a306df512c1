package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * One entry of {@code managedFields}: who wrote to an object, how, and which fields are theirs now.
 *
 * @param manager for example {@code kubectl-edit}
 * @param applied whether by server-side apply, otherwise by an update
 * @param subresource for example {@code status}; empty for the object itself
 * @param time of the last change of the entry, to the second; an entry may lack it
 */
public record Owner(
    String manager, boolean applied, String subresource, Optional<Instant> time, FieldSet fields) {
  public Owner {
    requireNonNull(manager);
    requireNonNull(subresource);
    requireNonNull(time);
    requireNonNull(fields);
  }
}
