package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.Optional;

/**
 * Something that will become a problem, or that is not done as its author may expect. It keeps
 * nothing from being applied.
 *
 * @param object absent when no single object is concerned
 * @param origin where the cause is written
 * @param message for people, without place and object; nothing of a Secret is in it
 */
public record Warning(Optional<ObjectKey> object, Origin origin, String message)
    implements Comparable<Warning> {
  private static final Comparator<Warning> ORDER =
      Comparator.comparing((Warning w) -> w.origin.file())
          .thenComparingInt(w -> w.origin.line())
          .thenComparing(w -> w.object.map(ObjectKey::toString).orElse(""))
          .thenComparing(Warning::message);

  public Warning {
    requireNonNull(object);
    requireNonNull(origin);
    if (message.isBlank()) {
      throw new IllegalArgumentException("a warning says something");
    }
  }

  public static Warning of(ObjectKey object, Origin origin, String message) {
    return new Warning(Optional.of(object), origin, message);
  }

  /** By place. */
  @Override
  public int compareTo(Warning other) {
    return ORDER.compare(this, other);
  }

  /** As status has it: {@code deploy/web.yaml:21: Deployment portfolio/web: ...}. */
  @Override
  public String toString() {
    String place = origin.file().isEmpty() ? "" : origin + ": ";
    return place + object.map(o -> o + ": ").orElse("") + message;
  }
}
