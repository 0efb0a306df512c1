package dev.fairlead.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The YAML that readers of a page copy, so that tests do what the page says. */
final class DocsYaml {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");

  private DocsYaml() {}

  /**
   * The only block of a page that has a text in it.
   *
   * @param page for example {@code tenants.md}
   */
  static String block(String page, String having) {
    try {
      List<String> found =
          BLOCK
              .matcher(Files.readString(Path.of("..", "docs", page)))
              .results()
              .map(m -> m.group(1))
              .filter(b -> b.contains(having))
              .toList();
      if (found.size() != 1) {
        throw new AssertionError(found.size() + " blocks of " + page + " have: " + having);
      }
      return found.getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
