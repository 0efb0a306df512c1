package dev.fairlead.planted.plan;

/** Asks the network, files, the environment and the clock. */
public final class AsksTheWorld {
  final Class<?> network = java.net.Socket.class;
  final Class<?> files = java.nio.file.Files.class;

  String environment() {
    return System.getenv("HOME");
  }

  java.time.Instant clock() {
    return java.time.Instant.now();
  }
}
