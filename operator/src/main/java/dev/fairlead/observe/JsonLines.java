package dev.fairlead.observe;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import net.logstash.logback.composite.AbstractJsonProvider;
import net.logstash.logback.composite.loggingevent.LogLevelJsonProvider;
import net.logstash.logback.composite.loggingevent.LoggerNameJsonProvider;
import net.logstash.logback.composite.loggingevent.LoggingEventFormattedTimestampJsonProvider;
import net.logstash.logback.composite.loggingevent.LoggingEventJsonProviders;
import net.logstash.logback.composite.loggingevent.MessageJsonProvider;
import net.logstash.logback.composite.loggingevent.StackTraceJsonProvider;
import net.logstash.logback.encoder.LoggingEventCompositeJsonEncoder;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;

/**
 * Log lines for machines: {@code time}, {@code level}, {@code logger}, {@code message}, the keys of
 * the event and {@code stack_trace}.
 */
final class JsonLines {
  private JsonLines() {}

  static Encoder<ILoggingEvent> encoder(LoggerContext context) {
    LoggingEventFormattedTimestampJsonProvider time =
        new LoggingEventFormattedTimestampJsonProvider();
    time.setFieldName("time");
    time.setTimeZone("UTC");
    LogLevelJsonProvider level = new LogLevelJsonProvider();
    LoggerNameJsonProvider logger = new LoggerNameJsonProvider();
    logger.setFieldName("logger");

    LoggingEventJsonProviders providers = new LoggingEventJsonProviders();
    providers.addTimestamp(time);
    providers.addLogLevel(level);
    providers.addLoggerName(logger);
    providers.addMessage(new MessageJsonProvider());
    providers.addProvider(new KeyValues());
    providers.addStackTrace(new StackTraceJsonProvider());

    LoggingEventCompositeJsonEncoder encoder = new LoggingEventCompositeJsonEncoder();
    encoder.setContext(context);
    // Looking for modules on the class path takes longer than all else here.
    encoder.setFindAndRegisterJacksonModules(false);
    encoder.setProviders(providers);
    return encoder;
  }

  /**
   * The library's own provider would take a record apart by reflection and so get past the {@code
   * toString()} that masks a secret.
   */
  private static final class KeyValues extends AbstractJsonProvider<ILoggingEvent> {
    @Override
    public void writeTo(JsonGenerator json, ILoggingEvent event) {
      @Nullable List<KeyValuePair> pairs = event.getKeyValuePairs();
      if (pairs == null) {
        return;
      }
      for (KeyValuePair pair : pairs) {
        json.writeName(pair.key);
        switch (pair.value) {
          case null -> json.writeNull();
          case Boolean value -> json.writeBoolean(value);
          case Integer value -> json.writeNumber(value);
          case Long value -> json.writeNumber(value);
          case Object value -> json.writeString(value.toString());
        }
      }
    }
  }
}
