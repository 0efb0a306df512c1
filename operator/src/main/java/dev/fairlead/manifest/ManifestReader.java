package dev.fairlead.manifest;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Turns one file's bytes into the Kubernetes objects that it holds, read as kubectl reads them.
 *
 * <p>Reports everything that is wrong with the file, not only the first thing; a document with a
 * finding gives no manifest, the other documents do. Any thread may call; of those who read much
 * one after the other, each for all of its files.
 */
public final class ManifestReader {
  /**
   * What a file holds.
   *
   * @param manifests in the order of the file; items of lists stand in their list's place
   * @param findings in the order of the file; when there are any, nothing of the sync may be
   *     applied
   */
  public record Parsed(List<Manifest> manifests, List<Finding> findings) {
    public Parsed {
      manifests = List.copyOf(manifests);
      findings = List.copyOf(findings);
    }
  }

  private static final String KUSTOMIZE = "kustomize.config.k8s.io/";
  private static final String NO_KUSTOMIZE =
      "is a kustomization, and rendering these is not supported yet; put the rendered objects here";

  private final Limits limits;
  private final ReentrantLock turn = new ReentrantLock(true);

  public ManifestReader(Limits limits) {
    this.limits = limits;
  }

  /** Whether a sync looks into a file of that name at all; it ignores all others. */
  public static boolean reads(String path) {
    return path.endsWith(".yaml")
        || path.endsWith(".yml")
        || path.endsWith(".json")
        || isKustomization(path);
  }

  /** For all files of a sync, to be closed when what was read is not read any further. */
  public ManifestMemory memory() {
    return new ManifestMemory(limits.maxMemory(), turn);
  }

  /**
   * Reads one file that stands alone.
   *
   * @param file its path from the repository's root
   */
  public Parsed read(String file, byte[] bytes) {
    try (ManifestMemory memory = memory()) {
      return read(file, file, bytes, memory);
    }
  }

  /**
   * Reads one file that has another name too.
   *
   * @param file where it can be edited, for what is said of it and of the objects in it
   * @param readAs the name that says what kind of file it is
   * @param memory that all files of the sync share
   */
  public Parsed read(String file, String readAs, byte[] bytes, ManifestMemory memory) {
    if (bytes.length > limits.maxFileBytes()) {
      return refused(file, 0, tooLarge(bytes.length));
    }
    if (isKustomization(readAs)) {
      return refused(readAs, 0, NO_KUSTOMIZE);
    }
    try {
      // The file is held only while it is read, what it holds for longer.
      memory.hold(bytes.length, 0);
      Documents documents = documents(file, readAs, SourceText.utf8(bytes), memory);
      memory.release(bytes.length);
      FileFindings findings = documents.wrong();
      List<Manifest> manifests = new ArrayList<>();
      for (Documents.Document document : documents.documents()) {
        if (!(document.value() instanceof Json.Null)) {
          Origin origin = new Origin(file, document.index(), document.value().line());
          objects(document.value(), origin, "", Optional.empty(), manifests, findings);
        }
      }
      List<Finding> shown = findings.shown();
      if (!memory.spent()) {
        memory.hold(ManifestMemory.RECORD * ((long) shown.size() + manifests.size()), 0);
      }
      return new Parsed(manifests, shown);
    } catch (Unreadable e) {
      return refused(file, e.line(), e.because());
    }
  }

  /**
   * What is wrong when a sync has that many files, if that is too many.
   *
   * @param path the sync's path
   */
  public Optional<Finding> tooManyFiles(String path, int files) {
    return files <= limits.maxFiles()
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Origin.ofFile(path),
                "holds %d files to read, more than the limit of %d"
                    .formatted(files, limits.maxFiles())));
  }

  /** What to say of a file of that size, without having read it, when it is over the limit. */
  public Optional<Finding> tooLarge(String file, long size) {
    return size <= limits.maxFileBytes()
        ? Optional.empty()
        : Optional.of(new Finding(Origin.ofFile(file), tooLarge(size)));
  }

  private String tooLarge(long size) {
    return "has %d bytes, more than the limit of %d for one file"
        .formatted(size, limits.maxFileBytes());
  }

  private Documents documents(String file, String readAs, byte[] utf8, ManifestMemory memory)
      throws Unreadable {
    if (!SourceText.looksLikeJson(utf8)) {
      return YamlReader.read(file, utf8, limits, memory);
    }
    long before = memory.held();
    try {
      return JsonReader.read(file, utf8, limits, memory);
    } catch (Unreadable e) {
      // Braces may also begin YAML.
      memory.backTo(before);
      Documents yaml = YamlReader.read(file, utf8, limits, memory);
      if (readAs.endsWith(".json") && !yaml.findings().isEmpty()) {
        throw e;
      }
      return yaml;
    }
  }

  private static Parsed refused(String file, int line, String because) {
    return new Parsed(List.of(), List.of(new Finding(new Origin(file, 0, line), because)));
  }

  private static boolean isKustomization(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.equals("kustomization.yaml")
        || name.equals("kustomization.yml")
        || name.equals("Kustomization");
  }

  private void objects(
      Json value,
      Origin origin,
      String where,
      Optional<GroupVersionKind> inherited,
      List<Manifest> manifests,
      FileFindings findings) {
    if (!(value instanceof Json.Obj written)) {
      findings.add(
          new Finding(
              origin,
              where
                  + "is no Kubernetes object: a mapping with apiVersion and kind was expected, not "
                  + Wording.of(value)));
      return;
    }
    Json.Obj body = written;
    if (inherited.isPresent()
        && !body.members().containsKey("kind")
        && !body.members().containsKey("apiVersion")) {
      body = typed(body, inherited.get());
    }
    ObjectCheck check = new ObjectCheck(body, origin, where, findings);
    Optional<GroupVersionKind> gvk = check.type();
    if (gvk.isEmpty()) {
      return;
    }
    if (gvk.get().apiVersion().startsWith(KUSTOMIZE)) {
      findings.add(new Finding(origin, where + NO_KUSTOMIZE));
    } else if (isList(gvk.get(), body)) {
      items(gvk.get(), body, origin, where, manifests, findings);
    } else {
      check.manifest(gvk.get()).ifPresent(manifests::add);
    }
  }

  private void items(
      GroupVersionKind list,
      Json.Obj body,
      Origin origin,
      String where,
      List<Manifest> manifests,
      FileFindings findings) {
    Optional<GroupVersionKind> itemType =
        list.kind().equals("List")
            ? Optional.empty()
            : Optional.of(
                new GroupVersionKind(
                    list.group(),
                    list.version(),
                    list.kind().substring(0, list.kind().length() - "List".length())));
    int index = 0;
    for (Json item : body.items("items")) {
      objects(
          item,
          origin.atLine(item.line()),
          where + "items[" + index++ + "] ",
          itemType,
          manifests,
          findings);
    }
  }

  private static boolean isList(GroupVersionKind gvk, Json.Obj body) {
    Json items = body.members().get("items");
    return gvk.kind().endsWith("List")
        && (items instanceof Json.Arr || items instanceof Json.Null || gvk.kind().equals("List"));
  }

  /** The items of a typed list need not say what they are. */
  private static Json.Obj typed(Json.Obj body, GroupVersionKind gvk) {
    return body.with("apiVersion", Json.of(gvk.apiVersion()).at(body.line(), body.column()))
        .with("kind", Json.of(gvk.kind()).at(body.line(), body.column()));
  }
}
