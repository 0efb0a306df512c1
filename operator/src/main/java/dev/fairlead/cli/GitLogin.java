package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.git.Credentials;
import dev.fairlead.git.DeployKey;
import dev.fairlead.git.GitException;
import dev.fairlead.git.GitLimits;
import dev.fairlead.git.GitProxy;
import dev.fairlead.git.Mirror;
import dev.fairlead.git.Mirrors;
import dev.fairlead.git.Remote;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Json;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What lets a GitSync into its repository. Immutable; says nothing of what it holds.
 *
 * @param secret the name of the Secret; empty where Git asks for nothing
 * @param data of the Secret
 * @param isNew whether the Secret has still to be made
 */
record GitLogin(Optional<String> secret, Map<String, byte[]> data, boolean isNew) {
  /** Nobody's. */
  static final GitLogin NONE = new GitLogin(Optional.empty(), Map.of(), false);

  GitLogin {
    data = Map.copyOf(data);
  }

  /** The Secret of that name; empty when there is none. */
  static Optional<GitLogin> find(Session session, String namespace, String name)
      throws CliException, InterruptedException {
    try {
      return Optional.of(
          new GitLogin(Optional.of(name), new Secrets(session.api()).read(namespace, name), false));
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound) {
        return Optional.empty();
      }
      throw session.refused(e);
    }
  }

  /**
   * A deploy key of its own, which is nowhere yet.
   *
   * @param knownHosts the keys of the host
   */
  static GitLogin withNewKey(SyncKey sync, String secret, String knownHosts) {
    return new GitLogin(
        Optional.of(secret),
        Map.of(
            "identity",
            DeployKey.generate(comment(sync)).identity().getBytes(StandardCharsets.UTF_8),
            "known_hosts",
            knownHosts.getBytes(StandardCharsets.UTF_8)),
        true);
  }

  private static String comment(SyncKey sync) {
    return "fairlead/" + sync;
  }

  /** The key in it; empty where it holds none. */
  Optional<DeployKey> key(SyncKey sync) throws CliException {
    Optional<String> identity = text("identity");
    try {
      return identity.isEmpty()
          ? Optional.empty()
          : Optional.of(DeployKey.read(identity.get(), text("password"), comment(sync)));
    } catch (GitException e) {
      throw unusable(sync, e);
    }
  }

  /** The keys of the host that it trusts. */
  Optional<String> knownHosts() {
    return text("known_hosts");
  }

  private Optional<String> text(String key) {
    return Optional.ofNullable(data.get(key)).map(b -> new String(b, StandardCharsets.UTF_8));
  }

  /** For the words of what reads Secrets for GitSyncs. */
  private CliException unusable(SyncKey sync, GitException e) {
    return new CliException(named(sync, e.getMessage()));
  }

  /** What is said of Git to the operator, for somebody at the command line. */
  static String here(String message) {
    return message
        .replace("spec.url", "--url")
        .replace("the Secret of spec.proxySecretRef", "the Secret of --proxy-secret")
        .replace("spec.ref", "--branch")
        .replace("the Secret of spec.secretRef", "a Secret (--secret)")
        .replace("open to this pod", "open to this machine");
  }

  private String named(SyncKey sync, String message) {
    if (secret.isEmpty()) {
      return message;
    }
    String name = "Secret " + sync.namespace() + "/" + secret.get();
    return message.replace("the Secret of spec.secretRef", name).replace("the Secret", name);
  }

  /** The Secret as it is made. */
  Json.Obj object(SyncKey sync) {
    Map<String, Json> encoded = new TreeMap<>();
    data.forEach(
        (name, value) -> encoded.put(name, Json.of(Base64.getEncoder().encodeToString(value))));
    Map<String, Json> object = new LinkedHashMap<>();
    object.put("apiVersion", Json.of("v1"));
    object.put("kind", Json.of("Secret"));
    object.put(
        "metadata",
        Json.of(
            Map.of("name", Json.of(secret.orElseThrow()), "namespace", Json.of(sync.namespace()))));
    object.put("type", Json.of("Opaque"));
    object.put("data", Json.of(encoded));
    return Json.of(object);
  }

  /**
   * Looks into the repository from here, as the operator does from the cluster.
   *
   * @param proxy what it is reached through; none: directly
   * @throws GitException why that is not possible
   */
  Commit look(String url, RefSelector ref, Optional<GitProxy> proxy, Duration limit)
      throws CliException, GitException, InterruptedException {
    Credentials credentials = data.isEmpty() ? Credentials.NONE : Credentials.fromSecret(data);
    try {
      Path cache = Files.createTempDirectory("fairlead-look-");
      try (Mirrors mirrors =
              new Mirrors(cache, GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {});
          Mirror mirror = mirrors.acquire(new Remote(url, credentials, proxy))) {
        return mirror.look(ref, Instant.EPOCH, limit);
      } finally {
        Directories.delete(cache);
      }
    } catch (IOException e) {
      throw new CliException("no temporary directory for a look into the repository: " + e);
    }
  }

  /** What a {@link GitException} means for this login. */
  String sentence(SyncKey sync, GitException e) {
    return named(sync, e.getMessage());
  }

  /** Whose it is, and nothing of it. */
  @Override
  public String toString() {
    return "GitLogin" + secret;
  }
}
