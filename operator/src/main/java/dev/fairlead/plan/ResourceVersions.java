package dev.fairlead.plan;

import java.util.Comparator;

/**
 * Compares {@code metadata.resourceVersion} as the numbers that they are, officially since
 * Kubernetes 1.35; the versions of different resources are not comparable.
 */
public final class ResourceVersions {
  /** Orders by size, of any length; what is not a number compares as text, after all numbers. */
  public static final Comparator<String> ORDER = ResourceVersions::compare;

  private ResourceVersions() {}

  /** Negative when {@code a} is older than {@code b}. */
  public static int compare(String a, String b) {
    boolean numberA = isNumber(a);
    boolean numberB = isNumber(b);
    if (numberA != numberB) {
      return numberA ? -1 : 1;
    }
    if (numberA && a.length() != b.length()) {
      return Integer.compare(a.length(), b.length());
    }
    return a.compareTo(b);
  }

  /** Whether {@code version} says more than what is known at {@code known}. */
  public static boolean newer(String version, String known) {
    return compare(version, known) > 0;
  }

  /** The API server writes no leading zeros, so that length decides between numbers. */
  private static boolean isNumber(String version) {
    if (version.isEmpty() || (version.charAt(0) == '0' && version.length() > 1)) {
      return false;
    }
    for (int i = 0; i < version.length(); i++) {
      if (version.charAt(i) < '0' || version.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
