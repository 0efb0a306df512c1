package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairlead.manifest.JsonReader;
import dev.fairlead.manifest.MalformedJson;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of GitHub's API that gives tokens to installations of Apps, as its documentation
 * describes it: App 12 is installed as 34, for acme and ada. Checks the JWT's signature, life and
 * issuer.
 */
final class GitHubApi implements AutoCloseable {
  static final String PATH = "/api/v3/app/installations/34/access_tokens";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final InstantSource clock;
  private final Consumer<String> issued;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final KeyPair keys;
  private volatile GitHttp.@Nullable Fault fault;

  /**
   * @param issued is told each new token
   */
  GitHubApi(InstantSource clock, Consumer<String> issued)
      throws IOException, GeneralSecurityException {
    this.clock = clock;
    this.issued = issued;
    this.keys = newKeys();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static KeyPair newKeys() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/api/v3";
  }

  KeyPair keys() {
    return keys;
  }

  /** The path of each request, with its body. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  void fault(GitHttp.@Nullable Fault misbehaviour) {
    fault = misbehaviour;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(path + " " + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      GitHttp.Fault misbehaviour = fault;
      if (misbehaviour != null && misbehaviour.answer(exchange)) {
        return;
      }
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      String refusal = authorization == null ? "" : refusal(authorization.replace("Bearer ", ""));
      if (refusal.equals("Integration not found")) {
        say(exchange, 404, refusal);
      } else if (!refusal.isEmpty() || authorization == null) {
        say(exchange, 401, refusal);
      } else if (path.equals("/api/v3/orgs/acme/installation")
          || path.equals("/api/v3/users/ada/installation")) {
        exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
        GitHttp.body(exchange, 200, "{\"id\":34,\"app_id\":12,\"target_type\":\"User\"}");
      } else if (!path.equals(PATH)) {
        say(exchange, 404, "Not Found");
      } else {
        String token = "ghs_" + requests.size();
        issued.accept(token);
        exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
        GitHttp.body(
            exchange,
            201,
            "{\"token\":\""
                + token
                + "\",\"expires_at\":\""
                + Instant.ofEpochSecond(clock.instant().plus(Duration.ofHours(1)).getEpochSecond())
                + "\",\"permissions\":{\"contents\":\"read\",\"metadata\":\"read\"},"
                + "\"repository_selection\":\"selected\"}");
      }
    } catch (GeneralSecurityException | MalformedJson | RuntimeException e) {
      say(exchange, 401, "A JSON web token could not be decoded");
    }
  }

  /** In GitHub's words; empty if there is nothing to refuse. */
  private String refusal(String jwt) throws GeneralSecurityException, MalformedJson {
    String[] parts = jwt.split("\\.", -1);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(keys.getPublic());
    signature.update((parts[0] + "." + parts[1]).getBytes(UTF_8));
    if (!signature.verify(Base64.getUrlDecoder().decode(parts[2]))) {
      return "A JSON web token could not be decoded";
    }
    var header = (Json.Obj) JsonReader.parse(Base64.getUrlDecoder().decode(parts[0]));
    var claims = (Json.Obj) JsonReader.parse(Base64.getUrlDecoder().decode(parts[1]));
    long now = clock.instant().getEpochSecond();
    if (!header.string("alg").orElse("").equals("RS256")) {
      return "A JSON web token could not be decoded";
    }
    if (claims.integer("iat").orElseThrow() > now) {
      return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion"
          + " was issued";
    }
    long expires = claims.integer("exp").orElseThrow();
    if (expires <= now || expires > now + 600) {
      return expires <= now
          ? "'Expiration time' claim ('exp') must be a numeric value representing the future time at"
              + " which the assertion expires"
          : "'Expiration time' claim ('exp') is too far in the future";
    }
    return claims.string("iss").orElse("").equals("12") ? "" : "Integration not found";
  }

  /** An answer that is no token. */
  static void say(HttpExchange exchange, int status, String message) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
    GitHttp.body(
        exchange,
        status,
        "{\"message\":\""
            + message
            + "\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\""
            + status
            + "\"}");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
