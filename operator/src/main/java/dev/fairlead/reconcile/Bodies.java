package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.manifest.BodyDigest;
import dev.fairlead.manifest.Finding;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Sync;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.IgnoredFields;
import dev.fairlead.plan.Treatment;
import java.util.List;
import java.util.Optional;

/** Finds the manifest of a desired object: in the build if it is still there, else in Git. */
final class Bodies {
  private final Builder builder;
  private final Sources sources;

  Bodies(Builder builder, Sources sources) {
    this.builder = builder;
    this.sources = sources;
  }

  /** What is sent of a manifest stands for all of it: what is left to others does not count. */
  static String digest(Manifest manifest, Treatment treatment) {
    return treatment.ignored().isEmpty()
        ? manifest.digest()
        : BodyDigest.of(IgnoredFields.without(manifest.body(), treatment.ignored()).body());
  }

  /** Whether the manifest is the one that the object was made of. */
  static boolean isOf(Manifest manifest, DesiredObject object) {
    return digest(manifest, object.treatment()).equals(object.digest().toString());
  }

  /** The whole manifest, with what is left to others. */
  Manifest manifest(Sync sync, Build build, DesiredObject object)
      throws GitException, BuildException, ApiException, InterruptedException {
    Manifest loaded = build.manifests().get(object.key());
    if (loaded != null && isOf(loaded, object)) {
      return loaded;
    }
    Optional<Mirror> mirror = sources.mirror(sync.key());
    if (mirror.isEmpty()) {
      throw new BuildException(
          Reason.FETCH_FAILED,
          List.of(new Finding(object.origin(), "the repository has not been fetched yet")));
    }
    return builder.reread(sync, mirror.get(), build, object);
  }
}
