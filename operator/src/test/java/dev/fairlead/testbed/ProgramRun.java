package dev.fairlead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * What one run of a program gave.
 *
 * @param command what was run
 * @param exitCode 0 where it succeeded
 * @param output all of its standard output, as UTF-8
 * @param errors all of its standard error, as UTF-8
 */
public record ProgramRun(List<String> command, int exitCode, String output, String errors) {

  public ProgramRun {
    command = List.copyOf(command);
  }

  /**
   * Runs a program to its end. Input and output go through files, so no size of them can block it.
   *
   * @param environment variables on top of this process's own
   * @throws AssertionError when it has not ended within the limit; it is killed then
   */
  public static ProgramRun of(
      List<String> command, Map<String, String> environment, String input, Duration limit) {
    try {
      Path scratch = Files.createTempDirectory("fairlead-run-");
      try {
        return run(scratch, command, environment, input, limit);
      } finally {
        for (String name : List.of("in", "out", "err")) {
          Files.deleteIfExists(scratch.resolve(name));
        }
        Files.delete(scratch);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProgramRun run(
      Path scratch,
      List<String> command,
      Map<String, String> environment,
      String input,
      Duration limit)
      throws IOException {
    Path in = Files.writeString(scratch.resolve("in"), input);
    Path out = scratch.resolve("out");
    Path err = scratch.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.onExit().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      process.destroyForcibly();
      throw new AssertionError(
          "%s has not ended within %s:%n%s%n%s"
              .formatted(command, limit, Files.readString(out), Files.readString(err)),
          e);
    }
    return new ProgramRun(
        command, process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /**
   * The standard output of a run that must have succeeded.
   *
   * @throws AssertionError with everything that the program said, when it did not
   */
  public String orFail() {
    if (exitCode != 0) {
      throw new AssertionError(
          "%s ended with %d:%n%s%n%s".formatted(command, exitCode, output, errors));
    }
    return output;
  }
}
