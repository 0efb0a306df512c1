package dev.fairlead.cluster;

/** What every write to the API server passes right before it is sent. Any thread may call it. */
@FunctionalInterface
interface WriteGate {
  /** Nobody else writes. */
  WriteGate OPEN = () -> {};

  /**
   * Returns when the write may be sent at this instant.
   *
   * @throws ApiException it may not now, perhaps later
   * @throws InterruptedException it never may: whoever wants to write is to drop its work
   */
  void pass() throws ApiException, InterruptedException;
}
