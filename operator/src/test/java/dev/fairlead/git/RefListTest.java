package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import dev.fairlead.model.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that list more refs than anybody needs. */
@Timeout(60)
final class RefListTest {
  private static final String TOO_MANY = "lists more than 4 MiB of refs";
  private static final int ENDLESS = 2_000_000;

  @TempDir private Path directory;

  record Row(String name, String method, boolean zipped, int refs, String refusal) {
    @Override
    public String toString() {
      return name + (refusal.isEmpty() ? " is taken" : " is refused");
    }
  }

  static Stream<Row> lists() {
    return Stream.of(
        new Row("a list of 20,000 refs that were not asked for", "POST", false, 20_000, ""),
        new Row("the same, zipped", "POST", true, 20_000, ""),
        new Row("a list without an end", "POST", false, ENDLESS, TOO_MANY),
        new Row("the same, zipped", "POST", true, ENDLESS, TOO_MANY),
        new Row("an advertisement without an end", "GET", false, ENDLESS, TOO_MANY),
        new Row("the same, zipped", "GET", true, ENDLESS, TOO_MANY));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lists")
  void a_list_of_refs_is_bounded(Row row) throws Exception {
    try (var git = new MirrorFixture(directory)) {
      String commit = git.origin.commit("main", "Good", Map.of("a", "1"));
      AtomicLong written = new AtomicLong();
      AtomicInteger answers = new AtomicInteger();
      git.server.fault(exchange ->
          exchange.getRequestMethod().equals(row.method())
              && answers.incrementAndGet() == 1
              && answer(exchange, row, commit, written));
      Mirror mirror = git.mirror();

      if (row.refusal().isEmpty()) {
        assertThat(look(mirror, MAIN).subject()).isEqualTo("Good");
      } else {
        GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));
        assertThat(e).as("it is refused").isNotNull();
        assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
        assertThat(e).hasMessageContaining(row.refusal());
        assertThat(e.hostTrouble()).isEmpty();
        assertThat(written.get()).as("refs that were taken").isLessThan(400_000);
      }
      assertThat(look(mirror, MAIN).subject()).as("the next look").isEqualTo("Good");
    }
  }

  private static boolean answer(HttpExchange exchange, Row row, String commit, AtomicLong written)
      throws IOException {
    boolean advertises = row.method().equals("GET");
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            "application/x-git-upload-pack-" + (advertises ? "advertisement" : "result"));
    if (row.zipped()) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out =
        row.zipped()
            ? new GZIPOutputStream(exchange.getResponseBody())
            : exchange.getResponseBody()) {
      if (advertises) {
        packet(out, "# service=git-upload-pack\n");
        out.write("0000".getBytes(StandardCharsets.US_ASCII));
        packet(out, commit + " refs/heads/main\0side-band-64k shallow ofs-delta\n");
      } else {
        packet(out, commit + " refs/heads/main\n");
      }
      for (int i = 0; i < row.refs(); i++) {
        packet(out, commit + " refs/tags/a-tag-of-the-usual-length-%07d\n".formatted(i));
        written.incrementAndGet();
      }
      out.write("0000".getBytes(StandardCharsets.US_ASCII));
    }
    return true;
  }

  private static void packet(OutputStream out, String line) throws IOException {
    out.write("%04x%s".formatted(line.length() + 4, line).getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void lists_that_are_held_at_the_same_time_share_a_bound_beyond_what_each_may_have()
      throws Exception {
    AtomicLong all = new AtomicLong();
    List<RefList> held = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      held.add(new RefList(all));
      read(held.getLast(), 1_400_000);
    }
    try (var small = new RefList(all)) {
      read(small, 60_000);
    }
    try (var large = new RefList(all)) {
      RefList.TooLong e = catchThrowableOfType(RefList.TooLong.class, () -> read(large, 1_400_000));
      assertThat(e.isTogether()).isTrue();
    }

    held.removeFirst().close();

    try (var large = new RefList(all)) {
      read(large, 1_400_000);
    }
    held.forEach(RefList::close);
    assertThat(all).hasValue(0);
  }

  private static void read(RefList list, int bytes) throws IOException {
    list.count(() -> RefList.counted(new ByteArrayInputStream(new byte[bytes])).readAllBytes());
  }
}
