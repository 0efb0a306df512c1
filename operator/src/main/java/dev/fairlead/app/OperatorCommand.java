package dev.fairlead.app;

import dev.fairlead.model.GoDuration;
import dev.fairlead.observe.Logging;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fairlead operator}: the daemon. Every option can also be an environment variable. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = "Runs the daemon that keeps the cluster as Git says.",
    sortOptions = false)
final class OperatorCommand implements Callable<Integer> {
  private static final Set<String> MAY_BE_NONE =
      Set.of("--min-free-bytes", "--max-manifest-memory");

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      defaultValue = "${env:FAIRLEAD_KUBECONFIG}",
      description = "How to reach the API server; without it, what the environment says.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--namespace",
      defaultValue = "${env:FAIRLEAD_NAMESPACE:-fairlead-system}",
      description = "The daemon's own namespace. Default: fairlead-system")
  private String namespace = "";

  @Option(
      names = "--leader-elect",
      arity = "1",
      paramLabel = "true|false",
      defaultValue = "${env:FAIRLEAD_LEADER_ELECT:-true}",
      description =
          "Works only while it holds the Lease fairlead in its own namespace, so that several can"
              + " run. Default: true")
  private boolean leaderElect;

  @Option(
      names = "--default-service-account",
      paramLabel = "NAME",
      defaultValue = "${env:FAIRLEAD_DEFAULT_SERVICE_ACCOUNT}",
      description =
          "The ServiceAccount, in each GitSync's own namespace, that GitSyncs without"
              + " spec.serviceAccountName are applied as. Default: default outside the daemon's"
              + " namespace, the daemon itself inside.")
  private @Nullable String defaultServiceAccount;

  @Option(
      names = "--no-cross-namespace-refs",
      defaultValue = "${env:FAIRLEAD_NO_CROSS_NAMESPACE_REFS:-false}",
      description = "Lets a GitSync depend on GitSyncs of its own namespace only.")
  private boolean noCrossNamespaceRefs;

  @Option(
      names = "--restricted",
      defaultValue = "${env:FAIRLEAD_RESTRICTED:-false}",
      description =
          "Writes nothing in its own name but GitSyncs' metadata and status, events and its Lease:"
              + " every GitSync has to name a serviceAccountName.")
  private boolean restricted;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:FAIRLEAD_LISTEN:-0.0.0.0:8080}",
      description = "Where /metrics, /healthz and /readyz are served. Default: 0.0.0.0:8080")
  private String listen = "";

  @Option(
      names = "--probe-listen",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:FAIRLEAD_PROBE_LISTEN:-0.0.0.0:8083}",
      description =
          "Where /healthz and /readyz are served alone, so that nobody keeps the kubelet out, or"
              + " off. Default: 0.0.0.0:8083")
  private String probeListen = "";

  @Option(
      names = "--ui-listen",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:FAIRLEAD_UI_LISTEN:-127.0.0.1:8081}",
      description =
          "Where /api/v1 is served to people and their tools, or off. Default: 127.0.0.1:8081")
  private String uiListen = "";

  @Option(
      names = "--hook-listen",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:FAIRLEAD_HOOK_LISTEN:-0.0.0.0:8082}",
      description = "Where Git hosts tell of pushes (/hook/...), or off. Default: 0.0.0.0:8082")
  private String hookListen = "";

  @Option(
      names = "--hook-advertise",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:FAIRLEAD_HOOK_ADVERTISE}",
      description =
          "Where the other replicas reach --hook-listen of this one. Default: the address of this"
              + " host, which in a pod is the pod's.")
  private @Nullable String hookAdvertise;

  @Option(
      names = "--cache-dir",
      paramLabel = "DIR",
      defaultValue = "${env:FAIRLEAD_CACHE_DIR:-${sys:java.io.tmpdir}/fairlead}",
      description =
          "Where the mirrors of Git repositories are kept. Default: fairlead in the"
              + " directory for temporary files")
  private @Nullable Path cacheDir;

  @Option(
      names = "--allow-file-urls",
      defaultValue = "${env:FAIRLEAD_ALLOW_FILE_URLS:-false}",
      description = "Lets a GitSync name a file:// url; for tests only.")
  private boolean allowFileUrls;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_CONCURRENCY:-20}",
      description = "How many syncs are worked on at once. Default: 20")
  private int concurrency;

  @Option(
      names = "--api-concurrency",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_API_CONCURRENCY:-16}",
      description = "How many applies are under way at once. Default: 16")
  private int apiConcurrency;

  @Option(
      names = "--git-concurrency",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_GIT_CONCURRENCY:-16}",
      description =
          "How many conversations with Git servers run at once; a quarter of them may unpack what"
              + " was sent. Default: 16")
  private int gitConcurrency;

  @Option(
      names = "--git-host-concurrency",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_GIT_HOST_CONCURRENCY:-4}",
      description = "How many of them run with one host. Default: 4")
  private int gitHostConcurrency;

  @Option(
      names = "--verify-rate",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_VERIFY_RATE:-200}",
      description = "How many objects a second are verified after a start. Default: 200")
  private int verifyRate;

  @Option(
      names = "--watch-silence",
      paramLabel = "DURATION",
      defaultValue = "${env:FAIRLEAD_WATCH_SILENCE:-150s}",
      description = "A watch that says nothing for so long is opened anew. Default: 150s")
  private String watchSilence = "";

  @Option(
      names = "--finish-patience",
      paramLabel = "DURATION",
      defaultValue = "${env:FAIRLEAD_FINISH_PATIENCE:-10m}",
      description =
          "How long the objects of a deleted GitSync may take to go before they are released."
              + " Default: 10m")
  private String finishPatience = "";

  @Mixin private final LimitOptions limits = new LimitOptions();

  @Option(
      names = "--log-format",
      paramLabel = "json|text",
      defaultValue = "${env:FAIRLEAD_LOG_FORMAT:-text}",
      description = "How log lines are written. Default: text")
  private String logFormat = "";

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "${env:FAIRLEAD_LOG_LEVEL:-info}",
      description = "error, warn, info, debug or trace. Default: info")
  private String logLevel = "";

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = settings();
    Logging.configure(
        choice(Logging.Format.class, "--log-format", logFormat),
        choice(Level.class, "--log-level", logLevel));
    Operator operator;
    try {
      operator = Operator.start(settings);
    } catch (IOException e) {
      System.err.println("fairlead: " + e.getMessage());
      return 1;
    }
    // The JVM ends when its hooks have returned, so this is the whole of the orderly stop.
    Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
    new CountDownLatch(1).await();
    return 0;
  }

  Settings settings() {
    requirePositive();
    try {
      return new Settings(
          Optional.ofNullable(kubeconfig),
          matching("--namespace", namespace, LABEL, "the name of a namespace"),
          leaderElect,
          Optional.ofNullable(defaultServiceAccount)
              .filter(a -> !a.isEmpty())
              .map(a ->
                  matching(
                      "--default-service-account", a, SUBDOMAIN, "the name of a ServiceAccount")),
          noCrossNamespaceRefs,
          restricted,
          read("--listen", listen, Settings.Address::parse),
          read("--probe-listen", probeListen, Settings.Address::parseOrOff),
          read("--ui-listen", uiListen, Settings.Address::parseOrOff),
          read("--hook-listen", hookListen, Settings.Address::parseOrOff),
          read(
              "--hook-advertise",
              Optional.ofNullable(hookAdvertise).orElse(""),
              Settings.Address::parseOrOff),
          Optional.ofNullable(cacheDir).orElseThrow(),
          concurrency,
          apiConcurrency,
          gitHostConcurrency,
          verifyRate,
          duration("--watch-silence", watchSilence),
          duration("--finish-patience", finishPatience),
          limits.manifests(),
          limits.git(allowFileUrls, gitConcurrency));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /** All counts and sizes are, but for those of which none has a meaning. */
  private void requirePositive() {
    for (OptionSpec option : known().options()) {
      String name = option.longestName();
      int least = MAY_BE_NONE.contains(name) ? 0 : 1;
      if (option.getValue() instanceof Number number && number.longValue() < least) {
        throw wrong(name + ": has to be " + least + " at least, and is " + number);
      }
    }
  }

  private String matching(String option, String text, Pattern pattern, String what) {
    if (!pattern.matcher(text).matches()) {
      throw wrong(option + ": not " + what + ": " + text);
    }
    return text;
  }

  private <T> T read(String option, String text, Function<String, T> reader) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw wrong(option + ": " + e.getMessage());
    }
  }

  private Duration duration(String option, String text) {
    Duration duration = read(option + ", to be written as 90s or 5m", text, GoDuration::parse);
    if (duration.compareTo(SHORTEST) < 0) {
      throw wrong(option + ": has to be a second at least, and is " + text);
    }
    return duration;
  }

  private <E extends Enum<E>> E choice(Class<E> type, String option, String text) {
    try {
      return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw wrong(
          option
              + ": "
              + text
              + " is none of "
              + Stream.of(type.getEnumConstants())
                  .map(c -> c.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", ")));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(known().commandLine(), message);
  }

  private CommandSpec known() {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("picocli sets it");
    }
    return known;
  }
}
