package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.plan.Live;
import java.util.List;

/**
 * An object as it is, or as it would be after a write, with its content: not to be kept or shown as
 * it is, since it may be a Secret.
 *
 * @param live what is known of it without its content
 * @param object all of it
 * @param created whether it is not there yet
 * @param warnings for people
 */
public record DryRun(Live live, Json.Obj object, boolean created, List<String> warnings) {
  public DryRun {
    requireNonNull(live);
    requireNonNull(object);
    warnings = List.copyOf(warnings);
  }

  /** Says whose content it holds, never what. */
  @Override
  public String toString() {
    return "dry run of " + live.key();
  }
}
