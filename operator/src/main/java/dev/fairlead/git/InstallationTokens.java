package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.manifest.MalformedJson;
import dev.fairlead.model.Json;
import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that GitHub gives to Apps for their keys. Guarantees that all who have the same
 * Secret, and go there the same way, share one, that one is asked for by one of them while the
 * others wait, and that none is handed out in the last five minutes of its life. In memory only.
 * Any thread may call it.
 */
final class InstallationTokens {
  /** Opens a connection to GitHub's API, by the way and with the trust of the repository. */
  interface Api {
    HttpURLConnection open(URL url) throws IOException;
  }

  /**
   * Who shares a token.
   *
   * @param proxy the way it is asked for: nobody has another's proxy used, or waits for it
   */
  record Holder(Credentials.GitHubApp app, Optional<GitProxy> proxy) {}

  private static final Duration EARLY = Duration.ofMinutes(5);

  /** So that a clock that is a little ahead of GitHub's does no harm. */
  private static final Duration BACKDATED = Duration.ofSeconds(60);

  /** GitHub allows ten minutes. */
  private static final Duration JWT_LIFE = Duration.ofMinutes(9);

  private static final int MILLIS = 20_000;
  private static final int ANSWER = 64 * 1024;
  private static final int SAID = 200;

  private final InstantSource clock;
  private final Map<Holder, Entry> entries = new ConcurrentHashMap<>();

  InstallationTokens(InstantSource clock) {
    this.clock = clock;
  }

  private record Token(String secret, Instant expires) {
    boolean isUsable(Instant now) {
      // Not the other way round: from the first of all times nothing can be taken away.
      return now.plus(EARLY).isBefore(expires);
    }

    @Override
    public String toString() {
      return "Token";
    }
  }

  private static final class Entry {
    final ReentrantLock lock = new ReentrantLock();
    volatile @Nullable Token token;

    Optional<Token> usable(Instant now) {
      return Optional.ofNullable(token).filter(t -> t.isUsable(now));
    }
  }

  /** A token of the App, a new one if need be. */
  String of(Holder holder, Api api) throws IOException {
    Entry entry = entries.computeIfAbsent(holder, _ -> new Entry());
    Optional<Token> known = entry.usable(clock.instant());
    if (known.isPresent()) {
      return known.get().secret();
    }
    try {
      entry.lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    try {
      known = entry.usable(clock.instant());
      if (known.isPresent()) {
        return known.get().secret();
      }
      Token fresh = exchange(holder.app(), api);
      entry.token = fresh;
      forgetOthers(entry);
      return fresh.secret();
    } finally {
      entry.lock.unlock();
    }
  }

  /** Of Secrets that have changed since. Whoever still uses one gets a new token for it. */
  private void forgetOthers(Entry but) {
    Instant now = clock.instant();
    entries.values().removeIf(e -> e != but && !e.lock.isLocked() && e.usable(now).isEmpty());
  }

  /** The server did not take this token, whatever GitHub said of its life. */
  void refused(Holder holder, String token) {
    Entry entry = entries.get(holder);
    if (entry != null) {
      Token known = entry.token;
      if (known != null && known.secret().equals(token)) {
        entry.token = null;
      }
    }
  }

  private Token exchange(Credentials.GitHubApp app, Api api) throws IOException {
    try {
      // The token is for reading, whatever else the App may do.
      Said said =
          ask(
              app,
              api,
              "app/installations/" + installation(app, api) + "/access_tokens",
              "{\"permissions\":{\"contents\":\"read\"}}");
      if (said.status() != HttpURLConnection.HTTP_CREATED) {
        throw refusal(app, said);
      }
      Optional<String> token = said.body().string("token").filter(t -> t.matches("[!-~]+"));
      Optional<Instant> expires =
          said.body().string("expires_at").flatMap(InstallationTokens::instant);
      if (token.isEmpty() || expires.isEmpty()) {
        throw noApi(app);
      }
      return new Token(token.get(), expires.get());
    } catch (Refusal | ApiUnreachable e) {
      throw e;
    } catch (IOException e) {
      throw new ApiUnreachable(host(app), e);
    }
  }

  /** Its number, which is another when the App is installed anew. */
  private String installation(Credentials.GitHubApp app, Api api) throws IOException {
    return switch (app.installation()) {
      case Credentials.Installation.Id(String id) -> id;
      case Credentials.Installation.Owner(String owner) -> {
        Said said = ask(app, api, "orgs/" + owner + "/installation", "");
        if (said.status() == HttpURLConnection.HTTP_NOT_FOUND) {
          said = ask(app, api, "users/" + owner + "/installation", "");
        }
        if (said.status() != HttpURLConnection.HTTP_OK) {
          throw refusal(app, said);
        }
        long id = said.body().integer("id").orElse(0L);
        if (id <= 0) {
          throw noApi(app);
        }
        yield Long.toString(id);
      }
    };
  }

  /** What the API answered; of its head nothing but what refusals are told by. */
  private record Said(int status, Json.Obj body, HttpURLConnection connection) {
    String message() {
      return body.string("message").orElse("");
    }
  }

  /**
   * @param post what is sent; nothing for a question
   */
  private Said ask(Credentials.GitHubApp app, Api api, String path, String post)
      throws IOException {
    HttpURLConnection connection = api.open(app.api().resolve(path).toURL());
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(MILLIS);
    connection.setReadTimeout(MILLIS);
    connection.setRequestProperty("Authorization", "Bearer " + jwt(app));
    connection.setRequestProperty("Accept", "application/vnd.github+json");
    connection.setRequestProperty("User-Agent", "fairlead");
    connection.setRequestProperty("X-GitHub-Api-Version", "2022-11-28");
    if (!post.isEmpty()) {
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setDoOutput(true);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(post.getBytes(UTF_8));
      }
    }
    try {
      int status = connection.getResponseCode();
      return new Said(status, answer(connection, status), connection);
    } finally {
      // Its head stays readable.
      connection.disconnect();
    }
  }

  private static Refusal noApi(Credentials.GitHubApp app) {
    return denied(host(app) + " does not answer as GitHub's API: check githubAppBaseURL");
  }

  /** What GitHub's API cannot be reached for; the cause says why. */
  static final class ApiUnreachable extends IOException {
    private final String host;

    ApiUnreachable(String host, IOException cause) {
      super(cause);
      this.host = host;
    }

    String host() {
      return host;
    }
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Json.Obj answer(HttpURLConnection connection, int status) throws IOException {
    InputStream body = status >= 400 ? connection.getErrorStream() : connection.getInputStream();
    if (body == null) {
      return Json.Obj.empty();
    }
    try (body) {
      return JsonReader.parse(body.readNBytes(ANSWER)) instanceof Json.Obj object
          ? object
          : Json.Obj.empty();
    } catch (MalformedJson e) {
      return Json.Obj.empty();
    }
  }

  private String jwt(Credentials.GitHubApp app) throws Refusal {
    Instant now = clock.instant();
    Map<String, Json> claims = new LinkedHashMap<>();
    claims.put("iat", Json.of(now.minus(BACKDATED).getEpochSecond()));
    claims.put("exp", Json.of(now.plus(JWT_LIFE).getEpochSecond()));
    claims.put("iss", Json.of(app.appId()));
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String signed =
        base64.encodeToString("{\"alg\":\"RS256\",\"typ\":\"JWT\"}".getBytes(UTF_8))
            + "."
            + base64.encodeToString(Json.of(claims).toBytes());
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(PemKey.readRsa("githubAppPrivateKey", app.privateKey()));
      signature.update(signed.getBytes(UTF_8));
      return signed + "." + base64.encodeToString(signature.sign());
    } catch (GitException e) {
      throw new Refusal(e.reason(), e.getMessage(), null);
    } catch (GeneralSecurityException e) {
      throw denied("the githubAppPrivateKey of the Secret of spec.secretRef cannot sign");
    }
  }

  private IOException refusal(Credentials.GitHubApp app, Said answer) {
    String host = host(app);
    int status = answer.status();
    String message = answer.message();
    String said = message.isEmpty() ? status + "" : status + ": " + Text.cut(message, SAID);
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("('exp')") || lower.contains("('iat')")) {
      return denied(
          host
              + " finds our clock wrong ("
              + said
              + "): correct the time of the node that Fairlead runs on");
    }
    if (lower.contains("suspended")) {
      return denied(
          "the installation "
              + app.installation().display()
              + " of the GitHub App is suspended ("
              + said
              + "): its owner can unsuspend it in the settings of installed GitHub Apps");
    }
    if (lower.contains("integration not found")) {
      return denied(host + " knows no App " + app.appId() + " (" + said + "): check githubAppID");
    }
    return switch (status) {
      case 401 ->
          denied(
              host
                  + " does not accept the key of the GitHub App "
                  + app.appId()
                  + " ("
                  + said
                  + "): githubAppPrivateKey must be one that this App has now, and githubAppID its"
                  + " id");
      case 404 ->
          denied(
              "the GitHub App "
                  + app.appId()
                  + " has no installation "
                  + app.installation().display()
                  + " at "
                  + host
                  + " ("
                  + said
                  + "): check "
                  + app.installation().key()
                  + ", and whether it is still installed");
      case 422 ->
          denied(
              "the GitHub App "
                  + app.appId()
                  + " may not read repositories ("
                  + said
                  + "): grant it the permission 'Contents: read', and accept that where it is"
                  + " installed");
      default ->
          new ApiUnreachable(
              host, HttpRefusal.of(status, answer.connection()::getHeaderField, message));
    };
  }

  private static Refusal denied(String message) {
    return new Refusal(Reason.AUTHENTICATION_FAILED, message, null);
  }

  private static String host(Credentials.GitHubApp app) {
    return app.api().getRawAuthority();
  }
}
