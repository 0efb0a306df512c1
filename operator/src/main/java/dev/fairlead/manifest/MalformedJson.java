package dev.fairlead.manifest;

import java.io.IOException;

/** An answer that is no JSON, most likely because it was cut off. Quotes nothing of it. */
public final class MalformedJson extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedJson(String message) {
    super(message);
  }
}
