package dev.fairlead.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command writes, who reads it, and what it knows of its surroundings.
 *
 * @param out what was asked for
 * @param err what went wrong, and progress
 * @param style whether {@code out} takes colours
 * @param width of the screen in columns; 0 where nothing bounds it, as in a pipe
 * @param answers where a person types answers; empty when nobody can be asked
 * @param environment of the process
 * @param home of the person
 */
public record Terminal(
    PrintWriter out,
    PrintWriter err,
    Style style,
    int width,
    Optional<BufferedReader> answers,
    InstantSource clock,
    Map<String, String> environment,
    Path home) {
  /**
   * What the launcher found out: letters of {@code i}, {@code o}, {@code e} for the standard
   * streams that are terminals, and the screen's columns, as in {@code ioe:120}. The JDK can tell
   * only whether input and output both are.
   */
  private static final String TOLD = "fairlead.terminal";

  private static final int USUAL_WIDTH = 80;

  public Terminal {
    environment = Map.copyOf(environment);
  }

  /** That of this process. */
  public static Terminal ofProcess() {
    Map<String, String> environment = System.getenv();
    Optional<String> told = Optional.ofNullable(System.getProperty(TOLD));
    boolean both =
        told.isEmpty()
            && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    boolean in = told.map(t -> streams(t).contains("i")).orElse(both);
    boolean out = told.map(t -> streams(t).contains("o")).orElse(both);
    boolean colours =
        out
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(
        writer(System.out),
        writer(System.err),
        colours ? Style.COLOURED : Style.PLAIN,
        out ? told.flatMap(Terminal::columns).orElse(USUAL_WIDTH) : 0,
        in && out
            ? Optional.of(
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)))
            : Optional.empty(),
        InstantSource.system(),
        environment,
        Path.of(System.getProperty("user.home", "")));
  }

  /**
   * Asks a question that yes or no answer; whoever says nothing has said no. Only where there are
   * {@link #answers}.
   */
  boolean agrees(String question) throws CliException {
    out.print(question + " [y/N] ");
    out.flush();
    try {
      String answer = answers.orElseThrow().readLine();
      if (answer == null) {
        // Ctrl-D; what is said next begins a line.
        out.println();
        return false;
      }
      return List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    } catch (IOException e) {
      throw new CliException("no answer could be read: nothing was done");
    }
  }

  private static String streams(String told) {
    return told.replaceAll(":.*", "");
  }

  private static Optional<Integer> columns(String told) {
    try {
      return Optional.of(Integer.parseInt(told.replaceAll("^[^:]*:", ""))).filter(c -> c > 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** UTF-8 whatever the locale: what commits and manifests say is UTF-8 too. */
  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
