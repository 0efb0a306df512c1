package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.manifest.Finding;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.IgnoreRule;
import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * How an object is treated, other than every object is: by its annotations in Git, by those that
 * somebody set in the cluster, and by what the sync's spec says.
 *
 * @param reconcile whether it is kept as Git says
 * @param replaceable whether it may be deleted and created again
 * @param ignored fields that are left to others, sorted
 * @param wave when it is applied, if Git says so
 */
public record Treatment(
    Reconcile reconcile, boolean replaceable, List<JsonPointer> ignored, Optional<Integer> wave) {
  /** Like every object. */
  public static final Treatment PLAIN = new Treatment(Reconcile.ALWAYS, false, List.of());

  private static final String ENABLED = "enabled";
  private static final String DISABLED = "disabled";
  private static final String CREATE_ONLY = "create-only";
  private static final String ALLOWED = "allowed";
  private static final Pattern WAVE = Pattern.compile("-?[0-9]{1,6}");

  /** Whether an object is kept as Git says; the later, the less is done. */
  public enum Reconcile {
    ALWAYS,
    /** Created where it is missing, and then left alone. */
    CREATE_ONLY,
    /** Neither created nor changed nor pruned. */
    NEVER
  }

  public Treatment {
    requireNonNull(reconcile);
    ignored = List.copyOf(new TreeSet<>(ignored));
    requireNonNull(wave);
  }

  /** Of an object that is of no wave in particular. */
  public Treatment(Reconcile reconcile, boolean replaceable, List<JsonPointer> ignored) {
    this(reconcile, replaceable, ignored, Optional.empty());
  }

  /** What an annotation says that Fairlead does not know, and what it could say. */
  record Unknown(String annotation, String message) {}

  /**
   * As Git has it.
   *
   * @param findings where annotations that say nothing known are added, with their lines
   */
  public static Treatment of(Manifest manifest, List<IgnoreRule> rules, List<Finding> findings) {
    Map<String, Json> annotations =
        manifest
            .body()
            .object("metadata")
            .flatMap(m -> m.object("annotations"))
            .orElse(Json.Obj.empty())
            .members();
    Map<String, String> said = new java.util.HashMap<>();
    annotations.forEach((key, value) -> {
      if (value instanceof Json.Str text) {
        said.put(key, text.value());
      }
    });
    List<Unknown> unknown = new ArrayList<>();
    Treatment treatment = read(said, unknown);
    Optional<Integer> wave = wave(said, unknown);
    for (Unknown u : unknown) {
      Json at = annotations.get(u.annotation());
      findings.add(
          new Finding(
              manifest.origin().atLine(at == null ? manifest.origin().line() : at.line()),
              manifest.key() + ": " + u.message()));
    }
    List<JsonPointer> ignored = new ArrayList<>(treatment.ignored);
    rules.stream().filter(r -> r.matches(manifest.key())).forEach(r -> ignored.addAll(r.paths()));
    Treatment all = new Treatment(treatment.reconcile, treatment.replaceable, ignored, wave);
    return all.equals(PLAIN) ? PLAIN : all;
  }

  /**
   * The same, and what others say in the cluster.
   *
   * @param said annotations of the live object that are not from Git
   */
  public Treatment with(Map<String, String> said) {
    if (said.isEmpty()) {
      return this;
    }
    Treatment live = read(said, new ArrayList<>());
    List<JsonPointer> all = new ArrayList<>(ignored);
    all.addAll(live.ignored);
    return new Treatment(
        reconcile.compareTo(live.reconcile) >= 0 ? reconcile : live.reconcile,
        replaceable || live.replaceable,
        all,
        wave);
  }

  /** What of these annotations says nothing that is known, in words for people. */
  public static List<String> unknown(Map<String, String> said) {
    List<Unknown> unknown = new ArrayList<>();
    read(said, unknown);
    return unknown.stream().map(Unknown::message).toList();
  }

  /**
   * Whether nothing is to be done about the object.
   *
   * @param there whether it is in the cluster
   */
  public boolean leavesAlone(boolean there) {
    return switch (reconcile) {
      case ALWAYS -> false;
      case CREATE_ONLY -> there;
      case NEVER -> true;
    };
  }

  private static Treatment read(Map<String, String> said, List<Unknown> unknown) {
    Reconcile reconcile =
        switch (said.getOrDefault(Labels.RECONCILE, ENABLED).strip()) {
          case ENABLED -> Reconcile.ALWAYS;
          case CREATE_ONLY -> Reconcile.CREATE_ONLY;
          case DISABLED -> Reconcile.NEVER;
          default -> {
            unknown.add(unknown(said, Labels.RECONCILE, "disabled or create-only"));
            yield Reconcile.ALWAYS;
          }
        };
    switch (said.getOrDefault(Labels.PRUNE, ENABLED).strip()) {
      case ENABLED, DISABLED -> {}
      default -> unknown.add(unknown(said, Labels.PRUNE, DISABLED));
    }
    boolean replaceable = said.getOrDefault(Labels.REPLACE, "").strip().equals(ALLOWED);
    if (!replaceable && said.containsKey(Labels.REPLACE)) {
      unknown.add(unknown(said, Labels.REPLACE, ALLOWED));
    }
    List<JsonPointer> ignored = new ArrayList<>();
    Optional.ofNullable(said.get(Labels.IGNORE_FIELDS))
        .ifPresent(text -> pointers(text, ignored, unknown));
    return new Treatment(reconcile, replaceable, ignored);
  }

  /** Only Git says when an object is applied. */
  private static Optional<Integer> wave(Map<String, String> said, List<Unknown> unknown) {
    String text = said.getOrDefault(Labels.WAVE, "").strip();
    if (WAVE.matcher(text).matches()) {
      return Optional.of(Integer.parseInt(text));
    }
    if (said.containsKey(Labels.WAVE)) {
      unknown.add(
          unknown(said, Labels.WAVE, "a whole number from -999999 to 999999, in quotes: \"-1\""));
    }
    return Optional.empty();
  }

  private static void pointers(String text, List<JsonPointer> ignored, List<Unknown> unknown) {
    for (String part : text.split(",", -1)) {
      Optional<JsonPointer> pointer = JsonPointer.parse(part.strip());
      if (pointer.isEmpty()) {
        unknown.add(
            new Unknown(
                Labels.IGNORE_FIELDS,
                "the annotation %s says \"%s\", which is no JSON pointer: write /spec/replicas, with ~1 for a / and ~0 for a ~ within a name, and commas between"
                    .formatted(Labels.IGNORE_FIELDS, shown(part.strip()))));
      } else if (IgnoreRule.isReserved(pointer.get())) {
        unknown.add(
            new Unknown(
                Labels.IGNORE_FIELDS,
                "the annotation %s says \"%s\", which Fairlead cannot do without: it says what the object is, or whose"
                    .formatted(Labels.IGNORE_FIELDS, pointer.get())));
      } else {
        ignored.add(pointer.get());
      }
    }
  }

  private static Unknown unknown(Map<String, String> said, String annotation, String known) {
    return new Unknown(
        annotation,
        "the annotation %s says \"%s\"; it can say %s"
            .formatted(annotation, shown(said.getOrDefault(annotation, "")), known));
  }

  private static String shown(String text) {
    return text.length() <= 60 ? text : text.substring(0, 59) + "…";
  }
}
