package dev.fairlead.cluster;

/** It is not known how to reach a cluster; the message says why and what to do, for people. */
public final class KubeconfigException extends Exception {
  KubeconfigException(String message) {
    super(message);
  }
}
