package dev.fairlead.cli;

import dev.fairlead.api.GitSyncs;
import dev.fairlead.git.GitException;
import dev.fairlead.git.RepositoryAddress;
import dev.fairlead.model.Json;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SyncKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which repository is to be followed, and how. */
final class FirstSyncOptions {
  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "The repository to follow: git@host:path or ssh://..., for which a deploy key is made, or"
              + " https://...")
  private @Nullable String url;

  @Option(
      names = "--branch",
      paramLabel = "NAME",
      description = "The branch. Default: the one that the remote's HEAD names")
  private @Nullable String branch;

  @Option(
      names = "--path",
      paramLabel = "DIR",
      description = "The folder with the manifests. Default: the root")
  private @Nullable String path;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the GitSync is called. Default: as the repository")
  private @Nullable String name;

  @Option(
      names = "--default-namespace",
      paramLabel = "NAMESPACE",
      description = "For objects that name no namespace. Default: these are an error")
  private @Nullable String defaultNamespace;

  @Option(
      names = "--secret",
      paramLabel = "NAME",
      description = "A Secret that is there already, with what Git asks for; no deploy key is made")
  private @Nullable String secret;

  @Option(
      names = "--proxy-secret",
      paramLabel = "NAME",
      description =
          "A Secret that is there already, with the proxy through which the repository is reached")
  private @Nullable String proxySecret;

  @Option(
      names = "--known-hosts",
      paramLabel = "FILE",
      description =
          "The keys of the host, as ssh-keyscan prints them. Default: the host is asked, and you"
              + " are asked whether its answer is right")
  private @Nullable Path knownHosts;

  @Option(
      names = {"-y", "--yes"},
      description = "Takes the key that the host shows, without asking")
  private boolean yes;

  boolean isAsked() {
    return url != null;
  }

  /** What is wrong with them. */
  Optional<String> problem() {
    Map<String, Object> others = new LinkedHashMap<>();
    put(others, "--branch", branch);
    put(others, "--path", path);
    put(others, "--name", name);
    put(others, "--default-namespace", defaultNamespace);
    put(others, "--secret", secret);
    put(others, "--proxy-secret", proxySecret);
    put(others, "--known-hosts", knownHosts);
    if (url == null) {
      return others.keySet().stream()
          .findFirst()
          .map(option -> option + " is about a repository: name it with --url");
    }
    try {
      RepositoryAddress address = RepositoryAddress.parse(url);
      if (secret != null && knownHosts != null) {
        return Optional.of("--known-hosts is for a new deploy key, and --secret for what is there");
      }
      if (knownHosts != null && !address.ssh()) {
        return Optional.of("--known-hosts is for ssh, and --url is no ssh address");
      }
      return name == null && GitHost.syncName(address).isEmpty()
          ? Optional.of("no name can be made of --url: give one with --name")
          : Optional.empty();
    } catch (GitException e) {
      return Optional.of(GitLogin.here(e.getMessage()));
    }
  }

  private static void put(Map<String, Object> options, String option, @Nullable Object value) {
    if (value != null) {
      options.put(option, value);
    }
  }

  String url() {
    if (url == null) {
      throw new IllegalStateException("asked for before");
    }
    return url;
  }

  RepositoryAddress address() {
    try {
      return RepositoryAddress.parse(url());
    } catch (GitException e) {
      throw new IllegalStateException("checked before", e);
    }
  }

  String name() {
    return Optional.ofNullable(name).or(() -> GitHost.syncName(address())).orElseThrow();
  }

  Optional<String> secret() {
    return Optional.ofNullable(secret);
  }

  Optional<String> proxySecret() {
    return Optional.ofNullable(proxySecret);
  }

  boolean yes() {
    return yes;
  }

  RefSelector ref() {
    return branch == null ? new RefSelector.Head() : new RefSelector.Branch(branch);
  }

  /** The text of the file with the host's keys, where one was named. */
  Optional<String> knownHosts() throws CliException {
    try {
      return knownHosts == null ? Optional.empty() : Optional.of(Files.readString(knownHosts));
    } catch (IOException e) {
      throw new CliException("the file of --known-hosts cannot be read: " + knownHosts);
    }
  }

  /** The GitSync that is asked for. */
  Json.Obj gitSync(SyncKey key, Optional<String> secretName) {
    Map<String, Json> spec = new LinkedHashMap<>();
    spec.put("url", Json.of(url()));
    if (branch != null) {
      spec.put("ref", Json.of(Map.of("branch", Json.of(branch))));
    }
    if (path != null) {
      spec.put("path", Json.of(path));
    }
    secretName.ifPresent(s -> spec.put("secretRef", Json.of(Map.of("name", Json.of(s)))));
    if (proxySecret != null) {
      spec.put("proxySecretRef", Json.of(Map.of("name", Json.of(proxySecret))));
    }
    if (defaultNamespace != null) {
      spec.put("defaultNamespace", Json.of(defaultNamespace));
    }
    Map<String, Json> object = new LinkedHashMap<>();
    object.put("apiVersion", Json.of(GitSyncs.API_VERSION));
    object.put("kind", Json.of(GitSyncs.KIND));
    object.put(
        "metadata",
        Json.of(Map.of("name", Json.of(key.name()), "namespace", Json.of(key.namespace()))));
    object.put("spec", Json.of(spec));
    return Json.of(object);
  }

  /**
   * What a GitSync that is there says otherwise than is asked for; what was not said may differ.
   */
  Optional<String> difference(Json.Obj gitSync) {
    Json.Obj spec = gitSync.object("spec").orElse(Json.Obj.empty());
    return differs("url", spec.string("url"), url)
        .or(() ->
            differs("ref.branch", spec.object("ref").flatMap(r -> r.string("branch")), branch))
        .or(() -> differs("path", spec.string("path"), path))
        .or(() -> differs("defaultNamespace", spec.string("defaultNamespace"), defaultNamespace))
        .or(() ->
            differs(
                "secretRef.name", spec.object("secretRef").flatMap(r -> r.string("name")), secret))
        .or(() ->
            differs(
                "proxySecretRef.name",
                spec.object("proxySecretRef").flatMap(r -> r.string("name")),
                proxySecret));
  }

  private static Optional<String> differs(
      String field, Optional<String> there, @Nullable String asked) {
    if (asked == null || there.equals(Optional.of(asked))) {
      return Optional.empty();
    }
    return Optional.of(
        there.map(t -> "spec." + field + ": " + Screen.line(t)).orElse("no spec." + field));
  }
}
