package dev.fairlead.schema;

import dev.fairlead.manifest.Wording;
import dev.fairlead.model.Json;
import dev.fairlead.schema.FieldFinding.Weight;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong with one manifest, up to a bound. For one thread. */
final class Findings {
  /** A generated file may repeat one mistake thousands of times. */
  static final int MAX = 200;

  private final boolean secret;
  private final List<FieldFinding> findings = new ArrayList<>();
  private final Set<String> malformed = new HashSet<>();

  /**
   * @param secret whether no value may be told
   */
  Findings(boolean secret) {
    this.secret = secret;
  }

  /** Something that cannot be read. */
  void malformed(Path path, Json at, String because) {
    String field = path.toString();
    malformed.add(field);
    add(Weight.MALFORMED, field, at, because);
  }

  /** A field that the kind does not have. */
  void unknown(Path path, Json at, String hint) {
    String field = path.toString();
    malformed.add(field);
    if (findings.size() < MAX) {
      findings.add(
          new FieldFinding(
              Weight.MALFORMED,
              field,
              at.line(),
              at.column(),
              "unknown field \"" + field + "\"" + hint));
    }
  }

  /** Something that validation refuses; of no interest where the value cannot be read. */
  void invalid(Path path, Json at, String because) {
    String field = path.toString();
    if (!malformed.contains(field)) {
      add(Weight.INVALID, field, at, because);
    }
  }

  private void add(Weight weight, String field, Json at, String because) {
    if (findings.size() < MAX) {
      findings.add(
          new FieldFinding(
              weight,
              field,
              at.line(),
              at.column(),
              field.isEmpty() ? because : field + ": " + because));
    }
  }

  /** A value as it may be told. */
  String shown(Json value) {
    return secret ? Wording.of(value) : Words.shown(value);
  }

  /** {@code Invalid value: "x": }, without the value where it may not be told. */
  String invalidValue(Json value) {
    return secret ? "Invalid value: " : "Invalid value: " + Words.shown(value) + ": ";
  }

  /** In the order of the file. */
  List<FieldFinding> sorted() {
    return findings.stream().distinct().sorted(FieldFinding.BY_PLACE).toList();
  }
}
