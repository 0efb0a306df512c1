package dev.fairlead.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.daemon.SyncClient;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
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
      - level: Request
        namespaces: [<namespace>]
        resources: [{group: coordination.k8s.io}]
      - level: None
        resources: [{group: coordination.k8s.io}, {group: authorization.k8s.io}, {group: "", resources: [events]}]
      - level: Request
        resources: [{group: batch, resources: [jobs]}]
        verbs: [create, patch]
      - level: Request
        verbs: [delete]
      - level: Metadata
      """;

  private final Path log;
  private final List<Write> writes = new ArrayList<>();
  private final List<Turn> turns = new ArrayList<>();
  private long read;

  /**
   * A write that the API server took.
   *
   * @param created whether the object was not there before
   * @param image of a Job's container; empty for everything else
   * @param uri what was asked for
   */
  record Write(
      Instant at,
      String agent,
      String verb,
      Kind kind,
      ObjectKey key,
      boolean created,
      String image,
      String uri) {
    /** The {@link Seat} that it came from; empty when it came from none. */
    String seat() {
      return seatOf(agent);
    }

    /** Whether it is an apply by a sync, or another write in its name. */
    boolean isBy(Sync sync) {
      return URLDecoder.decode(uri, UTF_8).contains("fieldManager=" + sync.manager());
    }

    boolean isFairleads() {
      return agent.startsWith("fabric8") || agent.contains("fairlead");
    }
  }

  /** From then on a daemon on this seat was the leader; nobody was when it is empty. */
  record Turn(Instant since, String seat, String holder) {}

  private static String seatOf(String agent) {
    int at = agent.lastIndexOf(" (" + Seat.PREFIX);
    return at < 0 ? "" : agent.substring(at + 2, agent.length() - 1);
  }

  private AuditLog(Path log) {
    this.log = log;
  }

  /** One that an API server with {@link #options} will write in a directory. */
  static AuditLog in(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.writeString(
          directory.resolve("audit-policy.yaml"), POLICY.replace("<namespace>", Seat.NAMESPACE));
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

  /** Who has led so far, one after the other. */
  List<Turn> turns() {
    read();
    return List.copyOf(turns);
  }

  /** All writes to objects of our kinds so far, in the order in which they were done. */
  List<Write> writes() {
    read();
    return List.copyOf(writes);
  }

  private void read() {
    if (Files.exists(log)) {
      try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
        byte[] more = new byte[Math.toIntExact(file.length() - read)];
        file.seek(read);
        file.readFully(more);
        String text = new String(more, UTF_8);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        read += whole.getBytes(UTF_8).length;
        whole.lines().map(SyncClient::parse).forEach(this::take);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void take(Json.Obj event) {
    long code = event.object("responseStatus").flatMap(s -> s.integer("code")).orElse(0L);
    if (code < 200 || code >= 300) {
      return;
    }
    Json.Obj object = event.object("objectRef").orElse(Json.Obj.empty());
    if (object.string("resource").equals(Optional.of("leases"))) {
      turn(event);
    } else {
      write(event, object, code).ifPresent(writes::add);
    }
  }

  /** What the lease says of its holder; a write that changes nothing about that begins no turn. */
  private void turn(Json.Obj event) {
    String holder =
        event
            .object("requestObject")
            .flatMap(l -> l.object("spec"))
            .flatMap(s -> s.string("holderIdentity"))
            .orElse("");
    if (turns.isEmpty() || !turns.getLast().holder().equals(holder)) {
      String seat = holder.isEmpty() ? "" : seatOf(event.string("userAgent").orElse(""));
      turns.add(new Turn(time(event), seat, holder));
    }
  }

  private static Instant time(Json.Obj event) {
    return Instant.parse(event.string("stageTimestamp").orElseThrow());
  }

  private static Optional<Write> write(Json.Obj event, Json.Obj object, long code) {
    boolean subresource = object.string("subresource").isPresent();
    // A deletion says so in its body.
    boolean dry =
        event.string("requestURI").orElse("").contains("dryRun=")
            || event.object("requestObject").filter(o -> !o.items("dryRun").isEmpty()).isPresent();
    if (subresource || dry) {
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
                time(event),
                event.string("userAgent").orElse(""),
                event.string("verb").orElse(""),
                kind,
                key,
                code == 201,
                event.object("requestObject").map(AuditLog::image).orElse(""),
                event.string("requestURI").orElse("")));
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
