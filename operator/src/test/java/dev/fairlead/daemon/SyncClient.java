package dev.fairlead.daemon;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Looks at GitSyncs, and changes them, as a person with kubectl would, but without kubectl. */
public final class SyncClient {
  private static final Duration GONE_LIMIT = Duration.ofSeconds(60);

  private final ApiClient api;
  private final String namespace;

  SyncClient(ControlPlane cluster, String namespace) {
    this(ApiClient.of(cluster), namespace);
  }

  SyncClient(ApiClient api, String namespace) {
    this.api = api;
    this.namespace = namespace;
  }

  /**
   * Creates or changes a GitSync with an interval of a second, unless the spec says otherwise.
   *
   * @param spec further lines of the spec, each {@code key: value}, flow style for what nests
   */
  void apply(String name, String url, String... spec) {
    StringBuilder yaml =
        new StringBuilder(
            """
            apiVersion: fairlead.dev/v1alpha1
            kind: GitSync
            metadata: {name: %s, namespace: %s}
            spec:
              url: %s
            """
                .formatted(name, namespace, url));
    if (Stream.of(spec).noneMatch(line -> line.startsWith("interval:"))) {
      yaml.append("  interval: 1s\n");
    }
    for (String line : spec) {
      yaml.append("  ").append(line).append('\n');
    }
    api.apply(target(name), "kubectl", yaml.toString());
  }

  /** Removes GitSyncs and waits until they are gone. */
  void delete(String... names) {
    for (String name : names) {
      api.delete(target(name));
    }
    for (String name : names) {
      await(
          GONE_LIMIT,
          "GitSync " + namespace + "/" + name + " gone",
          () -> find(name).isEmpty(),
          () -> status(name).toJson());
    }
  }

  private String target(String name) {
    return "/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/" + name;
  }

  Optional<Json.Obj> find(String name) {
    return api.get(target(name));
  }

  public static Json.Obj parse(String json) {
    try {
      return (Json.Obj) JsonReader.parse(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code status} of a GitSync; empty when there is none yet. */
  Json.Obj status(String name) {
    return find(name).flatMap(s -> s.object("status")).orElse(Json.Obj.empty());
  }

  /** A condition as {@code Status Reason: message}; empty when it is not set. */
  String condition(String name, String type) {
    return condition(status(name), type);
  }

  public static String condition(Json.Obj status, String type) {
    return status.items("conditions").stream()
        .map(c -> (Json.Obj) c)
        .filter(c -> c.string("type").orElse("").equals(type))
        .map(c ->
            c.string("status").orElse("")
                + " "
                + c.string("reason").orElse("")
                + ": "
                + c.string("message").orElse(""))
        .findFirst()
        .orElse("");
  }

  /** The full hash of the commit that the cluster holds; empty when there is none. */
  public static String applied(Json.Obj status) {
    return status
        .object("applied")
        .flatMap(a -> a.string("revision"))
        .map(r -> r.substring(r.lastIndexOf(':') + 1))
        .orElse("");
  }

  /** Waits until the GitSync is Ready at a commit. */
  void awaitReady(String name, String commit) {
    await(
        name,
        "Ready at " + commit,
        status -> condition(status, "Ready").startsWith("True ") && applied(status).equals(commit));
  }

  /** Waits until Ready is False for a reason. */
  String awaitReason(String name, String reason) {
    await(
        name,
        "Ready=False/" + reason,
        status -> condition(status, "Ready").startsWith("False " + reason + ":"));
    return condition(name, "Ready");
  }

  void await(String name, String what, Predicate<Json.Obj> until) {
    await(
        Duration.ofSeconds(60),
        "GitSync " + namespace + "/" + name + " " + what,
        () -> until.test(status(name)),
        () -> status(name).toJson());
  }

  /**
   * Waits for anything; says what was awaited and what was there instead.
   *
   * @param usual how long it takes at most where nothing else is going on; on a machine that is
   *     busy it may take three times as long
   */
  static void await(
      Duration usual, String what, Supplier<Boolean> until, Supplier<String> instead) {
    Duration limit = usual.multipliedBy(3);
    long deadline = System.nanoTime() + limit.toNanos();
    while (!until.get()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "Awaited for " + limit.toSeconds() + " s: " + what + "\nThere is: " + instead.get());
      }
      OperatorProcess.sleep(Duration.ofMillis(100));
    }
  }
}
