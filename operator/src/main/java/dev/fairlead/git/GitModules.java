package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.jspecify.annotations.Nullable;

/**
 * What a repository's {@code .gitmodules} says of where its submodules come from. Whatever in it
 * could mean something else to another Git than to us is refused, wherever it stands. Immutable.
 */
final class GitModules {
  static final String NAME = ".gitmodules";

  /** Of the file; it has some 100 for each submodule. */
  static final int BYTES = 64 * 1024;

  private static final String SECTION = "submodule";
  private static final Pattern HEADER = Pattern.compile("\\s*\\[\\s*submodule\\b.*");

  /**
   * @param line of its section in the file, from 1; 0 when it cannot be told
   */
  private record Entry(String name, String url, int line) {}

  private final String file;
  private final Map<String, Entry> byPath;

  private GitModules(String file, Map<String, Entry> byPath) {
    this.file = file;
    this.byPath = Map.copyOf(byPath);
  }

  /**
   * @param file the path of the file, for messages
   * @throws GitException BUILD_FAILED: which line must not be there
   */
  static GitModules parse(String file, String text) throws GitException {
    var config = new Config();
    try {
      config.fromText(text);
    } catch (ConfigInvalidException e) {
      throw bad(file + " is not a file of the form of Git's configuration");
    }
    Map<String, Entry> entries = new HashMap<>();
    for (String name : config.getSubsections(SECTION)) {
      int line = lineOf(text, name);
      String place = place(file, line) + "the submodule " + Text.cut(name, 100) + " ";
      if (name.isEmpty() || parts(name).contains("..")) {
        throw bad(place + "must not have .. in its name");
      }
      String path = config.getString(SECTION, name, "path");
      String url = config.getString(SECTION, name, "url");
      if (path == null || url == null) {
        continue;
      }
      requirePlain(place, path, url, config.getString(SECTION, name, "update"));
      if (entries.put(trimmed(path), new Entry(name, url, line)) != null) {
        throw bad(place + "has the path of another one, " + Text.cut(path, 100));
      }
    }
    return new GitModules(file, entries);
  }

  private static void requirePlain(String place, String path, String url, @Nullable String update)
      throws GitException {
    List<String> parts = parts(path);
    if (path.startsWith("/") || path.startsWith("-") || path.contains("\\")) {
      throw bad(place + "has a path that does not begin with a directory: " + Text.cut(path, 100));
    }
    if (parts.contains("..") || parts.stream().anyMatch(p -> p.equalsIgnoreCase(".git"))) {
      throw bad(place + "must not have .. or .git in its path: " + Text.cut(path, 100));
    }
    if (url.startsWith("-")) {
      throw bad(place + "has a url that begins like an option");
    }
    if (url.codePoints().anyMatch(Text::odd)) {
      throw bad(place + "has a url with control or invisible characters");
    }
    if (update != null && update.startsWith("!")) {
      throw bad(place + "names a command to run, which nobody will");
    }
  }

  private static List<String> parts(String path) {
    return List.of(path.split("[/\\\\]", -1));
  }

  private static String trimmed(String path) {
    return path.replaceFirst("/+$", "");
  }

  /** Of the section's head, as far as that can be seen without being Git. */
  private static int lineOf(String text, String name) {
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (HEADER.matcher(line).matches() && line.contains("\"" + name + "\"")) {
        return number;
      }
    }
    return 0;
  }

  private static String place(String file, int line) {
    return file + (line > 0 ? ":" + line : "") + ": ";
  }

  /**
   * Where the submodule at a path is to be fetched from: from the host of the repository that has
   * it, whose credentials are the only ones there are.
   *
   * @throws GitException BUILD_FAILED: it is not in the file, or is elsewhere
   */
  RemoteUrl source(String path, String shown, RemoteUrl parent) throws GitException {
    Entry entry = byPath.get(path);
    if (entry == null) {
      throw bad(
          shown
              + ": a submodule that "
              + file
              + " does not have: add it there with path and url, as 'git submodule add' does");
    }
    String place = place(file, entry.line()) + "the submodule " + Text.cut(path, 100) + " ";
    if (entry.url().startsWith("./") || entry.url().startsWith("../")) {
      return relative(place, entry.url(), parent);
    }
    RemoteUrl url = absolute(place, entry.url());
    if (!url.isSameServer(parent)) {
      throw bad(
          place
              + (url.host().equals(parent.host())
                  ? "is reached in another way than the repository itself"
                  : "is at " + Text.cut(url.host(), 100) + ", which is another host")
              + ", and the credentials are for "
              + parent.server()
              + " alone: move it there, and write its url as a relative one, such as"
              + " ../name.git");
    }
    return url;
  }

  private static RemoteUrl absolute(String place, String url) throws GitException {
    if (url.toLowerCase(Locale.ROOT).startsWith("file:") || url.startsWith("/")) {
      throw bad(place + "is a directory of some machine: only what a Git host has can be fetched");
    }
    try {
      return RemoteUrl.parse(url, false);
    } catch (GitException e) {
      throw bad(place + "has a url that " + e.getMessage().replaceFirst("^spec.url ", ""));
    }
  }

  /** As git does it: each leading {@code ../} takes off a part of the parent's path. */
  private static RemoteUrl relative(String place, String url, RemoteUrl parent)
      throws GitException {
    List<String> base = new ArrayList<>(parts(parent.uri().getRawPath().substring(1)));
    String rest = url;
    while (rest.startsWith("./") || rest.startsWith("../")) {
      if (rest.startsWith("../")) {
        if (base.isEmpty()) {
          throw bad(place + "has a url that leads out of the host: " + Text.cut(url, 100));
        }
        base.removeLast();
      }
      rest = rest.substring(rest.indexOf('/') + 1);
    }
    if (rest.isEmpty() || parts(rest).stream().anyMatch(p -> p.equals("..") || p.equals("."))) {
      throw bad(place + "has a url with .. in the middle of it: " + Text.cut(url, 100));
    }
    base.add(rest);
    try {
      return parent.withPath("/" + String.join("/", base));
    } catch (IllegalArgumentException e) {
      throw bad(place + "has a url that cannot be used: " + Text.cut(url, 100));
    }
  }

  static GitException bad(String message) {
    return new GitException(Reason.BUILD_FAILED, message);
  }
}
