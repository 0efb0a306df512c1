package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import dev.fairlead.model.Origin;
import java.util.List;
import java.util.Optional;

/**
 * A file of settings in YAML or JSON, such as a kubeconfig, read by the rules for manifests.
 * Stateless; any thread may call it.
 */
public final class ConfigDocument {
  private ConfigDocument() {}

  /**
   * The first document, which has to be a mapping; an empty file is an empty one.
   *
   * @param findings gets what is wrong, with its line and without any value; the answer is empty
   *     then
   */
  public static Optional<Json.Obj> read(String file, byte[] bytes, List<Finding> findings) {
    Documents documents;
    try {
      documents = YamlReader.read(file, SourceText.utf8(bytes), Limits.DEFAULT);
    } catch (Unreadable e) {
      findings.add(new Finding(new Origin(file, 0, e.line()), e.because()));
      return Optional.empty();
    }
    if (!documents.findings().isEmpty()) {
      findings.addAll(documents.findings());
      return Optional.empty();
    }
    Json first =
        documents.documents().isEmpty()
            ? Json.Obj.empty()
            : documents.documents().getFirst().value();
    return switch (first) {
      case Json.Obj object -> Optional.of(object);
      case Json.Null _ -> Optional.of(Json.Obj.empty());
      case Json.Arr _, Json.Str _, Json.Num _, Json.Bool _ -> {
        findings.add(
            new Finding(new Origin(file, 0, first.line()), "is not a mapping of settings"));
        yield Optional.empty();
      }
    };
  }
}
