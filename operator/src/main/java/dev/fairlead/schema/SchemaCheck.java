package dev.fairlead.schema;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import java.util.List;

/**
 * Tells everything that is wrong with a manifest by its kind's schema: the same for the same
 * manifest, in the order of the file. What this refuses, the server refuses too; the other way
 * round, the server knows more. Stateless; any thread may call it.
 */
public final class SchemaCheck {
  private static final GroupVersionKind SECRET = new GroupVersionKind("", "v1", "Secret");

  private SchemaCheck() {}

  /**
   * @param body the whole object; findings have the places of its values
   */
  public static List<FieldFinding> check(Json.Obj body, KindSchema schema) {
    Findings findings = new Findings(schema.gvk().equals(SECRET));
    new TypeCheck(schema, findings).check(body);
    if (schema.custom()) {
      new ValueCheck(schema, findings).check(body);
    }
    new MetadataCheck(findings).check(body, schema);
    return findings.sorted();
  }
}
