package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How patiently drift of one object is repaired. The first drift is repaired at once; each further
 * repair waits longer after the one before it, up to {@link #QUIET}. After {@link
 * #CONTESTED_REPAIRS} repairs within {@link #QUIET} the object is contested, until no drift was
 * seen for {@link #QUIET} after a repair; then everything is forgotten.
 *
 * <p>Immutable and bounded: it remembers the times of five repairs and at most {@link #MAX_RIVALS}
 * names.
 *
 * @param count repairs since it was calm
 * @param recent when the last repairs were, oldest first
 * @param rivals who took fields since it was calm, sorted
 * @param due when drift that was seen is to be repaired
 * @param contested whether it has been contested since it was calm
 */
public record Damping(
    int count,
    List<Instant> recent,
    List<String> rivals,
    Optional<Instant> due,
    boolean contested) {
  public static final Duration QUIET = Duration.ofMinutes(10);
  public static final int CONTESTED_REPAIRS = 5;
  public static final int MAX_RIVALS = 5;

  /** Nothing has happened, or nothing for so long that it does not count. */
  public static final Damping CALM = new Damping(0, List.of(), List.of(), Optional.empty(), false);

  /** After a repair, before the next one. */
  private static final List<Duration> PAUSES =
      List.of(
          Duration.ZERO,
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(60),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          QUIET);

  public Damping {
    if (count < 0) {
      throw new IllegalArgumentException("repairs are never negative");
    }
    recent = List.copyOf(recent);
    rivals = List.copyOf(rivals);
    requireNonNull(due);
  }

  /**
   * Drift was seen; {@link #due} then says when to repair it. Further drift until then changes
   * nothing: one repair mends it all.
   */
  public Damping drifted(Instant now) {
    if (due.isPresent()) {
      return this;
    }
    Damping base = calmed(now);
    Duration pause = PAUSES.get(Math.min(base.count, PAUSES.size() - 1));
    Instant earliest = base.lastRepair().map(last -> last.plus(pause)).orElse(now);
    // A clock that was set back must not put the repair off for longer.
    Instant latest = now.plus(pause);
    Instant bounded = earliest.isBefore(latest) ? earliest : latest;
    Instant at = bounded.isAfter(now) ? bounded : now;
    return new Damping(base.count, base.recent, base.rivals, Optional.of(at), base.contested);
  }

  /**
   * A repair wrote. One that found nothing to write is no repair: call {@link #spared} for it.
   *
   * @param by who had taken the fields; may be empty
   */
  public Damping repaired(Instant now, List<String> by) {
    List<Instant> times = new ArrayList<>();
    for (Instant time : recent) {
      if (time.isAfter(now.minus(QUIET))) {
        times.add(time);
      }
    }
    times.add(now);
    if (times.size() > CONTESTED_REPAIRS) {
      times.removeFirst();
    }
    TreeSet<String> names = new TreeSet<>(rivals);
    names.addAll(by);
    return new Damping(
        count + 1,
        times,
        names.stream().limit(MAX_RIVALS).toList(),
        Optional.empty(),
        contested || times.size() >= CONTESTED_REPAIRS);
  }

  /** What was due turned out to be no drift. */
  public Damping spared() {
    return new Damping(count, recent, rivals, Optional.empty(), contested);
  }

  /** {@link #CALM} once it has been quiet for long enough, else this. */
  public Damping calmed(Instant now) {
    return calmAt().filter(at -> !now.isBefore(at)).isPresent() ? CALM : this;
  }

  /** When it will be calm, if no drift is seen until then. */
  public Optional<Instant> calmAt() {
    return due.isPresent() ? Optional.empty() : lastRepair().map(last -> last.plus(QUIET));
  }

  /**
   * What to tell people of a contested object; names both sides, and what they quarrel about.
   *
   * @param ours our field manager
   * @param fields what was taken last, in words as {@link FieldSet#paths} has them
   */
  public Optional<String> contest(String ours, List<String> fields) {
    if (!contested) {
      return Optional.empty();
    }
    String others = rivals.isEmpty() ? "someone who cannot be named" : String.join(" and ", rivals);
    List<String> named = fields.stream().limit(MAX_RIVALS).toList();
    return Optional.of(
        others
            + " and "
            + ours
            + " keep changing the same fields"
            + (named.isEmpty() ? "" : " (" + String.join(", ", named) + ")")
            + ": repaired "
            + count
            + " times, from now on less often; stop the one, or "
            + remedy(named));
  }

  private static String remedy(List<String> fields) {
    List<String> pointers = fields.stream().flatMap(f -> pointer(f).stream()).toList();
    return pointers.isEmpty() || pointers.size() < fields.size()
        ? "take the fields out of Git"
        : "leave the fields to it with the annotation "
            + Labels.IGNORE_FIELDS
            + ": "
            + String.join(",", pointers);
  }

  /** The JSON pointer of a field; absent where it is in an item of a list. */
  private static Optional<String> pointer(String words) {
    StringBuilder pointer = new StringBuilder();
    for (String part : words.split("(?=\\[)|(?<=\\])", -1)) {
      if (part.startsWith("[")) {
        String name = part.substring(1, part.length() - (part.endsWith("]") ? 1 : 0));
        if (name.contains("=") || JsonPointer.index(name) >= 0) {
          return Optional.empty();
        }
        pointer.append(new JsonPointer(List.of(name)));
      } else if (!part.isEmpty()) {
        String plain = part.startsWith(".") ? part.substring(1) : part;
        pointer.append(new JsonPointer(List.of(plain.split("\\.", -1))));
      }
    }
    return Optional.of(pointer.toString());
  }

  private Optional<Instant> lastRepair() {
    return recent.isEmpty() ? Optional.empty() : Optional.of(recent.getLast());
  }
}
