package dev.fairlead.manifest;

import dev.fairlead.model.Origin;
import dev.fairlead.model.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The objects of files that are applied, and what is to be said of those that are not. Pure.
 *
 * @param manifests in the order of the files
 * @param warnings of what is left out
 */
public record FileObjects(List<Manifest> manifests, List<Warning> warnings) {
  public FileObjects {
    manifests = List.copyOf(manifests);
    warnings = List.copyOf(warnings);
  }

  /** Those that are not Helm's hooks for other times than an installation. */
  public static FileObjects of(List<Manifest> all) {
    List<Manifest> applied = new ArrayList<>();
    List<Warning> warnings = new ArrayList<>();
    for (Manifest manifest : all) {
      HelmHook.ofOtherTimes(manifest.body())
          .ifPresentOrElse(
              hook ->
                  warnings.add(
                      Warning.of(
                          manifest.key(),
                          manifest.origin(),
                          "is a Helm hook (" + hook + ") and is not applied")),
              () -> applied.add(manifest));
    }
    return new FileObjects(applied, warnings);
  }

  /** The form in which an object is sent, with the labels that say whose it is. */
  public static Manifest sent(Manifest manifest, Map<String, String> labels) {
    Manifest labelled = labels.isEmpty() ? manifest : manifest.withLabels(labels);
    return labelled.withoutEmptyAnnotations();
  }

  /**
   * What is wrong with a path below which there is no object.
   *
   * @param files whether there is any file that is read
   * @param ignoring whether anything was left out because a pattern says so
   * @param hooks whether there are hooks that are left out
   */
  public static Finding nothing(String path, boolean files, boolean ignoring, boolean hooks) {
    return new Finding(
        Origin.ofFile(path.isEmpty() ? "." : path),
        !files
            ? "holds no .yaml, .yml or .json file"
                + (ignoring ? " that is not ignored" : "")
                + "; nothing is pruned for that"
            : hooks
                ? "holds nothing but Helm hooks that are not applied; nothing is pruned for that"
                : "holds no Kubernetes object; nothing is pruned for that");
  }
}
