package dev.fairlead.cluster;

import dev.fairlead.cluster.Kubeconfig.Entry;
import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A program that a kubeconfig names to get credentials ({@code users[].user.exec}), run as kubectl
 * runs it: what it asks goes to the terminal, what it answers is never shown. A token is kept until
 * shortly before it expires. Any thread may call it.
 */
final class CredentialPlugin {
  private static final int MAX_ANSWER = 1 << 20;
  private static final Duration EARLY = Duration.ofSeconds(30);

  private final String context;
  private final Json.Obj exec;
  private final Path directory;
  private final Entry cluster;
  private final Map<String, String> environment;
  private final boolean interactive;
  private final InstantSource clock;
  private @Nullable Credential last;

  CredentialPlugin(
      String context,
      Json.Obj exec,
      Path directory,
      Entry cluster,
      Map<String, String> environment,
      boolean interactive,
      InstantSource clock) {
    this.context = context;
    this.exec = exec;
    this.directory = directory;
    this.cluster = cluster;
    this.environment = environment;
    this.interactive = interactive;
    this.clock = clock;
  }

  /**
   * What the program gave.
   *
   * @param certificate PEM, as is {@code key}
   * @param expires after which it is no use; empty when it does not say
   */
  record Credential(
      Optional<String> token,
      Optional<String> certificate,
      Optional<String> key,
      Optional<Instant> expires) {
    @Override
    public String toString() {
      return "a credential";
    }
  }

  /** The token that is good now; the last one where the program gives no other. */
  synchronized String token() {
    Credential known = last;
    if (known == null || expires(known)) {
      try {
        known = run();
      } catch (KubeconfigException e) {
        // The server then says that it does not accept the old one.
        return known == null ? "" : known.token().orElse("");
      }
    }
    return known.token().orElse("");
  }

  private boolean expires(Credential credential) {
    return credential.expires().filter(e -> e.minus(EARLY).isBefore(clock.instant())).isPresent();
  }

  /** Runs the program. */
  synchronized Credential run() throws KubeconfigException {
    String command = exec.string("command").orElse("");
    if (command.isEmpty()) {
      throw new KubeconfigException(
          "the credential plugin of context " + context + " names no command");
    }
    List<String> words = new ArrayList<>();
    // As kubectl: a path is relative to the kubeconfig, a bare name is looked for on the PATH.
    words.add(
        command.contains("/") || command.contains("\\")
            ? directory.resolve(command).toString()
            : command);
    for (Json argument : exec.items("args")) {
      if (argument instanceof Json.Str text) {
        words.add(text.value());
      }
    }
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectError(Redirect.INHERIT).redirectInput(Redirect.INHERIT);
    builder.environment().putAll(environment);
    for (Json item : exec.items("env")) {
      if (item instanceof Json.Obj variable) {
        builder
            .environment()
            .put(variable.string("name").orElse(""), variable.string("value").orElse(""));
      }
    }
    builder.environment().put("KUBERNETES_EXEC_INFO", info());
    Credential credential = answer(command, builder);
    last = credential;
    return credential;
  }

  private Credential answer(String command, ProcessBuilder builder) throws KubeconfigException {
    byte[] output;
    int code;
    try {
      Process process = builder.start();
      output = process.getInputStream().readNBytes(MAX_ANSWER);
      code = process.waitFor();
    } catch (IOException e) {
      String hint = exec.string("installHint").map(h -> ": " + h.strip()).orElse("");
      throw new KubeconfigException(
          "the credential plugin %s of context %s cannot be run; is it installed?%s"
              .formatted(command, context, hint));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubeconfigException("interrupted while the credential plugin ran");
    }
    if (code != 0) {
      throw new KubeconfigException(
          "the credential plugin %s of context %s failed with exit code %d: log in again"
              .formatted(command, context, code));
    }
    Optional<Json.Obj> status = Optional.empty();
    try {
      status =
          JsonReader.parse(output) instanceof Json.Obj object
              ? object.object("status")
              : Optional.empty();
    } catch (IOException e) {
      // Not even JSON: the same is said of an answer that lacks what is needed.
    }
    Credential credential =
        status
            .map(s ->
                new Credential(
                    s.string("token").filter(t -> !t.isEmpty()),
                    s.string("clientCertificateData"),
                    s.string("clientKeyData"),
                    s.string("expirationTimestamp").flatMap(CredentialPlugin::time)))
            .filter(c -> c.token().isPresent() || c.certificate().isPresent())
            .orElseThrow(() ->
                new KubeconfigException(
                    "the credential plugin %s of context %s gave no credential"
                        .formatted(command, context)));
    return credential;
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** What the program is told: client.authentication.k8s.io's ExecCredential. */
  private String info() {
    Map<String, Json> spec = new LinkedHashMap<>();
    spec.put(
        "interactive",
        Json.of(interactive && !exec.string("interactiveMode").orElse("").equals("Never")));
    if (exec.bool("provideClusterInfo").orElse(false)) {
      Map<String, Json> about = new LinkedHashMap<>();
      for (String name :
          List.of(
              "server",
              "tls-server-name",
              "insecure-skip-tls-verify",
              "certificate-authority-data",
              "proxy-url")) {
        cluster.value().get(name).ifPresent(value -> about.put(name, value));
      }
      spec.put("cluster", Json.of(about));
    }
    Map<String, Json> whole = new LinkedHashMap<>();
    whole.put(
        "apiVersion", Json.of(exec.string("apiVersion").orElse("client.authentication.k8s.io/v1")));
    whole.put("kind", Json.of("ExecCredential"));
    whole.put("spec", Json.of(spec));
    return Json.of(whole).toJson();
  }
}
