package dev.fairlead.reconcile;

import dev.fairlead.manifest.Finding;
import dev.fairlead.model.Reason;
import java.util.List;

/** A commit cannot be read as manifests; {@link #findings} has everything that is wrong. */
final class BuildException extends Exception {
  private final transient Reason reason;
  private final transient List<Finding> findings;

  BuildException(Reason reason, List<Finding> findings) {
    super(findings.getFirst().toString());
    this.reason = reason;
    this.findings = List.copyOf(findings);
  }

  @Override
  public String getMessage() {
    return findings.getFirst().toString();
  }

  Reason reason() {
    return reason;
  }

  /** At least one, in the order of files and lines. */
  List<Finding> findings() {
    return findings;
  }
}
