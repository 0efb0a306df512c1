package dev.fairlead.reconcile;

import dev.fairlead.git.Mirror;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Expiry;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One ref of one repository as seen with one set of credentials and by one way, shared by the syncs
 * that follow it.
 *
 * <p>Guarantees: at most one look at a time (the queue sees to that); what {@link #outcome()} says
 * is the outcome of the newest finished look. Any thread may call it; its monitor guards all
 * fields.
 */
final class Source {
  /**
   * What makes two syncs share their looks.
   *
   * @param secret namespace and name of the Secret with the credentials
   * @param proxy the same, with the proxy
   */
  record Key(String url, Optional<SecretKey> secret, Optional<SecretKey> proxy, RefSelector ref) {
    /** Whose Secrets are used; empty when none are. */
    Optional<String> namespace() {
      return secret.or(() -> proxy).map(SecretKey::namespace);
    }

    boolean uses(SecretKey changed) {
      return secret.equals(Optional.of(changed)) || proxy.equals(Optional.of(changed));
    }
  }

  /** A Secret in a cluster. */
  record SecretKey(String namespace, String name) {}

  /**
   * Until when is good what was read from the Secrets.
   *
   * @param credentials of spec.secretRef
   * @param proxy of spec.proxySecretRef
   */
  record Validities(List<Expiry> credentials, List<Expiry> proxy) {
    static final Validities NONE = new Validities(List.of(), List.of());

    Validities {
      credentials = List.copyOf(credentials);
      proxy = List.copyOf(proxy);
    }
  }

  /** What one look found. */
  sealed interface Outcome {
    record Pending() implements Outcome {}

    record Seen(Commit commit) implements Outcome {}

    record Failed(Reason reason, String message) implements Outcome {}
  }

  private final Key key;
  private final Map<SyncKey, SyncSpec> followers = new HashMap<>();
  private Outcome outcome = new Outcome.Pending();
  private @Nullable Commit newest;
  private @Nullable Mirror mirror;
  private @Nullable Validities validities;
  private int failures;
  private Instant lookedSince = Instant.EPOCH;
  private boolean reopen;
  private boolean closed;

  Source(Key key) {
    this.key = key;
  }

  Key key() {
    return key;
  }

  /** Whether both name the same repository. */
  static boolean isSameUrl(String one, String other) {
    return trimmed(one).equals(trimmed(other));
  }

  private static String trimmed(String url) {
    int end = url.length();
    while (end > 0 && url.charAt(end - 1) == '/') {
      end--;
    }
    return url.substring(0, end);
  }

  synchronized Outcome outcome() {
    return outcome;
  }

  /** The newest commit that any look has found, also when later ones failed. */
  synchronized Optional<Commit> newest() {
    return Optional.ofNullable(newest);
  }

  /** Adds a follower, or takes note of its new spec. */
  synchronized void follow(SyncKey sync, SyncSpec spec) {
    followers.put(sync, spec);
  }

  /** Whether nobody follows any more. */
  synchronized boolean unfollow(SyncKey sync) {
    followers.remove(sync);
    return followers.isEmpty();
  }

  synchronized Set<SyncKey> followers() {
    return Set.copyOf(followers.keySet());
  }

  /** The shortest interval that a follower asks for. */
  synchronized Duration interval() {
    return followers.values().stream()
        .map(SyncSpec::interval)
        .min(Duration::compareTo)
        .orElse(Duration.ofMinutes(1));
  }

  /** The longest time that a follower grants to one Git operation. */
  synchronized Duration timeout() {
    return followers.values().stream()
        .map(SyncSpec::fetchTimeout)
        .max(Duration::compareTo)
        .orElse(Duration.ofMinutes(1));
  }

  synchronized Optional<Mirror> mirror() {
    return Optional.ofNullable(mirror);
  }

  /**
   * Takes a mirror that was just opened, and gives back the one that is no longer needed: the
   * former, or this one if the source was closed meanwhile.
   */
  synchronized Optional<Mirror> open(Mirror opened) {
    if (closed) {
      return Optional.of(opened);
    }
    Optional<Mirror> former = Optional.ofNullable(mirror);
    mirror = opened;
    reopen = false;
    return former;
  }

  synchronized void seen(Commit commit, Instant began) {
    outcome = new Outcome.Seen(commit);
    newest = commit;
    failures = 0;
    lookedSince = began;
  }

  /** Takes note of a failure and says the how-manieth in a row it is. */
  synchronized int failed(Reason reason, String message, Instant began) {
    outcome = new Outcome.Failed(reason, message);
    lookedSince = began;
    return ++failures;
  }

  /** Takes note that no look may be made now, which is no failure of this source. */
  synchronized void refused(String message, Instant at) {
    outcome = new Outcome.Failed(Reason.FETCH_FAILED, message);
    lookedSince = at;
  }

  /** Whether no look has been finished yet. */
  synchronized boolean isNew() {
    return lookedSince.equals(Instant.EPOCH);
  }

  /** When the newest finished look began. */
  synchronized Instant lookedSince() {
    return lookedSince;
  }

  /** Of the newest reading; empty before there was one. */
  synchronized Optional<Validities> validities() {
    return Optional.ofNullable(validities);
  }

  synchronized void validities(Validities read) {
    validities = read;
  }

  /** Makes the next look read the credentials anew. */
  synchronized void reopen() {
    reopen = true;
  }

  /** The mirror for the next look, unless the credentials have to be read first. */
  synchronized Optional<Mirror> usable() {
    return reopen ? Optional.empty() : mirror();
  }

  /** Nobody follows any more. */
  synchronized Optional<Mirror> close() {
    closed = true;
    Optional<Mirror> last = Optional.ofNullable(mirror);
    mirror = null;
    return last;
  }
}
