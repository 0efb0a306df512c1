package dev.fairlead.daemon;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.Helm;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Fairlead as it is installed in a cluster, in a namespace of its own. The testbed's kubelets only
 * pretend to run its pod; the daemon is a process with the pod's account.
 *
 * <p>Closing removes it, but for the CRD, which other tests share. For one thread.
 */
final class Installation implements AutoCloseable {
  static final Path INSTALL = Path.of("..", "manifests", "install.yaml");
  private static final String HOME = "fairlead-system";
  private static final List<String> WRITES =
      List.of("create", "update", "patch", "delete", "deletecollection", "impersonate");

  /** Where there is more to be had than objects. */
  private static final List<String> SUBRESOURCES =
      List.of(
          "gitsyncs/status",
          "gitsyncs/finalizers",
          "pods/exec",
          "pods/ephemeralcontainers",
          "deployments/scale",
          "serviceaccounts/token",
          "nodes/proxy",
          "namespaces/finalize");

  private final ControlPlane cluster;
  final String namespace;

  private Installation(ControlPlane cluster, String namespace) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  /** What {@code kubectl apply -f manifests/install.yaml} makes, in another namespace. */
  static Installation ofInstallYaml(ControlPlane cluster) {
    String namespace = cluster.createNamespace("install");
    cluster.tryKubectl(installYaml(namespace), "apply", "-f", "-").orFail();
    return new Installation(cluster, namespace);
  }

  /** What the chart makes of values. */
  static Installation ofChart(ControlPlane cluster, Helm helm, String values) {
    String namespace = cluster.createNamespace("install");
    cluster.apply(helm.templateOf(values, namespace).orFail());
    return new Installation(cluster, namespace);
  }

  static String installYaml(String namespace) {
    try {
      return Files.readString(INSTALL).replace(HOME, namespace);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The daemon, with the account of the Deployment. */
  OperatorProcess start(Path directory, String... flags) {
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("--namespace", namespace, "--leader-elect=true"));
    return OperatorProcess.start(
        cluster.kubeconfig(namespace, "fairlead"), directory, "", List.copyOf(all));
  }

  /**
   * All that its account may write, as {@code verb resource} or {@code verb resource in namespace},
   * sorted; asked of the server's own authorizer for every resource there is.
   *
   * @param named the namespaces to ask for
   */
  List<String> writes(String... named) {
    List<String> resources =
        new ArrayList<>(cluster.kubectl("api-resources", "-o", "name").lines().toList());
    resources.addAll(SUBRESOURCES);
    StringBuilder reviews = new StringBuilder();
    for (String resource : resources) {
      for (String verb : WRITES) {
        for (String in : named) {
          reviews.append(review(resource, verb, in));
        }
      }
    }
    ProgramRun run =
        cluster.tryKubectl(
            reviews.toString(),
            "create",
            "-f",
            "-",
            "-o",
            "go-template={{if .status.allowed}}{{with .spec.resourceAttributes}}{{.verb}}"
                + " {{.resource}}{{with .subresource}}/{{.}}{{end}} in"
                + " {{.namespace}}{{\"\\n\"}}{{end}}{{end}}");
    return List.copyOf(new TreeSet<>(run.orFail().lines().filter(l -> !l.isBlank()).toList()));
  }

  private String review(String resource, String verb, String in) {
    int dot = resource.indexOf('.');
    String name = dot < 0 ? resource : resource.substring(0, dot);
    String group = dot < 0 ? "" : resource.substring(dot + 1);
    int slash = name.indexOf('/');
    if (slash > 0) {
      group = name.startsWith("gitsyncs") ? "fairlead.dev" : name.startsWith("dep") ? "apps" : "";
    }
    return """
    ---
    apiVersion: authorization.k8s.io/v1
    kind: SubjectAccessReview
    spec:
      user: system:serviceaccount:%s:fairlead
      groups: [system:authenticated, system:serviceaccounts, system:serviceaccounts:%s]
      resourceAttributes: {group: "%s", resource: %s, subresource: "%s", verb: %s, namespace: "%s"}
    """
        .formatted(
            namespace,
            namespace,
            group,
            slash > 0 ? name.substring(0, slash) : name,
            slash > 0 ? name.substring(slash + 1) : "",
            verb,
            in);
  }

  @Override
  public void close() {
    cluster.kubectl(
        "delete",
        "clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding",
        "-l",
        "app.kubernetes.io/part-of=fairlead",
        "--ignore-not-found");
    cluster.kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found");
  }
}
