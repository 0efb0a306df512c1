package dev.fairlead.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.SyncKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class LoggingTest {
  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A value that masks itself, as all that hold secrets do. */
  private record Password(String text) {
    @Override
    public String toString() {
      return "***";
    }
  }

  @Test
  void text_is_one_readable_line() {
    logger(Logging.Format.TEXT, Level.INFO)
        .atInfo()
        .addKeyValue(LogKeys.SYNC, new SyncKey("apps", "web"))
        .addKeyValue(LogKeys.DETAIL, "two words and a \"quote\"")
        .addKeyValue(LogKeys.COUNT, 3)
        .log("Applied");

    assertThat(text())
        .matches(
            "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO Applier: Applied sync=apps/web"
                + " detail=\"two words and a \\\\\"quote\\\\\"\" count=3\n");
  }

  @Test
  void json_is_one_object_a_line_with_the_keys_as_fields() {
    logger(Logging.Format.JSON, Level.INFO)
        .atWarn()
        .addKeyValue(LogKeys.SYNC, new SyncKey("apps", "web"))
        .addKeyValue(LogKeys.COUNT, 3)
        .addKeyValue("done", true)
        .addKeyValue("nothing", (Object) null)
        .setCause(new IllegalStateException("broken"))
        .log("Applied");

    assertThat(text()).endsWith("\n").hasLineCount(1);
    JsonNode json = JsonMapper.shared().readTree(text());
    assertThat(json.propertyNames())
        .containsExactlyInAnyOrder(
            "time",
            "level",
            "logger",
            "message",
            "sync",
            "count",
            "done",
            "nothing",
            "stack_trace");
    assertThat(json.get("time").stringValue()).endsWith("Z");
    assertThat(json.get("level").stringValue()).isEqualTo("WARN");
    assertThat(json.get("logger").stringValue()).isEqualTo("dev.fairlead.example.Applier");
    assertThat(json.get("message").stringValue()).isEqualTo("Applied");
    assertThat(json.get("sync").stringValue()).isEqualTo("apps/web");
    assertThat(json.get("count").intValue()).isEqualTo(3);
    assertThat(json.get("done").booleanValue()).isTrue();
    assertThat(json.get("nothing").isNull()).isTrue();
    assertThat(json.get("stack_trace").stringValue())
        .startsWith("java.lang.IllegalStateException: broken");
  }

  @Test
  void a_value_that_masks_itself_is_never_taken_apart() {
    for (Logging.Format format : Logging.Format.values()) {
      logger(format, Level.INFO)
          .atInfo()
          .addKeyValue("password", new Password("hunter2"))
          .log("Logged in");

      assertThat(text()).contains("***").doesNotContain("hunter2");
    }
  }

  @Test
  void what_comes_from_a_repository_neither_starts_a_line_nor_commands_a_terminal() {
    for (Logging.Format format : Logging.Format.values()) {
      logger(format, Level.INFO)
          .atInfo()
          .addKeyValue(LogKeys.DETAIL, "x\n12:00:00.000 INFO Faked: line \u001b[31m")
          .log("Seen");

      assertThat(text()).endsWith("\n").hasLineCount(1).doesNotContain("\u001b");
      out.reset();
    }
  }

  @Test
  void a_stack_trace_follows_its_line_with_its_own_lines() {
    logger(Logging.Format.TEXT, Level.INFO)
        .atError()
        .setCause(new IllegalStateException("bell \u0007"))
        .log("Failed");

    assertThat(text())
        .contains("Applier: Failed\njava.lang.IllegalStateException: bell \\u0007\n\tat dev.fair");
  }

  @Test
  void a_level_is_heeded_and_libraries_stay_quiet_at_any() {
    Logger own = logger(Logging.Format.TEXT, Level.DEBUG);
    own.debug("own debug");
    own.trace("own trace");
    context.getLogger("org.eclipse.jgit.transport").info("library info");
    context.getLogger("io.fabric8.kubernetes").warn("library warning");

    assertThat(text())
        .contains("own debug", "library warning")
        .doesNotContain("own trace", "library info");
  }

  @Test
  void logging_can_be_configured_again_without_closing_the_stream() {
    logger(Logging.Format.JSON, Level.INFO).info("first");
    logger(Logging.Format.TEXT, Level.INFO).info("second");

    assertThat(text()).contains("\"message\":\"first\"", "Applier: second");
  }

  @Test
  void before_it_is_configured_only_warnings_come_through() {
    LoggerContext fresh = new LoggerContext();
    QuietStart start = new QuietStart();
    start.setContext(fresh);
    start.configure(fresh);

    assertThat(fresh.getLogger("dev.fairlead.any").isWarnEnabled()).isTrue();
    assertThat(fresh.getLogger("dev.fairlead.any").isInfoEnabled()).isFalse();
    assertThat(fresh.getLogger("org.apache.sshd.client").isWarnEnabled()).isFalse();
  }

  private Logger logger(Logging.Format format, Level level) {
    context.setMDCAdapter(new LogbackMDCAdapter());
    Logging.configure(context, format, level, out, ZoneOffset.UTC);
    return context.getLogger("dev.fairlead.example.Applier");
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
