package dev.fairlead.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Which file's history is asked for. */
final class BlameQuery {
  private static final int LONGEST = 4096;

  private BlameQuery() {}

  /** Reads {@code file=PATH}, percent-encoded; what is not known is refused. */
  static String file(@Nullable String query) throws RefusedException {
    if (query == null || !query.startsWith("file=") || query.contains("&")) {
      throw wrong("the one parameter is file, a path from the repository's root: deploy/web.yaml");
    }
    String file;
    try {
      file = URLDecoder.decode(query.substring("file=".length()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw wrong("file is not percent-encoded as it has to be");
    }
    boolean odd =
        file.isEmpty()
            || file.length() > LONGEST
            || file.startsWith("/")
            || file.endsWith("/")
            || ("/" + file + "/").contains("/../")
            || file.chars().anyMatch(Character::isISOControl);
    if (odd) {
      throw wrong("file is a path from the repository's root, such as deploy/web.yaml");
    }
    return file;
  }

  private static RefusedException wrong(String message) {
    return new RefusedException(400, "BadRequest", message);
  }
}
