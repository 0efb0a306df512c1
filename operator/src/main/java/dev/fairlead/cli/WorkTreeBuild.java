package dev.fairlead.cli;

import dev.fairlead.git.Credentials;
import dev.fairlead.git.GitException;
import dev.fairlead.git.GitLimits;
import dev.fairlead.git.Mirror;
import dev.fairlead.git.Mirrors;
import dev.fairlead.git.Remote;
import dev.fairlead.git.Snapshot;
import dev.fairlead.git.TreeFile;
import dev.fairlead.git.WorkingCopy;
import dev.fairlead.manifest.FileObjects;
import dev.fairlead.manifest.Finding;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.manifest.ManifestSet;
import dev.fairlead.manifest.Scope;
import dev.fairlead.model.IgnoreRule;
import dev.fairlead.model.Labels;
import dev.fairlead.model.Origin;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Sync;
import dev.fairlead.plan.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a working copy as the daemon reads a commit: through the same mirror, with the same limits,
 * into the same objects. What the daemon asks the API server, where a kind lives, is looked up.
 * Stateless.
 */
final class WorkTreeBuild {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private WorkTreeBuild() {}

  /**
   * What is wanted of it.
   *
   * @param labels that each object gets
   */
  record Request(
      String path,
      List<String> ignore,
      boolean submodules,
      Optional<String> defaultNamespace,
      List<IgnoreRule> ignoreFields,
      Map<String, String> labels) {
    static Request of(Sync sync) {
      return new Request(
          sync.spec().path(),
          sync.spec().ignore(),
          sync.spec().submodules(),
          sync.spec().defaultNamespace(),
          sync.spec().ignoreFields(),
          Labels.ofMembers(sync.key()));
    }

    static Request of(String path, Optional<String> defaultNamespace) {
      return new Request(path, List.of(), false, defaultNamespace, List.of(), Map.of());
    }
  }

  /**
   * What came of it.
   *
   * @param manifests none when there are findings
   * @param warnings in words
   */
  record Result(List<Manifest> manifests, List<Finding> findings, List<String> warnings) {}

  static Result of(WorkingCopy copy, Request request)
      throws CliException, IOException, InterruptedException {
    Path scratch = Files.createTempDirectory("fairlead-build-");
    try {
      Path bare = scratch.resolve("work-tree.git");
      String commit = copy.commitTo(bare);
      return read(scratch, bare, commit, request);
    } catch (GitException e) {
      throw new CliException(String.valueOf(e.getMessage()));
    } finally {
      Directories.delete(scratch);
    }
  }

  private static Result read(Path scratch, Path bare, String commit, Request request)
      throws GitException, IOException, InterruptedException {
    GitLimits usual = GitLimits.DEFAULT;
    GitLimits limits = new GitLimits(true, 1, usual.pack(), usual.disk(), usual.tree());
    InstantSource clock = InstantSource.system();
    try (Mirrors mirrors = new Mirrors(scratch.resolve("cache"), limits, clock, (_, _, _) -> {});
        Mirror mirror =
            mirrors.acquire(
                new Remote(bare.toUri().toString(), new Credentials.None(Credentials.Tls.NONE)))) {
      var _ = mirror.look(new RefSelector.Branch(WorkingCopy.BRANCH), Instant.EPOCH, LIMIT);
      Snapshot snapshot =
          mirror.tree(commit, request.path(), request.ignore(), ManifestReader::reads);
      return assemble(snapshot, request);
    }
  }

  private static Result assemble(Snapshot snapshot, Request request) throws GitException {
    ManifestReader reader = new ManifestReader(Limits.DEFAULT);
    List<Finding> findings = new ArrayList<>();
    List<Manifest> read = new ArrayList<>();
    for (TreeFile file : snapshot.files()) {
      Optional<Finding> tooLarge = reader.tooLarge(file.path(), file.size());
      if (tooLarge.isPresent()) {
        findings.add(tooLarge.get());
        continue;
      }
      ManifestReader.Parsed parsed =
          reader.read(file.path(), snapshot.read(file, Limits.DEFAULT.maxFileBytes()));
      read.addAll(parsed.manifests());
      findings.addAll(parsed.findings());
    }
    FileObjects objects = FileObjects.of(read);
    List<String> warnings = new ArrayList<>();
    objects.warnings().forEach(w -> warnings.add(w.toString()));
    KnownKinds kinds = KnownKinds.load();
    ManifestSet set =
        ManifestSet.assemble(
            objects.manifests(), request.defaultNamespace(), kinds::of, Limits.DEFAULT);
    // As in the daemon: what is wrong with files comes first, and alone.
    if (findings.isEmpty()) {
      findings.addAll(set.findings());
    }
    List<Manifest> sent = new ArrayList<>();
    for (Manifest manifest : set.manifests()) {
      Manifest whole = FileObjects.sent(manifest, request.labels());
      List<Finding> wrong = new ArrayList<>();
      Treatment treatment = Treatment.of(whole, request.ignoreFields(), wrong);
      if (findings.isEmpty() || !wrong.isEmpty()) {
        findings.addAll(wrong);
      }
      if (treatment.reconcile() == Treatment.Reconcile.NEVER) {
        warnings.add(
            whole.origin() + ": " + whole.key() + ": is left alone, as its annotation says");
      } else {
        sent.add(whole);
      }
      unknown(whole, kinds, set, warnings);
    }
    if (findings.isEmpty() && set.manifests().isEmpty()) {
      findings.add(
          FileObjects.nothing(
              request.path(),
              !snapshot.files().isEmpty(),
              snapshot.ignoring(),
              !objects.warnings().isEmpty()));
    }
    return new Result(findings.isEmpty() ? sent : List.of(), findings, warnings);
  }

  /** Of a kind that nobody here knows it is not known whether it gets a namespace. */
  private static void unknown(
      Manifest manifest, KnownKinds kinds, ManifestSet set, List<String> warnings) {
    if (manifest.namespace().isEmpty()
        && kinds.of(manifest.gvk().groupKind()) == Scope.UNKNOWN
        && set.manifests().stream().noneMatch(m -> defines(m, manifest))) {
      Origin origin = manifest.origin();
      warnings.add(
          origin
              + ": "
              + manifest.key()
              + ": where its kind lives only a cluster knows, or its definition: it may get the"
              + " default namespace");
    }
  }

  private static boolean defines(Manifest definition, Manifest object) {
    return definition.gvk().kind().equals("CustomResourceDefinition")
        && definition
            .body()
            .object("spec")
            .flatMap(s -> s.object("names"))
            .flatMap(n -> n.string("kind"))
            .filter(object.gvk().kind()::equals)
            .isPresent();
  }
}
