package dev.fairlead.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.daemon.SyncClient;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the API server wrote down of the writes that it took: by whom, of what, when. So no write is
 * missed, also not one whose answer never arrived.
 *
 * <p>One thread.
 */
final class AuditLog {
  /** Keeps back what is no write, and has whole objects only of Jobs. */
  private static final String POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived, ResponseStarted]
      rules:
      - level: None
        verbs: [get, list, watch]
      - level: None
        resources: [{group: coordination.k8s.io}, {group: "", resources: [events]}]
      - level: Request
        resources: [{group: batch, resources: [jobs]}]
        verbs: [create, patch]
      - level: Request
        verbs: [delete]
      - level: Metadata
      """;

  private final Path log;
  private final List<Write> writes = new ArrayList<>();
  private long read;

  /**
   * A write that the API server took.
   *
   * @param created whether the object was not there before
   * @param image of a Job's container; empty for everything else
   */
  record Write(
      Instant at,
      String agent,
      String verb,
      Kind kind,
      ObjectKey key,
      boolean created,
      String image) {
    boolean isFairleads() {
      return agent.startsWith("fabric8") || agent.contains("fairlead");
    }
  }

  private AuditLog(Path log) {
    this.log = log;
  }

  /** One that an API server with {@link #options} will write in a directory. */
  static AuditLog in(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("audit-policy.yaml"), POLICY);
      return new AuditLog(directory.resolve("audit.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For {@code testbed/cluster start}. */
  String[] options() {
    return new String[] {
      "--apiserver-arg=--audit-policy-file=" + log.resolveSibling("audit-policy.yaml"),
      "--apiserver-arg=--audit-log-path=" + log,
    };
  }

  /** All writes to objects of our kinds so far, in the order in which they were done. */
  List<Write> writes() {
    if (Files.exists(log)) {
      try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
        byte[] more = new byte[Math.toIntExact(file.length() - read)];
        file.seek(read);
        file.readFully(more);
        String text = new String(more, UTF_8);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        read += whole.getBytes(UTF_8).length;
        whole.lines().forEach(line -> write(SyncClient.parse(line)).ifPresent(writes::add));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(writes);
  }

  private static Optional<Write> write(Json.Obj event) {
    long code = event.object("responseStatus").flatMap(s -> s.integer("code")).orElse(0L);
    Json.Obj object = event.object("objectRef").orElse(Json.Obj.empty());
    boolean subresource = object.string("subresource").isPresent();
    // A deletion says so in its body.
    boolean dry =
        event.string("requestURI").orElse("").contains("dryRun=")
            || event.object("requestObject").filter(o -> !o.items("dryRun").isEmpty()).isPresent();
    if (code < 200 || code >= 300 || subresource || dry) {
      return Optional.empty();
    }
    String resource = object.string("resource").orElse("");
    String group = object.string("apiGroup").orElse("");
    for (Kind kind : Kind.values()) {
      ObjectKey key =
          kind.key(object.string("namespace").orElse(""), object.string("name").orElse(""));
      if (kind.plural().equals(resource) && key.group().equals(group) && !key.name().isEmpty()) {
        return Optional.of(
            new Write(
                Instant.parse(event.string("stageTimestamp").orElseThrow()),
                event.string("userAgent").orElse(""),
                event.string("verb").orElse(""),
                kind,
                key,
                code == 201,
                event.object("requestObject").map(AuditLog::image).orElse("")));
      }
    }
    return Optional.empty();
  }

  private static String image(Json.Obj job) {
    return job.object("spec")
        .flatMap(s -> s.object("template"))
        .flatMap(t -> t.object("spec"))
        .map(s -> s.items("containers"))
        .filter(c -> !c.isEmpty())
        .map(c -> ((Json.Obj) c.getFirst()).string("image").orElse(""))
        .map(i -> i.substring(i.lastIndexOf(':') + 1))
        .orElse("");
  }
}
