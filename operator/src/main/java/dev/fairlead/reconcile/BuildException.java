package dev.fairlead.reconcile;

import dev.fairlead.manifest.Finding;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import java.util.List;

/**
 * A commit cannot be read as manifests; {@link #findings} has everything that is wrong, and {@link
 * #readable} what could be read nevertheless.
 */
final class BuildException extends Exception {
  private final transient Reason reason;
  private final transient List<Finding> findings;
  private final transient List<Manifest> readable;

  BuildException(Reason reason, List<Finding> findings) {
    this(reason, findings, List.of());
  }

  BuildException(Reason reason, List<Finding> findings, List<Manifest> readable) {
    super(findings.getFirst().toString());
    this.reason = reason;
    this.findings = List.copyOf(findings);
    this.readable =
        readable.stream()
            .filter(m -> findings.stream().noneMatch(f -> isIn(f.origin(), m.origin())))
            .toList();
  }

  private static boolean isIn(Origin finding, Origin manifest) {
    return finding.file().equals(manifest.file()) && finding.document() == manifest.document();
  }

  @Override
  public String getMessage() {
    return findings.getFirst().toString();
  }

  Reason reason() {
    return reason;
  }

  /** The manifests without such findings, of the files that had to be read. */
  List<Manifest> readable() {
    return readable;
  }

  /** At least one, in the order of files and lines. */
  List<Finding> findings() {
    return findings;
  }
}
