package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.git.Snapshot;
import dev.fairlead.git.TreeFile;
import dev.fairlead.manifest.FileObjects;
import dev.fairlead.manifest.Finding;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestMemory;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.manifest.ManifestSet;
import dev.fairlead.manifest.Scope;
import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Treatment;
import dev.fairlead.reconcile.Build.FileKey;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Reads what a commit wants: files from the mirror, manifests from the files, each with its
 * namespace, its labels and its digest. Files and directories that did not change are not read
 * again.
 *
 * <p>Stateless; any thread may call it.
 */
final class Builder {
  private static final GroupKind CRD =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");

  private final ManifestReader reader;
  private final Limits limits;
  private final Discovery discovery;
  private final Signatures signatures;
  private final InstantSource clock;

  Builder(Limits limits, Discovery discovery, Signatures signatures, InstantSource clock) {
    this.reader = new ManifestReader(limits);
    this.limits = limits;
    this.discovery = discovery;
    this.signatures = signatures;
    this.clock = clock;
  }

  /**
   * @param previous the last build of the sync, to spare what did not change
   * @throws GitException the commit cannot be read: it is not signed as the spec wants, its path is
   *     missing, a file is no manifest's file
   * @throws BuildException what was read is wrong; everything that is, at once
   * @throws ApiException the server was asked about a kind and did not answer
   */
  Build build(Sync sync, Mirror mirror, Target target, Optional<Build> previous)
      throws GitException, BuildException, ApiException, InterruptedException {
    // Before anything else of it is read.
    requireSigned(sync, mirror, target.commit());
    String fingerprint = fingerprint(sync);
    Optional<Build> usable = previous.filter(b -> b.fingerprint().equals(fingerprint));
    Optional<String> tree = treeId(sync, mirror, target.commit());
    if (usable.isPresent() && tree.equals(Optional.of(usable.get().tree()))) {
      return usable.get().at(target);
    }
    // Where there is no such directory this says so, and what there is instead.
    Snapshot snapshot = tree(sync, mirror, target.commit(), ManifestReader::reads);
    try (ManifestMemory memory = reader.memory()) {
      return assemble(sync, target, tree.orElse(""), fingerprint, snapshot, usable, memory);
    }
  }

  private Build assemble(
      Sync sync,
      Target target,
      String tree,
      String fingerprint,
      Snapshot snapshot,
      Optional<Build> previous,
      ManifestMemory memory)
      throws GitException, BuildException, ApiException, InterruptedException {
    Map<FileKey, List<DesiredObject>> known = previous.map(Build::files).orElse(Map.of());
    List<Warning> hooks = new ArrayList<>();
    List<Finding> findings = new ArrayList<>();
    List<Manifest> read = new ArrayList<>();
    reader.tooManyFiles(sync.spec().path(), snapshot.files().size()).ifPresent(findings::add);
    if (findings.isEmpty()) {
      for (TreeFile file : snapshot.files()) {
        if (!known.containsKey(FileKey.of(file)) && !memory.spent()) {
          ManifestReader.Parsed parsed = parse(snapshot, file, memory);
          FileObjects objects = FileObjects.of(parsed.manifests());
          read.addAll(objects.manifests());
          findings.addAll(parsed.findings());
          hooks.addAll(objects.warnings());
        }
      }
    }
    if (!findings.isEmpty()) {
      throw new BuildException(Reason.BUILD_FAILED, findings, read);
    }
    Set<GroupKind> defined = new HashSet<>(previous.map(Build::definedKinds).orElse(Set.of()));
    Map<GroupKind, Scope> scopes = scopes(read, defined);
    ManifestSet assembled =
        ManifestSet.assemble(
            read,
            sync.spec().defaultNamespace(),
            kind -> scopes.getOrDefault(kind, Scope.UNKNOWN),
            limits);
    findings.addAll(assembled.findings());

    Map<String, List<Manifest>> byFile = new HashMap<>();
    for (Manifest manifest : assembled.manifests()) {
      byFile.computeIfAbsent(manifest.origin().file(), f -> new ArrayList<>()).add(manifest);
    }
    Map<FileKey, List<DesiredObject>> files = new LinkedHashMap<>();
    Map<ObjectKey, Manifest> manifests = new HashMap<>();
    Map<String, String> labels = labels(sync.key());
    for (TreeFile file : snapshot.files()) {
      FileKey key = FileKey.of(file);
      List<DesiredObject> objects = known.get(key);
      if (objects == null) {
        objects = new ArrayList<>();
        for (Manifest manifest : byFile.getOrDefault(file.path(), List.of())) {
          Manifest labelled = FileObjects.sent(manifest, labels);
          manifests.put(labelled.key(), labelled);
          objects.add(desired(sync, labelled, file.blobId(), findings));
        }
      }
      files.put(key, List.copyOf(objects));
    }
    List<Warning> warnings = new ArrayList<>(hooks);
    previous.map(b -> stillTrue(b, files.keySet())).ifPresent(warnings::addAll);
    List<DesiredObject> desired = files.values().stream().flatMap(List::stream).toList();
    findings.addAll(twice(desired));
    check(sync, snapshot, desired, !warnings.isEmpty(), findings, read);
    // Where an object of an unknown kind lives is known only when the server knows the kind.
    String reusable = scopes.containsValue(Scope.UNKNOWN) ? Build.NOT_REUSABLE : fingerprint;
    return new Build(target, tree, reusable, desired, files, defined, warnings, manifests);
  }

  /** The warnings about files that are not read again. */
  private static List<Warning> stillTrue(Build previous, Set<FileKey> files) {
    Set<String> unread =
        files.stream()
            .filter(previous.files()::containsKey)
            .map(FileKey::path)
            .collect(Collectors.toSet());
    return previous.warnings().stream().filter(w -> unread.contains(w.origin().file())).toList();
  }

  private void check(
      Sync sync,
      Snapshot snapshot,
      List<DesiredObject> desired,
      boolean hooks,
      List<Finding> findings,
      List<Manifest> read)
      throws BuildException {
    String path = sync.spec().path();
    if (findings.isEmpty() && desired.isEmpty()) {
      findings.add(
          FileObjects.nothing(path, !snapshot.files().isEmpty(), snapshot.ignoring(), hooks));
    }
    if (findings.isEmpty() && desired.size() > limits.maxObjects()) {
      findings.add(
          new Finding(
              Origin.ofFile(path.isEmpty() ? "." : path),
              "holds %d objects, more than the limit of %d"
                  .formatted(desired.size(), limits.maxObjects())));
    }
    if (!findings.isEmpty()) {
      throw new BuildException(Reason.BUILD_FAILED, findings, read);
    }
  }

  /** One object in two files: kubectl would apply both, and the last one would win. */
  private static List<Finding> twice(List<DesiredObject> desired) {
    Map<ObjectKey, DesiredObject> first = HashMap.newHashMap(desired.size());
    List<Finding> findings = new ArrayList<>();
    for (DesiredObject object : desired) {
      DesiredObject other = first.putIfAbsent(object.key(), object);
      if (other != null) {
        findings.add(
            new Finding(
                object.origin(),
                object.key() + " is defined a second time, the first is in " + other.origin()));
      }
    }
    return findings;
  }

  private ManifestReader.Parsed parse(Snapshot snapshot, TreeFile file, ManifestMemory memory)
      throws GitException {
    Optional<Finding> tooLarge = reader.tooLarge(file.path(), file.size());
    if (tooLarge.isPresent()) {
      return new ManifestReader.Parsed(List.of(), List.of(tooLarge.get()));
    }
    memory.expect(file.size());
    return reader.read(
        file.path(), file.readAs(), snapshot.read(file, limits.maxFileBytes()), memory);
  }

  private static DesiredObject desired(
      Sync sync, Manifest manifest, String blob, List<Finding> findings) {
    Treatment treatment = Treatment.of(manifest, sync.spec().ignoreFields(), findings);
    return new DesiredObject(
        manifest.key(),
        manifest.gvk(),
        Digest.parse(Bodies.digest(manifest, treatment)),
        manifest.origin(),
        blob,
        treatment);
  }

  /** Where each kind lives: as the server says, or as a definition of the same commit does. */
  private Map<GroupKind, Scope> scopes(List<Manifest> manifests, Set<GroupKind> defined)
      throws ApiException, InterruptedException {
    Map<GroupKind, Scope> scopes = new HashMap<>();
    for (Manifest manifest : manifests) {
      if (manifest.gvk().groupKind().equals(CRD)) {
        Json.Obj spec = manifest.body().object("spec").orElse(Json.Obj.empty());
        Optional<String> kind = spec.object("names").flatMap(n -> n.string("kind"));
        if (kind.isPresent() && !kind.get().isEmpty()) {
          GroupKind defines = new GroupKind(spec.string("group").orElse(""), kind.get());
          defined.add(defines);
          scopes.put(
              defines,
              spec.string("scope").orElse("").equals("Cluster") ? Scope.CLUSTER : Scope.NAMESPACED);
        }
      }
    }
    for (Manifest manifest : manifests) {
      GroupKind kind = manifest.gvk().groupKind();
      if (!scopes.containsKey(kind)) {
        Optional<Resource> resource = discovery.resolve(manifest.gvk());
        scopes.put(
            kind,
            resource
                .map(r -> r.namespaced() ? Scope.NAMESPACED : Scope.CLUSTER)
                .orElse(Scope.UNKNOWN));
      }
    }
    return scopes;
  }

  /**
   * The manifest of an object again, as it was built: for a repair, long after the commit was
   * applied.
   */
  Manifest reread(Sync sync, Mirror mirror, Build build, DesiredObject object)
      throws GitException, BuildException, ApiException, InterruptedException {
    Manifest loaded = build.manifests().get(object.key());
    if (loaded != null && Bodies.isOf(loaded, object)) {
      return loaded;
    }
    String file = object.origin().file();
    Snapshot snapshot = snapshot(sync, mirror, build.target().commit(), file);
    // By the name that it had for the build, which need not be its own.
    String readAs =
        build.files().keySet().stream()
            .filter(f -> f.path().equals(file) && f.blob().equals(object.blob()))
            .map(FileKey::readAs)
            .findFirst()
            .orElse(file);
    TreeFile version =
        new TreeFile(
            file,
            readAs,
            object.blob(),
            snapshot.files().stream()
                .filter(f -> f.path().equals(file))
                .map(TreeFile::size)
                .findFirst()
                .orElse(0L));
    List<Manifest> manifests;
    try (ManifestMemory memory = reader.memory()) {
      manifests = FileObjects.of(parse(snapshot, version, memory).manifests()).manifests();
    }
    Map<GroupKind, Scope> scopes = scopes(manifests, new HashSet<>(build.definedKinds()));
    Map<String, String> labels = labels(sync.key());
    for (Manifest manifest :
        ManifestSet.assemble(
                manifests,
                sync.spec().defaultNamespace(),
                kind -> scopes.getOrDefault(kind, Scope.UNKNOWN),
                limits)
            .manifests()) {
      if (manifest.key().equals(object.key())) {
        return FileObjects.sent(manifest, labels);
      }
    }
    throw new BuildException(
        Reason.BUILD_FAILED,
        List.of(new Finding(object.origin(), object.key() + " cannot be read again")));
  }

  private Snapshot snapshot(Sync sync, Mirror mirror, String commit, String file)
      throws GitException, ApiException, InterruptedException {
    try {
      requireSigned(sync, mirror, commit);
      return tree(sync, mirror, commit, file::equals);
    } catch (GitException e) {
      if (e.reason() != Reason.FETCH_FAILED) {
        throw e;
      }
      // The mirror was made anew since: fetch the commit by its hash.
      mirror.look(new RefSelector.Hash(commit), clock.instant(), sync.spec().fetchTimeout());
      requireSigned(sync, mirror, commit);
      return tree(sync, mirror, commit, file::equals);
    }
  }

  /** What has to hold before anything of a commit is read for the sync. */
  void requireSigned(Sync sync, Mirror mirror, String commit)
      throws GitException, ApiException, InterruptedException {
    signatures.require(sync, mirror, commit);
  }

  private static Snapshot tree(Sync sync, Mirror mirror, String commit, Predicate<String> wanted)
      throws GitException, InterruptedException {
    String path = sync.spec().path();
    return sync.spec().submodules()
        ? mirror.treeWithSubmodules(
            commit, path, sync.spec().ignore(), wanted, sync.spec().fetchTimeout())
        : mirror.tree(commit, path, sync.spec().ignore(), wanted);
  }

  /** What stands for all that the sync reads of a commit; empty when it has no such directory. */
  static Optional<String> treeId(Sync sync, Mirror mirror, String commit) throws GitException {
    String path = sync.spec().path();
    return sync.spec().submodules()
        ? mirror.treeIdWithSubmodules(commit, path)
        : mirror.treeId(commit, path);
  }

  /** Everything that a build depends on beside the tree. */
  private static String fingerprint(Sync sync) {
    return Digest.of(
            sync.key()
                + "\n"
                + sync.spec().path()
                + "\n"
                + sync.spec().submodules()
                + "\n"
                + sync.spec().ignore()
                + "\n"
                + sync.spec().defaultNamespace().orElse("")
                + "\n"
                + sync.spec().ignoreFields())
        .toString();
  }

  /** The labels that say whose an object is. */
  static Map<String, String> labels(SyncKey sync) {
    return Labels.ofMembers(sync);
  }
}
