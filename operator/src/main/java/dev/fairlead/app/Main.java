package dev.fairlead.app;

/** The one entry point of the jar: the daemon and the command line. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(2);
  }
}
