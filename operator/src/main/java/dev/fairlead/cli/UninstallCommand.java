package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.PodReader;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.Lease;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fairlead uninstall}. */
@Command(
    name = "uninstall",
    description = {
      "Removes Fairlead and all GitSyncs from the cluster. What they have deployed stays and goes on"
          + " running.",
      "Works without a running operator too; run it again after whatever went wrong."
    })
final class UninstallCommand extends ClusterCommand {
  @Option(
      names = {"-y", "--yes"},
      description = "Does it without asking")
  private boolean yes;

  @Mixin private final OperatorPlace place = new OperatorPlace();

  @Option(
      names = "--delete-namespace",
      description =
          "Deletes that namespace too, with the Secrets in it; not while anything else runs there")
  private boolean deleteNamespace;

  UninstallCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void check() {
    if (connection().asked().isPresent()) {
      throw wrong(
          "-n: the GitSyncs of all namespaces go; --operator-namespace says where the operator"
              + " runs");
    }
    if (!yes && terminal().answers().isEmpty()) {
      throw wrong("nobody can be asked here: say --yes to remove Fairlead and all GitSyncs");
    }
  }

  /** What is there of Fairlead. */
  private record Found(List<OwnObject> own, boolean defined, Map<SyncKey, SyncItem> syncs) {
    boolean nothing() {
      return own.isEmpty() && !defined;
    }

    /** What Helm has installed; empty where somebody else has. */
    Optional<String> release() {
      return own.stream().flatMap(o -> o.release().stream()).findFirst();
    }
  }

  @Override
  int run(Session session) throws CliException, InterruptedException {
    Departure departure = new Departure(session, terminal().err(), place.namespace());
    Found found = find(session, departure);
    boolean namespace =
        deleteNamespace
            && session
                .read(InstallPart.NAMESPACES, InstallPart.NAMESPACES.key("", place.namespace()))
                .isPresent();
    if (found.nothing() && !namespace) {
      terminal().err().println("nothing of Fairlead is in " + session.cluster());
      return 0;
    }
    if (namespace) {
      requireOwnNamespace(session, found.syncs().values());
    }
    announce(session, found, namespace);
    if (!yes && !terminal().agrees("Go on?")) {
      terminal().err().println("nothing was removed");
      return CliException.PROBLEM;
    }
    boolean released = !found.defined() || departure.removeGitSyncs();
    if (found.release().isEmpty()) {
      for (OwnObject object : found.own().reversed()) {
        boolean _ = departure.delete(object.resource(), object.key(), true);
      }
      boolean _ =
          departure.delete(
              Lease.RESOURCE, Lease.RESOURCE.key(place.namespace(), InstallPart.FAIRLEAD), true);
    }
    if (namespace) {
      boolean _ =
          departure.delete(
              InstallPart.NAMESPACES, InstallPart.NAMESPACES.key("", place.namespace()), true);
    }
    conclude(found, released, namespace);
    return 0;
  }

  private Found find(Session session, Departure departure)
      throws CliException, InterruptedException {
    boolean defined = session.read(InstallPart.DEFINITIONS, Departure.definition()).isPresent();
    return new Found(
        OwnObject.find(session, place.namespace()),
        defined,
        defined ? departure.syncs() : Map.of());
  }

  /** Workloads would go with their namespace. */
  private void requireOwnNamespace(Session session, Collection<SyncItem> syncs)
      throws CliException, InterruptedException {
    for (SyncItem sync : syncs) {
      if (sync.status().inventory().namespaces().contains(place.namespace())) {
        throw new CliException(
            "GitSync %s has deployed something into namespace %s, which would go with it: leave --delete-namespace out"
                .formatted(sync.key(), place.namespace()));
      }
    }
    try {
      PodReader.Pods others =
          new PodReader(session.api())
              .pods(place.namespace(), "app.kubernetes.io/name!=" + InstallPart.FAIRLEAD);
      if (!others.items().isEmpty()) {
        throw new CliException(
            "pods that are not Fairlead's run in namespace %s, %s for one, and would go with it: leave --delete-namespace out"
                .formatted(
                    place.namespace(),
                    others
                        .items()
                        .getFirst()
                        .object("metadata")
                        .flatMap(m -> m.string("name"))
                        .orElse("")));
      }
    } catch (ApiException e) {
      throw session.refused(e);
    }
  }

  private void announce(Session session, Found found, boolean namespace) {
    terminal().out().println("From " + session.cluster() + " are removed:");
    found
        .syncs()
        .values()
        .forEach(sync ->
            terminal().out().println("  GitSync " + sync.key() + "; " + Departure.stays(sync)));
    if (found.defined()) {
      terminal().out().println("  the definition of GitSyncs");
    }
    if (found.release().isEmpty() && !found.own().isEmpty()) {
      terminal()
          .out()
          .println(
              "  the operator with its account, its roles and all else that was installed with it");
    }
    if (namespace) {
      terminal().out().println("  the namespace " + place.namespace() + " with all that is in it");
    }
    terminal().out().flush();
  }

  private void conclude(Found found, boolean released, boolean namespace) {
    List<String> lines = new ArrayList<>();
    int objects = found.syncs().values().stream().mapToInt(s -> s.status().objects().total()).sum();
    if (objects > 0) {
      lines.add(
          "what GitSyncs have deployed, "
              + (objects == 1 ? "1 object" : objects + " objects")
              + (released
                  ? ", without Fairlead's labels"
                  : ", with Fairlead's labels, by which GitSyncs find them when it is installed again"));
    }
    if (!namespace) {
      lines.add(
          "the namespace "
              + place.namespace()
              + " with its Secrets, deploy keys among them:  kubectl delete namespace "
              + place.namespace());
    }
    found
        .release()
        .ifPresent(release ->
            lines.add("the operator, which Helm has installed:  helm uninstall " + release));
    String head = "What stays: ";
    for (String line : lines) {
      terminal().out().println(head + line);
      head = " ".repeat(head.length());
    }
    terminal().out().flush();
  }
}
