package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.model.HookToken;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The webhooks of the syncs, by the tokens in their Secrets.
 *
 * <p>Guarantees: a token is read once, and again when its Secret changes; a path is known here from
 * when its token was read until the sync or the token goes. Any thread may call it.
 */
final class Webhooks implements Hooks {
  private static final String TOKEN = "token";
  private static final Duration RETRY = Duration.ofSeconds(30);

  /** Reads a Secret's data. */
  interface Reader {
    Map<String, byte[]> read(String namespace, String name)
        throws ApiException, InterruptedException;
  }

  /**
   * What became of reading a token.
   *
   * @param told what status says of it
   * @param again whether it may go better in a while
   */
  private record Reading(
      Source.SecretKey secret, Optional<Hook> hook, Webhook told, boolean again) {}

  private final Syncs syncs;
  private final Reader secrets;
  private final Sources sources;
  private final Dispatch dispatch;
  private final BooleanSupplier ready;
  private final Map<SyncKey, Reading> readings = new ConcurrentHashMap<>();

  /** What is being read; what is gone when it was read changed meanwhile. */
  private final Map<SyncKey, Source.SecretKey> underWay = new ConcurrentHashMap<>();

  private volatile Map<String, Hook> byPath = Map.of();
  private volatile boolean allRead;

  /**
   * @param ready whether all GitSyncs are known
   */
  Webhooks(
      Syncs syncs, Secrets secrets, Sources sources, Dispatch dispatch, BooleanSupplier ready) {
    this(syncs, secrets::read, sources, dispatch, ready);
  }

  Webhooks(Syncs syncs, Reader secrets, Sources sources, Dispatch dispatch, BooleanSupplier ready) {
    this.syncs = syncs;
    this.secrets = secrets;
    this.sources = sources;
    this.dispatch = dispatch;
    this.ready = ready;
  }

  /** Makes the sync's webhook what its spec says; reads the token if that has not been done. */
  void follow(Sync sync, SyncState state) throws InterruptedException {
    Optional<Source.SecretKey> secret = secretOf(sync);
    if (secret.isEmpty()) {
      gone(sync.key());
      state.webhook(Webhook.NONE);
      return;
    }
    Reading known = readings.get(sync.key());
    if (known == null || known.again() || !known.secret().equals(secret.get())) {
      underWay.put(sync.key(), secret.get());
      known = read(sync, secret.get(), known);
      readings.put(sync.key(), known);
      index();
      if (!underWay.remove(sync.key(), secret.get())) {
        reread(sync.key());
      }
    }
    state.webhook(known.told());
  }

  static Optional<Source.SecretKey> secretOf(Sync sync) {
    return sync.spec()
        .webhookSecret()
        .map(name -> new Source.SecretKey(sync.key().namespace(), name));
  }

  private Reading read(Sync sync, Source.SecretKey secret, @Nullable Reading before)
      throws InterruptedException {
    String name = "the Secret " + secret.namespace() + "/" + secret.name();
    try {
      byte[] token = trimmed(secrets.read(secret.namespace(), secret.name()).get(TOKEN));
      if (token.length < HookToken.SHORTEST) {
        String why =
            (token.length == 0 ? " has no token" : " has a token that could be guessed")
                + ": put at least %d characters by chance under its key token"
                    .formatted(HookToken.SHORTEST);
        return new Reading(
            secret, Optional.empty(), Webhook.troubled(Optional.empty(), name + why), false);
      }
      Hook hook = new Hook(sync.key(), new HookToken(token));
      return new Reading(
          secret, Optional.of(hook), Webhook.at(hook.token().path(sync.key())), false);
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound) {
        Webhook told =
            Webhook.troubled(
                Optional.empty(), name + " does not exist: create it with the key token");
        return new Reading(secret, Optional.empty(), told, false);
      }
      // Until it can be read, what was known holds.
      Optional<Hook> hook = Optional.ofNullable(before).flatMap(Reading::hook);
      Optional<String> path =
          hook.map(h -> h.token().path(sync.key())).or(() -> sync.status().webhookPath());
      Webhook told = Webhook.troubled(path, name + " cannot be read: " + e.getMessage());
      return new Reading(secret, hook, told, true);
    }
  }

  /** Without the line end that editors leave. */
  private static byte[] trimmed(byte @Nullable [] token) {
    int end = token == null ? 0 : token.length;
    while (token != null && end > 0 && (token[end - 1] == '\n' || token[end - 1] == '\r')) {
      end--;
    }
    return token == null ? new byte[0] : Arrays.copyOf(token, end);
  }

  private synchronized void index() {
    Map<String, Hook> all = new HashMap<>();
    readings.forEach(
        (sync, reading) -> reading.hook().ifPresent(h -> all.put(h.token().path(sync), h)));
    byPath = all;
  }

  /** The result of work on a sync, coming again for a token that could not be read. */
  Result again(SyncKey sync, Result result) {
    Reading reading = readings.get(sync);
    return reading != null && reading.again() ? result.noLaterThan(RETRY, Priority.LOW) : result;
  }

  /** The sync has none any more. */
  void gone(SyncKey sync) {
    if (readings.remove(sync) != null) {
      index();
    }
  }

  /** A Secret changed: whoever has its token in it reads it again, at once. */
  void secretChanged(Source.SecretKey secret) {
    underWay.values().removeIf(secret::equals);
    readings.forEach((sync, reading) -> {
      if (reading.secret().equals(secret)) {
        reread(sync);
      }
    });
  }

  private void reread(SyncKey sync) {
    readings.computeIfPresent(
        sync, (_, now) -> new Reading(now.secret(), now.hook(), now.told(), true));
    dispatch.sync(sync, Priority.HIGH);
  }

  @Override
  public Optional<Hook> find(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  @Override
  public Elsewhere elsewhere() {
    if (!allRead && ready.getAsBoolean()) {
      allRead = syncs.all().stream().allMatch(this::isRead);
    }
    return allRead
        ? new Elsewhere.Nobody()
        : new Elsewhere.Unknown("starting: not all tokens are read yet");
  }

  private boolean isRead(SyncReading reading) {
    return !(reading instanceof SyncReading.Valid(Sync sync))
        || sync.deleting()
        || secretOf(sync).isEmpty()
        || readings.containsKey(sync.key());
  }

  @Override
  public void arrived(SyncKey sync) {
    sources.hook(sync);
  }
}
