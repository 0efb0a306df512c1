package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.git.GitException;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Sync;
import dev.fairlead.plan.DesiredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What may be told of words that a program of a sync has written: nothing of the Secrets that the
 * sync's commit holds, and nothing that looks like one. The Secrets are read from Git when there
 * are such words, and forgotten with this. For one look, by one thread.
 */
final class ProgramWords {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramWords.class);
  private static final GroupKind SECRET = new GroupKind("", "Secret");

  /** Who has more of them is told nothing of what programs write. */
  private static final int MOST_SECRETS = 200;

  private final Bodies bodies;
  private final Sync sync;
  private final SyncState state;
  private Optional<SecretMask> mask = Optional.empty();
  private boolean asked;

  ProgramWords(Bodies bodies, Sync sync, SyncState state) {
    this.bodies = bodies;
    this.sync = sync;
    this.state = state;
  }

  /** Nothing when the Secrets cannot be known. */
  String clean(String text) {
    if (!asked) {
      asked = true;
      mask = mask();
    }
    return mask.map(m -> m.line(text)).orElse("");
  }

  private Optional<SecretMask> mask() {
    Optional<Build> build = state.applied();
    List<DesiredObject> secrets =
        build.map(Build::desired).orElse(List.of()).stream()
            .filter(d -> d.key().groupKind().equals(SECRET))
            .toList();
    if (build.isEmpty() || secrets.size() > MOST_SECRETS) {
      return Optional.empty();
    }
    List<String> values = new ArrayList<>();
    try {
      for (DesiredObject secret : secrets) {
        values.addAll(bodies.manifest(sync, build.get(), secret).secretValues());
      }
    } catch (GitException | BuildException | ApiException e) {
      LOG.atDebug().setCause(e).log("The Secrets of a commit cannot be read");
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    return Optional.of(SecretMask.of(values));
  }
}
