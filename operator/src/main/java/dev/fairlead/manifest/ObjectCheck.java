package dev.fairlead.manifest;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks what every Kubernetes object must have, whatever its kind, and nothing else. One instance
 * checks one object and tells all that is wrong with it.
 */
final class ObjectCheck {
  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL = 63;

  /** Its own bound on requests, twice what it can store. */
  private static final int MAX_BYTES = 3 << 20;

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

  /** The groups whose names may be anything that fits into a path, however long. */
  private static final Set<String> FREE_NAMES =
      Set.of("rbac.authorization.k8s.io", "certificates.k8s.io");

  private final Json.Obj body;
  private final Origin origin;
  private final String where;
  private final FileFindings findings;
  private final int before;

  /**
   * @param where begins each message, for an item of a list; else empty
   */
  ObjectCheck(Json.Obj body, Origin origin, String where, FileFindings findings) {
    this.body = body;
    this.origin = origin;
    this.where = where;
    this.findings = findings;
    this.before = findings.count();
  }

  /** The object's type if it names one. */
  Optional<GroupVersionKind> type() {
    List<String> missing = new ArrayList<>();
    for (String name : List.of("apiVersion", "kind")) {
      Json value = body.members().get(name);
      if (value == null || value instanceof Json.Null || value.equals(Json.of(""))) {
        missing.add(name);
      } else if (!(value instanceof Json.Str)) {
        wrong(value, name + " must be a string, not " + Wording.withRemedy(value));
      }
    }
    if (!missing.isEmpty()) {
      findings.add(
          new Finding(
              origin,
              where
                  + "is no Kubernetes object: it has no "
                  + String.join(" and no ", missing)
                  + (missing.size() == 2 ? "; move files of other sorts out of the path" : "")));
    }
    if (findings.count() > before) {
      return Optional.empty();
    }
    Json version = body.get("apiVersion").orElseThrow();
    String apiVersion = body.string("apiVersion").orElseThrow();
    int slash = apiVersion.indexOf('/');
    if (slash != apiVersion.lastIndexOf('/') || slash == 0 || slash == apiVersion.length() - 1) {
      wrong(version, "apiVersion must be VERSION or GROUP/VERSION");
      return Optional.empty();
    }
    return Optional.of(GroupVersionKind.of(apiVersion, body.string("kind").orElseThrow()));
  }

  /** The object, if nothing is wrong with it. */
  Optional<Manifest> manifest(GroupVersionKind gvk) {
    Json metadata = body.members().get("metadata");
    if (!(metadata instanceof Json.Obj meta)) {
      if (metadata == null || metadata instanceof Json.Null) {
        findings.add(new Finding(origin, where + gvk.kind() + " has no metadata.name"));
      } else {
        wrong(metadata, "metadata must be a mapping, not " + Wording.of(metadata));
      }
      return Optional.empty();
    }
    String name = name(gvk, meta);
    String namespace = namespace(meta);
    strings(meta, "labels");
    strings(meta, "annotations");
    if (JsonSize.isOver(MAX_BYTES, body)) {
      findings.add(
          new Finding(
              origin,
              where
                  + gvk.kind()
                  + " has more than the %d MiB that the API server takes"
                      .formatted(MAX_BYTES >> 20)));
    }
    return findings.count() > before
        ? Optional.empty()
        : Optional.of(new Manifest(gvk, namespace, name, origin, body));
  }

  private String name(GroupVersionKind gvk, Json.Obj meta) {
    Json name = meta.members().get("name");
    if (name == null || name instanceof Json.Null || name.equals(Json.of(""))) {
      Json generateName = meta.members().get("generateName");
      if (generateName == null) {
        findings.add(
            new Finding(
                origin.atLine(name == null ? meta.line() : name.line()),
                where + gvk.kind() + " has no metadata.name"));
      } else {
        wrong(
            generateName,
            gvk.kind()
                + " has a metadata.generateName, which would make a new object at each apply; give"
                + " it a metadata.name");
      }
      return "";
    }
    if (!(name instanceof Json.Str text)) {
      wrong(name, "metadata.name must be a string, not " + Wording.withRemedy(name));
      return "";
    }
    String value = text.value();
    boolean namespaceObject = gvk.group().isEmpty() && gvk.kind().equals("Namespace");
    if (namespaceObject) {
      label(text, "metadata.name");
    } else if (value.equals(".")
        || value.equals("..")
        || value.indexOf('/') >= 0
        || value.indexOf('%') >= 0) {
      wrong(name, "metadata.name must not be \".\" or \"..\" or contain \"/\" or \"%\"");
    } else if (value.length() > MAX_NAME && !FREE_NAMES.contains(gvk.group())) {
      wrong(
          name,
          "metadata.name has %d characters, at most %d are allowed"
              .formatted(value.length(), MAX_NAME));
    }
    return value;
  }

  private String namespace(Json.Obj meta) {
    Json namespace = meta.members().get("namespace");
    return switch (namespace) {
      case null -> "";
      case Json.Null _ -> "";
      case Json.Str text -> {
        if (!text.value().isEmpty()) {
          label(text, "metadata.namespace");
        }
        yield text.value();
      }
      case Json.Obj _, Json.Arr _, Json.Num _, Json.Bool _ -> {
        wrong(
            namespace, "metadata.namespace must be a string, not " + Wording.withRemedy(namespace));
        yield "";
      }
    };
  }

  private void label(Json.Str text, String field) {
    String value = text.value();
    if (value.length() > MAX_LABEL) {
      wrong(
          text,
          "%s has %d characters, at most %d are allowed"
              .formatted(field, value.length(), MAX_LABEL));
    } else if (!LABEL.matcher(value).matches()) {
      wrong(
          text,
          field
              + " \""
              + Wording.shown(value)
              + "\" must consist of lower case letters, digits and \"-\", and begin and end with a"
              + " letter or digit");
    }
  }

  private void strings(Json.Obj meta, String field) {
    Json value = meta.members().get(field);
    switch (value) {
      case null -> {}
      case Json.Null _ -> {}
      case Json.Obj map -> {
        for (Map.Entry<String, Json> entry : map.members().entrySet()) {
          Json item = entry.getValue();
          if (!(item instanceof Json.Str || item instanceof Json.Null)) {
            wrong(
                item,
                "metadata.%s: the value of \"%s\" must be a string, not %s"
                    .formatted(field, Wording.shown(entry.getKey()), Wording.withRemedy(item)));
          }
        }
      }
      case Json.Arr _, Json.Str _, Json.Num _, Json.Bool _ ->
          wrong(value, "metadata." + field + " must be a mapping, not " + Wording.of(value));
    }
  }

  private void wrong(Json at, String because) {
    findings.add(new Finding(origin.atLine(at.line()), where + because));
  }
}
