package dev.fairlead.daemon;

import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;

/**
 * A daemon with no more rights than docs/tenants.md gives it, and for each test a tenant of its
 * own, set up as that page says.
 */
abstract class TenantDaemon extends OneDaemon {
  /** What lets a GitSync be applied as the account that the page sets up. */
  static final String ACCOUNT = "serviceAccountName: deployer";

  /** The operator's own namespace. */
  final String own;

  TenantDaemon(ControlPlane cluster, Path directory, String... flags) {
    String home = cluster.createNamespace("tenants-operator");
    Path kubeconfig = cluster.kubeconfig(home, "fairlead");
    cluster.apply(
        DocsYaml.block("tenants.md", "resources: [serviceaccounts], verbs: [impersonate]")
            .replace("fairlead-system", home)
            .replace("name: fairlead\n", "name: " + home + "\n")
            .replace("Role, name: fairlead}", "Role, name: " + home + "}"));
    String[] all = java.util.Arrays.copyOf(flags, flags.length + 2);
    all[flags.length] = "--namespace";
    all[flags.length + 1] = home;
    super("tenant", cluster, directory, kubeconfig, all);
    this.own = home;
  }

  @Override
  String createNamespace() {
    String tenant = cluster.createNamespace("tenant");
    cluster.apply(
        DocsYaml.block("tenants.md", "name: deployer\n  namespace: team-a")
            .replace("team-a", tenant));
    return tenant;
  }

  String kubectl(String... arguments) {
    return cluster.kubectl(arguments).strip();
  }

  /** What is there, or nothing. */
  String find(String... arguments) {
    return cluster.tryKubectl("", arguments).output().strip();
  }

  /** Gives an account of a namespace a Role of it. */
  void bind(String namespace, String role, String account) {
    kubectl(
        "create",
        "rolebinding",
        role,
        "-n",
        namespace,
        "--role=" + role,
        "--serviceaccount=" + account);
  }
}
