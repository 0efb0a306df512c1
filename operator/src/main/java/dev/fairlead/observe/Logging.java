package dev.fairlead.observe;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Where log lines go and what they look like.
 *
 * <p>Guarantees: one event is one line of JSON, or one line of text and the lines of its stack
 * trace; control characters, which may come from a repository, are escaped in both; values are
 * written as their {@code toString()} says and never taken apart. Configured in code, because
 * reading XML would cost a tenth of the start. Call it before other threads log.
 */
public final class Logging {
  /** How a log line is written. */
  public enum Format {
    /** For people. */
    TEXT,
    /** For machines: one object a line. */
    JSON
  }

  /** What libraries say below WARN concerns their authors. */
  private static final List<String> LIBRARIES =
      List.of("org.eclipse.jgit", "io.fabric8", "org.apache.sshd");

  private Logging() {}

  /** Logs to standard error from now on: standard output belongs to what a command prints. */
  public static void configure(Format format, Level level) {
    configure(format, level, System.err, ZoneId.systemDefault());
  }

  /** Logs there from now on; the stream is never closed. The zone is that of text lines. */
  static void configure(Format format, Level level, OutputStream out, ZoneId zone) {
    configure((LoggerContext) LoggerFactory.getILoggerFactory(), format, level, out, zone);
  }

  static void configure(
      LoggerContext context, Format format, Level level, OutputStream out, ZoneId zone) {
    context.reset();
    Encoder<ILoggingEvent> encoder =
        switch (format) {
          case TEXT -> text(context, zone);
          case JSON -> JsonLines.encoder(context);
        };
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setName("log");
    appender.setEncoder(encoder);
    appender.setOutputStream(new Unclosed(out));
    appender.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
    Level libraries = level == Level.ERROR ? Level.ERROR : Level.WARN;
    for (String library : LIBRARIES) {
      context
          .getLogger(library)
          .setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(libraries));
    }
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context, ZoneId zone) {
    TextLines lines = new TextLines(zone);
    lines.setContext(context);
    lines.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(lines);
    return encoder;
  }

  /** Keeps an appender that stops from closing standard error. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
