package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What Fairlead needs before it begins, and what of that is missing: one sentence for each thing,
 * with what to do. Pure and stateless: any thread may call.
 */
public final class Requirements {
  /**
   * From 1.31 on all that Fairlead asks for is generally available and cannot be switched off:
   * aggregated discovery in its first version is the youngest (1.30).
   */
  public static final Version OLDEST = new Version(1, 31, "v1.31");

  /** Beyond this, signed tokens of GitHub Apps and certificates are taken for invalid. */
  static final Duration MAX_SKEW = Duration.ofSeconds(30);

  /** What the JVM takes beside its heap, at the least. */
  static final long BESIDE_HEAP = 64L << 20;

  private static final int MAX_FIELDS = 3;
  private static final long MIB = 1L << 20;
  private static final String GITSYNCS = "gitsyncs.fairlead.dev";

  private Requirements() {}

  /**
   * A version of Kubernetes.
   *
   * @param text as the server says it
   */
  public record Version(int major, int minor, String text) {
    public Version {
      requireNonNull(text);
    }

    boolean isOlderThan(Version other) {
      return major != other.major ? major < other.major : minor < other.minor;
    }
  }

  /**
   * Something that Fairlead's own account has to be allowed.
   *
   * @param resource with its subresource, as {@code gitsyncs/status}
   * @param namespace empty for all
   * @param name empty for all
   */
  public record Right(String group, String resource, String verb, String namespace, String name) {}

  /**
   * The memory of this process, in bytes.
   *
   * @param limit what the container may have; that of the machine where nothing limits it
   * @param heap how large the heap may grow
   */
  public record Memory(long limit, long heap) {}

  /**
   * The definition of GitSync.
   *
   * @param there as it is; empty: it is not
   * @param missingFields those of this version that it has not, by its schema
   */
  public record Definition(
      Optional<Json.Obj> there, Function<Json.Obj, List<String>> missingFields) {
    public Definition {
      requireNonNull(there);
      requireNonNull(missingFields);
    }
  }

  /**
   * Everything that is known.
   *
   * @param definition empty where it may not be read, which {@code missing} tells
   * @param missing the rights that are missing
   * @param ahead how far this clock is ahead of the server's; negative when it is behind
   */
  public record Facts(
      Version server,
      Optional<Definition> definition,
      List<Right> missing,
      Duration ahead,
      Memory memory) {
    public Facts {
      requireNonNull(server);
      requireNonNull(definition);
      missing = List.copyOf(missing);
      requireNonNull(ahead);
      requireNonNull(memory);
    }
  }

  /**
   * One thing that is not as it should be.
   *
   * @param stops whether Fairlead cannot begin before it is mended
   */
  public record Finding(boolean stops, String sentence) {
    public Finding {
      requireNonNull(sentence);
    }
  }

  /**
   * The rights without which nothing works, whoever the tenants are.
   *
   * @param namespace Fairlead's own
   * @param leaderElect whether it works only while it has the Lease
   */
  public static List<Right> rights(String namespace, boolean leaderElect) {
    List<Right> rights = new ArrayList<>();
    for (String verb : List.of("get", "list", "watch", "patch")) {
      rights.add(new Right("fairlead.dev", "gitsyncs", verb, "", ""));
    }
    rights.add(new Right("fairlead.dev", "gitsyncs/status", "patch", "", ""));
    rights.add(new Right("apiextensions.k8s.io", "customresourcedefinitions", "get", "", GITSYNCS));
    if (leaderElect) {
      rights.add(new Right("coordination.k8s.io", "leases", "create", namespace, ""));
      for (String verb : List.of("get", "patch")) {
        rights.add(new Right("coordination.k8s.io", "leases", verb, namespace, "fairlead"));
      }
    }
    return rights;
  }

  /** Everything that is not as it should be; empty when all is well. */
  public static List<Finding> judge(Facts facts) {
    List<Finding> findings = new ArrayList<>();
    tooOld(facts.server()).ifPresent(sentence -> findings.add(new Finding(true, sentence)));
    if (!facts.missing().isEmpty()) {
      findings.add(new Finding(true, rightsSentence(facts.missing())));
    }
    facts.definition().flatMap(Requirements::definition).ifPresent(findings::add);
    memory(facts.memory()).ifPresent(findings::add);
    skew(facts.ahead()).ifPresent(findings::add);
    return findings;
  }

  /** What is to be said of a server that is too old; nothing of others. */
  public static Optional<String> tooOld(Version server) {
    return server.isOlderThan(OLDEST)
        ? Optional.of(
            "the API server is Kubernetes %s, and this Fairlead needs %s at least: upgrade the cluster"
                .formatted(server.text(), OLDEST.text()))
        : Optional.empty();
  }

  private static String rightsSentence(List<Right> missing) {
    Map<String, Map<String, List<Right>>> byPlace = new LinkedHashMap<>();
    for (Right right : missing) {
      byPlace
          .computeIfAbsent(right.namespace(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(right.group() + "/" + right.resource(), _ -> new ArrayList<>())
          .add(right);
    }
    return byPlace.entrySet().stream()
        .map(place ->
            (place.getKey().isEmpty()
                    ? "add to a ClusterRole that is bound to it by a ClusterRoleBinding: "
                    : "add to a Role in " + place.getKey() + " that is bound to it: ")
                + place.getValue().values().stream()
                    .map(Requirements::rule)
                    .collect(Collectors.joining(", ")))
        .collect(Collectors.joining("; ", "Fairlead's own account lacks rights; ", ""));
  }

  private static String rule(List<Right> rights) {
    Right first = rights.getFirst();
    return "{apiGroups: [%s], resources: [%s], verbs: [%s]}"
        .formatted(
            first.group(),
            first.resource(),
            rights.stream().map(Right::verb).collect(Collectors.joining(", ")));
  }

  private static Optional<Finding> definition(Definition definition) {
    if (definition.there().isEmpty()) {
      return stop(
          "the CRD %s is not there: kubectl apply --server-side -f manifests/crd.yaml"
              .formatted(GITSYNCS));
    }
    Json.Obj object = definition.there().get();
    if (object.object("metadata").flatMap(m -> m.string("deletionTimestamp")).isPresent()) {
      return stop(
          "the CRD %s is being deleted, and all GitSyncs with it: wait until it is gone, then apply manifests/crd.yaml"
              .formatted(GITSYNCS));
    }
    List<SelfProtection.Breach> breaches = SelfProtection.definition(object);
    if (!breaches.isEmpty()) {
      return stop(
          "the CRD %s cannot be used: %s %s"
              .formatted(GITSYNCS, breaches.getFirst().path(), breaches.getFirst().message()));
    }
    List<String> fields =
        SelfProtection.version(object)
            .map(SelfProtection::schema)
            .map(definition.missingFields())
            .orElse(List.of());
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    int more = fields.size() - MAX_FIELDS;
    return stop(
        "the CRD %s is older than this Fairlead, it lacks %s%s: kubectl apply --server-side -f manifests/crd.yaml of this version"
            .formatted(
                GITSYNCS,
                fields.stream().limit(MAX_FIELDS).collect(Collectors.joining(", ")),
                more > 0 ? " and " + more + " more" : ""));
  }

  private static Optional<Finding> memory(Memory memory) {
    long needed = memory.heap() + BESIDE_HEAP;
    return memory.limit() >= needed
        ? Optional.empty()
        : stop(
            "a memory limit of %d MiB is too little for a heap of %d MiB: set the container's limit to %d MiB at least"
                .formatted(memory.limit() / MIB, memory.heap() / MIB, needed / MIB));
  }

  private static Optional<Finding> skew(Duration ahead) {
    return ahead.abs().compareTo(MAX_SKEW) <= 0
        ? Optional.empty()
        : Optional.of(
            new Finding(
                false,
                String.format(
                    Locale.ROOT,
                    "this clock is %d s %s that of the API server: set the clocks of the nodes by NTP, or times in status and the deadlines of rollouts are wrong and Git hosts refuse tokens",
                    ahead.abs().toSeconds(),
                    ahead.isNegative() ? "behind" : "ahead of")));
  }

  private static Optional<Finding> stop(String sentence) {
    return Optional.of(new Finding(true, sentence));
  }
}
