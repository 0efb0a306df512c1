package dev.fairlead.testbed;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a kubelet and containerd make of a pod: the bundle of an OCI runtime for its one container,
 * with the pod's arguments, environment, security context, limits and volumes. A field of the pod
 * that it does not know how to carry out is an {@link AssertionError}.
 */
final class PodBundle {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int MEBIBYTE = 1 << 20;
  private static final String EMULATOR = "/dev/emulator";

  /** What an emulated processor takes beside the program. */
  private static final int EMULATED_MEMORY = 4;

  private static final long NO_SWAP = 1 << 20;

  private final Json.Obj pod;
  private final Json.Obj container;
  private final Json.Obj security;
  private final Path directory;
  private final List<Json> mounts = new ArrayList<>();

  /**
   * @param pod as the API server has it: with defaults, and with the volume of its token
   * @param directory for the volumes
   */
  PodBundle(Json.Obj pod, Path directory) {
    this.pod = pod;
    this.directory = directory;
    List<Json> containers = spec().items("containers");
    if (containers.size() != 1 || !spec().items("initContainers").isEmpty()) {
      throw new AssertionError("not a pod with one container: " + spec().toJson());
    }
    container = (Json.Obj) containers.get(0);
    security = container.object("securityContext").orElse(Json.Obj.empty());
  }

  private Json.Obj spec() {
    return pod.object("spec").orElseThrow();
  }

  private Json.Obj podSecurity() {
    return spec().object("securityContext").orElse(Json.Obj.empty());
  }

  /**
   * The runtime's configuration.
   *
   * @param token of the pod's ServiceAccount
   * @param authority what the API server's certificate is signed with, PEM
   */
  Json.Obj config(
      OciImage image,
      PodNetwork network,
      String group,
      String token,
      String authority,
      ContainerTweaks tweaks) {
    mount("/proc", "proc", "proc");
    mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
    mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666");
    mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k");
    mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
    mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro");
    if (image.isForeign()) {
      // In a file system of the container's own: the image stays as it is.
      mount(EMULATOR, "bind", image.emulator().toString(), "bind", "ro");
    }
    Map<String, Path> volumes = volumes(token, authority);
    for (Json each : container.items("volumeMounts")) {
      Json.Obj wanted = (Json.Obj) each;
      String access = wanted.bool("readOnly").orElse(false) ? "ro" : "rw";
      mount(
          wanted.string("mountPath").orElseThrow(),
          "bind",
          Objects.requireNonNull(volumes.get(wanted.string("name").orElseThrow())).toString(),
          "rbind",
          "rprivate",
          access);
    }
    boolean readOnly = security.bool("readOnlyRootFilesystem").orElse(false);
    return object(
        "ociVersion",
        Json.of("1.0.2"),
        "process",
        process(image, tweaks),
        "root",
        object("path", Json.of(image.root().toString()), "readonly", Json.of(readOnly)),
        "hostname",
        name(),
        "mounts",
        Json.of(mounts),
        "linux",
        linux(image, network, group, tweaks));
  }

  private Json name() {
    return pod.object("metadata").flatMap(m -> m.get("name")).orElseThrow();
  }

  private Json process(OciImage image, ContainerTweaks tweaks) {
    List<Json> words = new ArrayList<>(container.items("command"));
    if (words.isEmpty()) {
      words.addAll(image.config().items("Entrypoint"));
      // The JVM's, before -jar.
      words.addAll(words.size() - 2, tweaks.javaFlags().stream().map(Json::of).toList());
    }
    if (image.isForeign()) {
      words.add(0, Json.of(EMULATOR));
    }
    words.addAll(container.items("args"));
    words.addAll(tweaks.flags().stream().map(Json::of).toList());
    if (!security.bool("runAsNonRoot").orElse(podSecurity().bool("runAsNonRoot").orElse(false))) {
      throw new AssertionError("the pod may run as root: " + security.toJson());
    }
    boolean escalates = security.bool("allowPrivilegeEscalation").orElse(true);
    boolean bare =
        security.object("capabilities").map(c -> c.items("drop")).orElse(List.of()).stream()
            .anyMatch(c -> c.equals(Json.of("ALL")));
    if (!bare) {
      throw new AssertionError("the pod keeps capabilities: " + security.toJson());
    }
    return object(
        "user",
        user(image),
        "args",
        Json.of(words),
        "env",
        Json.of(environment(image)),
        "cwd",
        Json.of("/"),
        "capabilities",
        Json.Obj.empty(),
        "noNewPrivileges",
        Json.of(!escalates));
  }

  private Json user(OciImage image) {
    List<String> own = List.of(image.config().string("User").orElse("0:0").split(":", -1));
    long uid = podSecurity().integer("runAsUser").orElse(Long.parseLong(own.get(0)));
    long gid = podSecurity().integer("runAsGroup").orElse(Long.parseLong(own.get(1)));
    if (uid == 0) {
      throw new AssertionError("the image runs as root");
    }
    return object("uid", Json.of(uid), "gid", Json.of(gid), "additionalGids", groups());
  }

  private Json groups() {
    return Json.of(podSecurity().integer("fsGroup").stream().map(Json::of).toList());
  }

  private List<Json> environment(OciImage image) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Json each : image.config().items("Env")) {
      String pair = ((Json.Str) each).value();
      all.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    all.put("KUBERNETES_SERVICE_HOST", PodNetwork.SERVICE);
    all.put("KUBERNETES_SERVICE_PORT", "443");
    all.put("HOSTNAME", ((Json.Str) name()).value());
    for (Json each : container.items("env")) {
      Json.Obj variable = (Json.Obj) each;
      all.put(variable.string("name").orElseThrow(), value(variable));
    }
    return all.entrySet().stream()
        .map(e -> (Json) Json.of(e.getKey() + "=" + e.getValue()))
        .toList();
  }

  private String value(Json.Obj variable) {
    if (variable.string("value").isPresent()) {
      return variable.string("value").get();
    }
    String field =
        variable
            .object("valueFrom")
            .flatMap(f -> f.object("fieldRef"))
            .flatMap(f -> f.string("fieldPath"))
            .orElseThrow(() -> new AssertionError("unknown source: " + variable.toJson()));
    return switch (field) {
      case "metadata.namespace", "metadata.name" ->
          pod.object("metadata").flatMap(m -> m.string(field.substring(9))).orElseThrow();
      default -> throw new AssertionError("unknown field: " + field);
    };
  }

  private Json linux(OciImage image, PodNetwork network, String group, ContainerTweaks tweaks) {
    Json.Obj resources = container.object("resources").orElse(Json.Obj.empty());
    long wanted =
        tweaks
            .memory()
            .orElseGet(() ->
                bytes(
                    resources
                        .object("limits")
                        .flatMap(l -> l.string("memory"))
                        .orElseThrow(() -> new AssertionError("the pod has no limit"))));
    long memory = image.isForeign() ? wanted * EMULATED_MEMORY : wanted;
    Map<String, Json> processor = new LinkedHashMap<>();
    tweaks.processors().ifPresent(p -> processor.put("cpus", Json.of(p)));
    return object(
        "cgroupsPath",
        Json.of(group),
        "namespaces",
        Json.of(
            List.of(
                object("type", Json.of("pid")),
                object("type", Json.of("ipc")),
                object("type", Json.of("uts")),
                object("type", Json.of("mount")),
                object("type", Json.of("network"), "path", Json.of(network.path())))),
        "resources",
        object(
            "devices",
            Json.of(List.of(object("allow", Json.of(false), "access", Json.of("rwm")))),
            // No swap to speak of, as a kubelet has it. Where both limits are the same, cgroup v1
            // meets that with swap first, and newer kernels do not count how often.
            "memory",
            object("limit", Json.of(memory), "swap", Json.of(memory + NO_SWAP)),
            "cpu",
            Json.of(processor)),
        "seccomp",
        seccomp(),
        "maskedPaths",
        paths("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"),
        "readonlyPaths",
        paths("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"));
  }

  private static Json paths(String... paths) {
    return Json.of(List.of(paths).stream().map(Json::of).toList());
  }

  private Json seccomp() {
    String type =
        podSecurity().object("seccompProfile").flatMap(p -> p.string("type")).orElse("none");
    if (!type.equals("RuntimeDefault")) {
      throw new AssertionError("the pod asks for no seccomp profile: " + podSecurity().toJson());
    }
    String program = Path.of("..", "testbed", "seccomp").toAbsolutePath().normalize().toString();
    return ApiClient.parse(
        ProgramRun.of(
                List.of("go", "-C", program, "run", "-mod=readonly", "."),
                Map.of("GOWORK", "off", "CGO_ENABLED", "0"),
                "",
                LIMIT)
            .orFail());
  }

  private Map<String, Path> volumes(String token, String authority) {
    Map<String, Path> volumes = new LinkedHashMap<>();
    for (Json each : spec().items("volumes")) {
      Json.Obj volume = (Json.Obj) each;
      String name = volume.string("name").orElseThrow();
      Path place = directory.resolve("volumes").resolve(name);
      try {
        Files.createDirectories(place);
        if (volume.object("projected").isPresent()) {
          Files.writeString(place.resolve("token"), token);
          Files.writeString(place.resolve("ca.crt"), authority);
          String namespace =
              pod.object("metadata").flatMap(m -> m.string("namespace")).orElseThrow();
          Files.writeString(place.resolve("namespace"), namespace);
          own(place, "u=rwX,g=rX,o=", "--recursive");
        } else if (volume.object("emptyDir").isPresent()) {
          own(place, "u=rwx,g=rwxs,o=rwx");
        } else {
          throw new AssertionError("unknown volume: " + volume.toJson());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      volumes.put(name, place);
    }
    return volumes;
  }

  /** As a kubelet does for fsGroup. */
  private void own(Path place, String mode, String... more) {
    long group = podSecurity().integer("fsGroup").orElse(0L);
    for (List<String> command :
        List.of(List.of("chgrp", Long.toString(group)), List.of("chmod", mode))) {
      List<String> whole = new ArrayList<>(command);
      whole.addAll(1, List.of(more));
      whole.add(place.toString());
      ProgramRun.of(whole, Map.of(), "", LIMIT).orFail();
    }
  }

  private void mount(String destination, String type, String source, String... options) {
    mounts.add(
        object(
            "destination",
            Json.of(destination),
            "type",
            Json.of(type),
            "source",
            Json.of(source),
            "options",
            paths(options)));
  }

  static long bytes(String quantity) {
    if (!quantity.endsWith("Mi")) {
      throw new AssertionError("not in Mi: " + quantity);
    }
    return Long.parseLong(quantity.substring(0, quantity.length() - 2)) * MEBIBYTE;
  }

  private static Json.Obj object(Object... namesAndValues) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], (Json) namesAndValues[i + 1]);
    }
    return Json.of(members);
  }
}
