package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The original Git, without anybody's configuration. */
final class Git {
  private Git() {}

  /** Runs {@code git} and returns what it prints. */
  static String run(Path directory, String... arguments) throws IOException, InterruptedException {
    return run(directory, Map.of(), "", arguments);
  }

  static String run(
      Path directory, Map<String, String> environment, String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_AUTHOR_NAME", "Fairlead Tests",
                "GIT_AUTHOR_EMAIL", "tests@example.org",
                "GIT_COMMITTER_NAME", "Fairlead Tests",
                "GIT_COMMITTER_EMAIL", "tests@example.org"));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    int code = process.waitFor();
    if (code > 1) {
      throw new IOException(String.join(" ", command) + " ended with " + code + ": " + output);
    }
    return output;
  }
}
