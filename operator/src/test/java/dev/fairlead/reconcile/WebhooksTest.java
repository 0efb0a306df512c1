package dev.fairlead.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.git.GitLimits;
import dev.fairlead.git.Mirrors;
import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.HookToken;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.ApiError;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WebhooksTest implements Sources.Followers {
  private static final SyncKey WEB = new SyncKey("apps", "web");
  private static final String TOKEN = "0123456789abcdef";
  private static final String OTHER = "fedcba9876543210";
  private static final Source.SecretKey SECRET = new Source.SecretKey("apps", "hook");

  private final Map<String, byte[]> secret = new HashMap<>();
  private final Syncs syncs = new Syncs();
  private Optional<ApiError> error = Optional.empty();
  private Runnable duringTheRead = () -> {};
  private int reads;
  private boolean ready = true;
  private Mirrors mirrors;
  private Webhooks webhooks;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    mirrors =
        new Mirrors(
            directory.resolve("cache"),
            GitLimits.DEFAULT,
            InstantSource.system(),
            (operation, result, took) -> {});
    Secrets none =
        new Secrets(
            ApiServer.connect(
                Connection.fromEnvironment(), Duration.ofSeconds(1), RequestListener.NONE));
    Dispatch dispatch = new Dispatch();
    Sources sources =
        new Sources(mirrors, none, dispatch, 4, this, InstantSource.system(), new Random(1));
    webhooks = new Webhooks(syncs, this::read, sources, dispatch, () -> ready);
    secret.put("token", TOKEN.getBytes(UTF_8));
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
  }

  private Map<String, byte[]> read(String namespace, String name) throws ApiException {
    assertThat(namespace + "/" + name).isEqualTo("apps/hook");
    reads++;
    if (error.isPresent()) {
      throw new ApiException(error.get());
    }
    Map<String, byte[]> data = Map.copyOf(secret);
    Runnable once = duringTheRead;
    duringTheRead = () -> {};
    once.run();
    return data;
  }

  static Stream<Arguments> tokens() {
    String name = "spec.webhook: the Secret apps/hook ";
    return Stream.of(
        Arguments.of("a token", TOKEN, ""),
        Arguments.of("a line end after it is no part of it", TOKEN + "\r\n", ""),
        Arguments.of(
            "one that could be guessed",
            "0123456789abcde",
            name
                + "has a token that could be guessed: put at least 16 characters by chance under"
                + " its key token"),
        Arguments.of(
            "an empty one",
            "\n",
            name + "has no token: put at least 16 characters by chance under its key token"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokens")
  void the_token_makes_the_path_or_status_says_why_not(String what, String token, String warning)
      throws Exception {
    secret.put("token", token.getBytes(UTF_8));

    Webhook told = follow(sync(Optional.of("hook"), SyncStatus.EMPTY));

    assertThat(told.trouble().map(Warning::toString).orElse("")).isEqualTo(warning);
    assertThat(told.path())
        .isEqualTo(warning.isEmpty() ? Optional.of(path(TOKEN)) : Optional.empty());
    assertThat(webhooks.find(path(TOKEN)).map(Hooks.Hook::sync))
        .isEqualTo(warning.isEmpty() ? Optional.of(WEB) : Optional.empty());
  }

  @Test
  void a_token_is_read_once_and_again_when_its_secret_changes() throws Exception {
    Sync sync = sync(Optional.of("hook"), SyncStatus.EMPTY);
    follow(sync);
    follow(sync);
    assertThat(reads).isEqualTo(1);

    secret.put("token", OTHER.getBytes(UTF_8));
    webhooks.secretChanged(new Source.SecretKey("apps", "another"));
    assertThat(follow(sync).path()).contains(path(TOKEN));
    webhooks.secretChanged(SECRET);

    assertThat(follow(sync).path()).contains(path(OTHER));
    assertThat(webhooks.find(path(TOKEN))).isEmpty();
    assertThat(webhooks.find(path(OTHER)).map(Hooks.Hook::sync)).contains(WEB);
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void a_secret_that_changes_while_it_is_read_is_read_again() throws Exception {
    Sync sync = sync(Optional.of("hook"), SyncStatus.EMPTY);
    duringTheRead =
        () -> {
          secret.put("token", OTHER.getBytes(UTF_8));
          webhooks.secretChanged(SECRET);
        };

    follow(sync);

    assertThat(follow(sync).path()).contains(path(OTHER));
  }

  @Test
  void a_secret_that_is_missing_is_waited_for() throws Exception {
    error =
        Optional.of(new ApiError.NotFound("it is not", ApiError.NotFound.Missing.OBJECT, "hook"));
    Sync sync = sync(Optional.of("hook"), SyncStatus.EMPTY);

    assertThat(follow(sync).trouble().map(Warning::toString))
        .contains(
            "spec.webhook: the Secret apps/hook does not exist: create it with the key token");
    follow(sync);
    assertThat(reads).isEqualTo(1);

    error = Optional.empty();
    webhooks.secretChanged(SECRET);
    assertThat(follow(sync)).isEqualTo(Webhook.at(path(TOKEN)));
  }

  @Test
  void while_a_secret_cannot_be_read_what_was_known_holds() throws Exception {
    Sync sync = sync(Optional.of("hook"), SyncStatus.EMPTY);
    follow(sync);
    error = Optional.of(new ApiError.Unavailable("the server is away"));
    webhooks.secretChanged(SECRET);

    Webhook told = follow(sync);

    assertThat(told.path()).contains(path(TOKEN));
    assertThat(told.trouble().map(Warning::message).orElse("")).contains("cannot be read");
    assertThat(webhooks.find(path(TOKEN))).isPresent();
    assertThat(webhooks.again(WEB, Result.done()))
        .isEqualTo(new Result.After(Duration.ofSeconds(30), Priority.LOW));
  }

  @Test
  void the_path_goes_with_the_webhook_and_with_the_sync() throws Exception {
    follow(sync(Optional.of("hook"), SyncStatus.EMPTY));
    assertThat(follow(sync(Optional.empty(), SyncStatus.EMPTY))).isEqualTo(Webhook.NONE);
    assertThat(webhooks.find(path(TOKEN))).isEmpty();

    follow(sync(Optional.of("hook"), SyncStatus.EMPTY));
    webhooks.gone(WEB);
    assertThat(webhooks.find(path(TOKEN))).isEmpty();
  }

  @Test
  void nobody_is_told_that_there_is_no_such_hook_before_all_tokens_were_read() throws Exception {
    Sync sync = sync(Optional.of("hook"), SyncStatus.EMPTY);
    syncs.seen(new SyncReading.Valid(sync));
    ready = false;
    assertThat(webhooks.elsewhere()).isInstanceOf(Hooks.Elsewhere.Unknown.class);
    ready = true;
    assertThat(webhooks.elsewhere()).isInstanceOf(Hooks.Elsewhere.Unknown.class);

    follow(sync);

    assertThat(webhooks.elsewhere()).isEqualTo(new Hooks.Elsewhere.Nobody());
  }

  private Webhook follow(Sync sync) throws InterruptedException {
    SyncState state = syncs.state(sync.key());
    webhooks.follow(sync, state);
    return state.webhook();
  }

  private static String path(String token) {
    return new HookToken(token.getBytes(UTF_8)).path(WEB);
  }

  @Override
  public void looked(SyncKey sync, Priority priority) {}

  @Override
  public void fetched(SyncKey sync, Instant at) {}

  private static Sync sync(Optional<String> webhookSecret, SyncStatus status) {
    return new Sync(
        new SyncMetadata(WEB, "uid", "1", 1, false, List.of(), Map.of(), Map.of()),
        new SyncSpec(
            "https://git.example.org/web.git",
            new RefSelector.Branch("main"),
            "",
            false,
            List.of(),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            Optional.empty(),
            Optional.empty(),
            webhookSecret,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SyncSpec.Mode.APPLY,
            true,
            MaxPrune.parse("50%"),
            DeletionPolicy.MIRROR_PRUNE,
            false,
            List.of(),
            Duration.ofMinutes(5),
            SyncSpec.OnFailure.HOLD,
            List.of()),
        status);
  }
}
