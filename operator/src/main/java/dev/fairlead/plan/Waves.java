package dev.fairlead.plan;

import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which part of a change is written now, and which only when that is healthy.
 *
 * <p>An object is of the wave that its annotation {@link Labels#WAVE} says, of wave 0 without one.
 * Namespaces and CustomResourceDefinitions without one come with the first wave of the change,
 * whichever that is: what others are made of or live in has nothing to wait for.
 *
 * @param wave the lowest one of the change
 * @param now its objects, in the order of the change
 * @param later those of higher waves
 */
public record Waves(int wave, List<DesiredObject> now, List<DesiredObject> later) {
  public Waves {
    now = List.copyOf(now);
    later = List.copyOf(later);
  }

  public static Waves of(List<DesiredObject> change) {
    return of(change, List.of());
  }

  /**
   * @param awaited what was written before and is not healthy yet: nothing of a higher wave is
   *     written before it is
   */
  public static Waves of(List<DesiredObject> change, Collection<DesiredObject> awaited) {
    int wave =
        Stream.concat(change.stream(), awaited.stream())
            .flatMap(o -> waveOf(o).stream())
            .min(Integer::compare)
            .orElse(0);
    List<DesiredObject> now = new ArrayList<>();
    List<DesiredObject> later = new ArrayList<>();
    for (DesiredObject object : change) {
      (waveOf(object).orElse(wave) <= wave ? now : later).add(object);
    }
    return new Waves(wave, now, later);
  }

  /** Empty for what comes with the first wave. */
  public static Optional<Integer> waveOf(DesiredObject object) {
    Optional<Integer> said = object.treatment().wave();
    return said.isPresent() || Stages.isDefinition(object.key().groupKind())
        ? said
        : Optional.of(0);
  }

  /**
   * The first object of a change that an object of a lower wave cannot do without: it would wait
   * for ever.
   *
   * @param needs what the object cannot be written without
   */
  public static Optional<DesiredObject> tooLate(
      DesiredObject object, Set<ObjectKey> needs, Collection<DesiredObject> change) {
    Map<ObjectKey, DesiredObject> byKey = new HashMap<>();
    change.forEach(o -> byKey.put(o.key(), o));
    int first = change.stream().flatMap(o -> waveOf(o).stream()).min(Integer::compare).orElse(0);
    int wave = waveOf(object).orElse(first);
    return needs.stream()
        .sorted()
        .flatMap(key -> Optional.ofNullable(byKey.get(key)).stream())
        .filter(other -> waveOf(other).orElse(first) > wave)
        .findFirst();
  }
}
