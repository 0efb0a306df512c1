package dev.fairlead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One real Kubernetes control plane: etcd, API server, controller manager, scheduler, and kwok for
 * the kubelets, run by {@code testbed/cluster}.
 *
 * <p>Guarantees: it is usable when {@link #start} returns (a pod can run in the namespace {@code
 * default}); its processes end with {@link #close}, and at the latest with this JVM; it shares no
 * port and no data with another one.
 *
 * <p>Tests share one through {@link ControlPlaneExtension} and keep apart by namespaces. A test
 * that stops the API server starts a control plane of its own. Any thread may call any method.
 */
public final class ControlPlane implements AutoCloseable {

  /** The first start on a machine builds Kubernetes. */
  private static final Duration START_LIMIT = Duration.ofMinutes(30);

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path launcher;
  private final Path directory;
  private final Path kubectl;

  private ControlPlane(Path launcher, Path directory, Path kubectl) {
    this.launcher = launcher;
    this.directory = directory;
    this.kubectl = kubectl;
  }

  /**
   * Starts a control plane with its files, logs among them, in a new directory below {@code
   * target/control-plane}.
   *
   * @param options as {@code testbed/cluster start} takes them, such as {@code --nodes=3} or {@code
   *     --apiserver-arg=--etcd-compaction-interval=10s}
   */
  public static ControlPlane start(String... options) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "control-plane").toAbsolutePath());
      return start(Files.createTempDirectory(parent, "run-"), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ControlPlane start(Path directory, String... options) throws IOException {
    Path launcher = launcher();
    List<String> command = new ArrayList<>();
    command.addAll(List.of(launcher.toString(), "start", directory.toString()));
    command.addAll(List.of("--with-parent", Long.toString(ProcessHandle.current().pid())));
    command.addAll(List.of(options));
    ProgramRun.of(command, Map.of(), "", START_LIMIT).orFail();
    // The link moves when the testbed is built anew; what it names now stays.
    Path kubectl = launcher.resolveSibling("bin").toRealPath().resolve("kubectl");
    return new ControlPlane(launcher, directory, kubectl);
  }

  private static Path launcher() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path launcher = at.resolve("testbed").resolve("cluster");
      if (Files.isExecutable(launcher)) {
        return launcher;
      }
    }
    throw new AssertionError("No testbed/cluster above " + Path.of("").toAbsolutePath());
  }

  /** The kubeconfig of the administrator, who is exempt from priority and fairness. */
  public Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  /** A kubeconfig with a token, valid for a day, of a ServiceAccount that is created if absent. */
  public Path kubeconfig(String namespace, String serviceAccount) {
    return Path.of(cluster("token", namespace, serviceAccount).strip());
  }

  /** The directory of the real kubectl. */
  public Path bin() {
    return kubectl.resolveSibling("");
  }

  /** Where logs lie: one file a process, {@code kube-apiserver.log} and so on. */
  public Path directory() {
    return directory;
  }

  /** The API server's url. */
  public String server() {
    try {
      return Files.readString(directory.resolve("server")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs the real kubectl as administrator and returns its standard output.
   *
   * @throws AssertionError when it fails
   */
  public String kubectl(String... arguments) {
    return tryKubectl("", arguments).orFail();
  }

  /**
   * Applies manifests with {@code kubectl apply --server-side} and returns what kubectl printed.
   *
   * @throws AssertionError when it fails
   */
  public String apply(String manifests) {
    return tryKubectl(manifests, "apply", "--server-side", "-f", "-").orFail();
  }

  /** Runs kubectl with this standard input, and returns also a failure. */
  public ProgramRun tryKubectl(String input, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(kubectl.toString());
    command.addAll(List.of(arguments));
    // The discovery cache goes by address, and another cluster may have had ours.
    Map<String, String> environment =
        Map.of(
            "KUBECONFIG", kubeconfig().toString(),
            "KUBECACHEDIR", directory.resolve("kubectl-cache").toString());
    return ProgramRun.of(command, environment, input, LIMIT);
  }

  /** Creates a namespace with a name that no other test has, and returns that name. */
  public String createNamespace(String prefix) {
    String name = prefix + "-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
    kubectl("create", "namespace", name);
    return name;
  }

  /**
   * Creates a namespace whose default ServiceAccount may do everything, so that a GitSync there may
   * apply anything.
   */
  public String createTrustedNamespace(String prefix) {
    String name = createNamespace(prefix);
    trust(name);
    return name;
  }

  /** Lets the default ServiceAccount of a namespace do everything. */
  public void trust(String namespace) {
    String account = namespace + ":default";
    kubectl(
        "create",
        "clusterrolebinding",
        "trust-" + namespace,
        "--clusterrole=cluster-admin",
        "--serviceaccount=" + account);
  }

  /** Ends the API server in an orderly way; nothing listens on its port when this returns. */
  public void stopApiServer() {
    cluster("stop-apiserver");
  }

  /** Ends the API server by SIGKILL. */
  public void killApiServer() {
    cluster("kill-apiserver");
  }

  /** Starts a stopped API server again, on the same port with the same data; it is ready then. */
  public void startApiServer() {
    cluster("start-apiserver");
  }

  private String cluster(String verb, String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(launcher.toString(), verb, directory.toString()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(command, Map.of(), "", LIMIT).orFail();
  }

  @Override
  public void close() {
    cluster("stop");
  }
}
