package dev.fairlead.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Log lines for people: {@code 12:03:04.123 INFO Reconciler: Applied sync=apps/web}. Control
 * characters are escaped, so that a commit's subject can neither start a line nor command a
 * terminal. Any thread may call it.
 */
final class TextLines extends LayoutBase<ILoggingEvent> {
  private final DateTimeFormatter time;

  TextLines(ZoneId zone) {
    time = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(zone);
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    time.formatTo(event.getInstant(), line);
    line.append(' ').append(event.getLevel()).append(' ');
    String logger = event.getLoggerName();
    line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
    escape(line, event.getFormattedMessage(), false);
    @Nullable List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> append(line, pair));
    }
    line.append('\n');
    @Nullable IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      escape(line, ThrowableProxyUtil.asString(thrown), true);
    }
    return line.toString();
  }

  private static void append(StringBuilder line, KeyValuePair pair) {
    String value = String.valueOf(pair.value);
    boolean quote =
        value.isEmpty() || value.chars().anyMatch(c -> c == ' ' || c == '"' || c == '=');
    line.append(' ').append(pair.key).append('=');
    if (quote) {
      line.append('"');
      escape(line, value.replace("\\", "\\\\").replace("\"", "\\\""), false);
      line.append('"');
    } else {
      escape(line, value, false);
    }
  }

  private static void escape(StringBuilder line, String text, boolean keepLines) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (keepLines && (c == '\n' || c == '\t')) {
        line.append(c);
      } else if (c == '\n') {
        line.append("\\n");
      } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
  }
}
