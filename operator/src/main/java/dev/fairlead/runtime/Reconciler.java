package dev.fairlead.runtime;

/** Brings the thing that a key names to where it should be. */
public interface Reconciler<K> {
  /**
   * Works on one key; never called for the same key twice at once. It is interrupted when its
   * deadline is over or the process stops, and must then return soon.
   *
   * @throws InterruptedException when it was interrupted; the engine knows why
   */
  Result reconcile(K key) throws InterruptedException;
}
