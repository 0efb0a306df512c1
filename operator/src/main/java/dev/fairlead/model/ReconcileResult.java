package dev.fairlead.model;

/** How one run of a reconciler ended; the values of {@code fairlead_reconcile_total{result}}. */
public enum ReconcileResult {
  /** It did what there was to do. */
  SUCCESS("success"),
  /** It asked to be tried again. */
  RETRY("retry"),
  /** It outlived its deadline and was interrupted. */
  TIMEOUT("timeout"),
  /** It threw what it should not have. */
  ERROR("error");

  private final String text;

  ReconcileResult(String text) {
    this.text = text;
  }

  /** The word as the metric carries it. */
  @Override
  public String toString() {
    return text;
  }
}
