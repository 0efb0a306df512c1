package dev.fairlead.daemon;

import dev.fairlead.app.Main;
import dev.fairlead.cli.Style;
import dev.fairlead.cli.Terminal;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * One command as a person types it, in this JVM.
 *
 * @param code what it ended with
 * @param out its standard output
 * @param err its standard error
 */
public record Typed(int code, String out, String err) {
  /** In a pipe, where nobody can be asked. */
  public static Typed type(Map<String, String> environment, String... arguments) {
    return type(environment, Optional.empty(), arguments);
  }

  /** At a terminal without colours, where somebody answers so. */
  public static Typed answering(
      String answer, Map<String, String> environment, String... arguments) {
    return type(environment, Optional.of(answer), arguments);
  }

  private static Typed type(
      Map<String, String> environment, Optional<String> answer, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(
            new PrintWriter(out),
            new PrintWriter(err),
            Style.PLAIN,
            0,
            answer.map(a -> new BufferedReader(new StringReader(a + "\n"))),
            InstantSource.system(),
            environment,
            Path.of("no-home"));
    int code = Main.commandLine(terminal).execute(arguments);
    return new Typed(code, out.toString(), err.toString());
  }

  /** All that it said, for a test that failed. */
  @Override
  public String toString() {
    return "exit code " + code + "\n" + out + "\n--- on standard error\n" + err;
  }
}
