package dev.fairlead.git;

import java.io.IOException;

/** A pack is larger, or takes more to unpack or to read, than is allowed. */
final class PackTooLarge extends IOException {
  PackTooLarge(String message) {
    super(message);
  }
}
