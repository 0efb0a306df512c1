package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Preconditions;
import dev.fairlead.manifest.YamlWriter;
import dev.fairlead.model.Json;
import dev.fairlead.plan.Requirements;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fairlead install}. */
@Command(
    name = "install",
    description = {
      "Installs Fairlead into the cluster, or upgrades it, and waits until it runs. With --url it"
          + " also makes a deploy key and the first GitSync, and waits until that is Ready.",
      "Without -n the GitSync is made in the operator's namespace, where it may do what Fairlead"
          + " may; elsewhere it has the rights of the ServiceAccount default there.",
      "What is there already stays: run it again after whatever went wrong."
    })
final class InstallCommand extends ClusterCommand {
  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description =
          "The operator's image. Default: that which runs, if somebody has chosen it, else that of"
              + " this version")
  private @Nullable String image;

  @Mixin private final OperatorPlace place = new OperatorPlace();

  @Option(
      names = "--force-conflicts",
      description = "Takes over fields of Fairlead's own objects that others have set")
  private boolean force;

  @Option(names = "--dry-run", description = "Says what would be done, and does nothing")
  private boolean dryRun;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "yaml",
      description = "Prints what would be installed, for kubectl; asks no cluster")
  private @Nullable Form output;

  @Mixin private final FirstSyncOptions first = new FirstSyncOptions();
  @Mixin private final WaitOptions wait = new WaitOptions();

  /** Other forms than doing it. */
  enum Form {
    YAML;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  InstallCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void check() {
    wait.problem()
        .or(first::problem)
        .or(() ->
            Optional.ofNullable(image)
                .filter(i -> !i.matches("[^\\s]+"))
                .map(i -> "--image: not the name of an image: '" + i + "'"))
        .ifPresent(p -> {
          throw wrong(p);
        });
  }

  @Override
  OptionalInt withoutCluster() {
    if (output == null) {
      return OptionalInt.empty();
    }
    terminal()
        .out()
        .print(
            parts(Optional.empty()).stream()
                .map(p -> YamlWriter.write(p.body()))
                .collect(Collectors.joining("---\n")));
    terminal().out().flush();
    return OptionalInt.of(0);
  }

  /** The first GitSync is where it may do what Fairlead may, whatever the context names. */
  @Override
  Session open() throws CliException {
    return Session.open(connection(), terminal(), place.namespace());
  }

  private List<InstallPart> parts(Optional<String> running) {
    List<InstallPart> parts = InstallPart.all(place.namespace());
    String own =
        parts.stream().flatMap(p -> InstallPart.image(p.body()).stream()).findFirst().orElseThrow();
    String chosen = InstallPart.chosen(Optional.ofNullable(image), running, own);
    return parts.stream().map(p -> p.withImage(chosen)).toList();
  }

  @Override
  int run(Session session) throws CliException, InterruptedException {
    requireServer(session);
    Optional<FirstSync> sync =
        first.isAsked()
            ? Optional.of(FirstSync.find(session, terminal(), first))
            : Optional.empty();
    Optional<String> running = running(session);
    List<InstallPart> parts = parts(running);
    Applying applying = new Applying(session, force);
    List<Applying.Planned> plan = applying.plan(parts);
    if (dryRun) {
      plan.forEach(this::rehearse);
      sync.ifPresent(FirstSync::rehearse);
      return 0;
    }
    if (sync.isPresent()) {
      sync.get().ask();
    }
    apply(applying, plan);
    if (sync.isPresent()) {
      sync.get().offerKey();
    }
    if (wait.waits()) {
      new Rollout(session, terminal()).await(place.namespace(), wait.limit());
    }
    if (sync.isEmpty()) {
      say(
          "Fairlead "
              + VersionCommand.own()
              + " is installed in "
              + session.cluster()
              + ". Next, a repository:  fairlead install --url git@HOST:PATH");
      return 0;
    }
    return follow(sync.get());
  }

  private int follow(FirstSync sync) throws CliException, InterruptedException {
    if (!wait.waits()) {
      sync.create();
      return 0;
    }
    sync.awaitAccess(wait.limit());
    sync.create();
    return sync.awaitReady(wait.limit());
  }

  private void requireServer(Session session) throws CliException, InterruptedException {
    try {
      Optional<String> tooOld =
          Requirements.tooOld(new Preconditions(session.api(), terminal().clock()).server());
      if (tooOld.isPresent()) {
        throw new CliException(tooOld.get());
      }
    } catch (ApiException e) {
      throw session.refused(e);
    }
  }

  private Optional<String> running(Session session) throws CliException, InterruptedException {
    Optional<Json.Obj> deployment =
        session.read(
            InstallPart.DEPLOYMENTS,
            InstallPart.DEPLOYMENTS.key(place.namespace(), InstallPart.FAIRLEAD));
    return deployment.flatMap(InstallPart::image);
  }

  private void apply(Applying applying, List<Applying.Planned> plan)
      throws CliException, InterruptedException {
    boolean defined = false;
    for (Applying.Planned planned : plan) {
      InstallPart part = planned.part();
      if (planned.step() != Applying.Step.UNCHANGED) {
        applying.apply(part);
      }
      say("%-9s    %s".formatted(planned.step(), part.key()));
      if (!defined && part.resource().equals(InstallPart.DEFINITIONS)) {
        applying.awaitDefinition();
        defined = true;
      }
    }
  }

  private void rehearse(Applying.Planned planned) {
    say(
        "%-16s    %s"
            .formatted(
                switch (planned.step()) {
                  case CREATED -> "would be created";
                  case CHANGED -> "would be changed";
                  case UNCHANGED -> "unchanged";
                },
                planned.part().key()));
  }

  private void say(String line) {
    terminal().err().println(line);
    terminal().err().flush();
  }
}
