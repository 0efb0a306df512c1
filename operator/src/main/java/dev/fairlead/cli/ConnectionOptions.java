package dev.fairlead.cli;

import dev.fairlead.cluster.ClusterAccess;
import dev.fairlead.cluster.Kubeconfig;
import dev.fairlead.cluster.KubeconfigException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and which namespace of it. */
final class ConnectionOptions {
  /** Where Fairlead and, by default, GitSyncs are. */
  static final String USUAL_NAMESPACE = "fairlead-system";

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description =
          "The namespace of the GitSyncs. Default: the one that the context names, else"
              + " fairlead-system")
  private @Nullable String namespace;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "The kubeconfig's context to use. Default: the current one")
  private @Nullable String context;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "The kubeconfig. Default: what KUBECONFIG names, else ~/.kube/config")
  private @Nullable Path kubeconfig;

  /** The namespace that was asked for; empty when none was. */
  Optional<String> asked() {
    return Optional.ofNullable(namespace).filter(n -> !n.isEmpty());
  }

  /** Which cluster is meant. */
  ClusterAccess access(Terminal terminal) throws CliException {
    try {
      Optional<Kubeconfig> config =
          Kubeconfig.load(Optional.ofNullable(kubeconfig), terminal.environment(), terminal.home());
      if (config.isPresent()) {
        return config
            .get()
            .access(
                Optional.ofNullable(context),
                terminal.environment(),
                terminal.answers().isPresent());
      }
      if (context == null && ClusterAccess.inPod(terminal.environment())) {
        return ClusterAccess.ofPod();
      }
      throw new CliException(
          "no kubeconfig: ~/.kube/config does not exist and KUBECONFIG is not set. Name one with"
              + " --kubeconfig FILE; that of K3s is /etc/rancher/k3s/k3s.yaml");
    } catch (KubeconfigException e) {
      throw new CliException(String.valueOf(e.getMessage()));
    }
  }

  /** The namespace that is meant in that cluster. */
  String namespace(ClusterAccess access) {
    return asked().or(access::namespace).orElse(USUAL_NAMESPACE);
  }
}
