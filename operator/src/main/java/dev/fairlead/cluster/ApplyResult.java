package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.plan.Live;
import java.util.List;

/**
 * The answer to an apply.
 *
 * @param live the object after it, without its content
 * @param created whether it was not there before
 * @param warnings for people: deprecated versions, fields without effect
 */
public record ApplyResult(Live live, boolean created, List<String> warnings) {
  public ApplyResult {
    requireNonNull(live);
    warnings = List.copyOf(warnings);
  }
}
