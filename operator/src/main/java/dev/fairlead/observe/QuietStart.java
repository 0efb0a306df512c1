package dev.fairlead.observe;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.time.ZoneId;
import org.slf4j.event.Level;

/**
 * What logback finds before anyone has configured it: warnings as text on standard error. It keeps
 * logback from looking for XML, and a command line that never configures logs from being chatty.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class QuietStart extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Logging.configure(context, Logging.Format.TEXT, Level.WARN, System.err, ZoneId.systemDefault());
    // It warns of hosts that are not known yet, which a command line tells in a sentence.
    context.getLogger("org.apache.sshd").setLevel(ch.qos.logback.classic.Level.ERROR);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
