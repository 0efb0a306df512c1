package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.git.DeployKey;
import dev.fairlead.git.GitException;
import dev.fairlead.git.GitProxy;
import dev.fairlead.git.HostKey;
import dev.fairlead.git.RepositoryAddress;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first GitSync of an installation, and what lets it into its repository. Its methods are
 * called in their order; each finds what an earlier run has done and goes on from there, so that
 * whoever is interrupted begins again. For one thread.
 */
final class FirstSync {
  private static final Duration STEP = Duration.ofSeconds(30);

  /** Servers are wary of who comes more often with a key that they do not know. */
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final Session session;
  private final Terminal terminal;
  private final FirstSyncOptions wish;
  private final RepositoryAddress address;
  private final GitHost host;
  private final SyncKey key;
  private final Optional<SyncItem> there;
  private final Optional<GitProxy> proxy;

  /** Empty as long as a deploy key has to be made. */
  private Optional<GitLogin> login;

  private FirstSync(
      Session session,
      Terminal terminal,
      FirstSyncOptions wish,
      SyncKey key,
      Optional<SyncItem> there,
      Optional<GitProxy> proxy,
      Optional<GitLogin> login) {
    this.session = session;
    this.terminal = terminal;
    this.wish = wish;
    this.address = wish.address();
    this.host = GitHost.of(address);
    this.key = key;
    this.there = there;
    this.proxy = proxy;
    this.login = login;
  }

  /** Finds out what is there already. Writes nothing, and asks nobody. */
  static FirstSync find(Session session, Terminal terminal, FirstSyncOptions wish)
      throws CliException, InterruptedException {
    SyncKey key = new SyncKey(session.namespace(), wish.name());
    Optional<SyncItem> there = existing(session, key);
    Optional<String> difference = there.flatMap(s -> wish.difference(s.raw()));
    if (difference.isPresent()) {
      throw new CliException(
          "GitSync %s is there already, and has %s: change it with 'kubectl edit gitsync -n %s %s', or give this one another --name"
              .formatted(key, difference.get(), key.namespace(), key.name()));
    }
    Optional<GitProxy> proxy = proxy(session, key, there, wish);
    Optional<String> named = there.flatMap(s -> secretOf(s, "secretRef")).or(wish::secret);
    if (named.isPresent()) {
      Optional<GitLogin> login = GitLogin.find(session, key.namespace(), named.get());
      if (login.isEmpty()) {
        throw new CliException(
            "there is no Secret %s/%s: make it first, or leave --secret out"
                .formatted(key.namespace(), named.get()));
      }
      return new FirstSync(session, terminal, wish, key, there, proxy, login);
    }
    return new FirstSync(
        session,
        terminal,
        wish,
        key,
        there,
        proxy,
        wish.address().ssh()
            ? GitLogin.find(session, key.namespace(), usualSecret(key))
            : Optional.of(GitLogin.NONE));
  }

  private static String usualSecret(SyncKey key) {
    return key.name() + "-git";
  }

  private static Optional<String> secretOf(SyncItem sync, String field) {
    return sync.raw().object("spec").flatMap(s -> s.object(field)).flatMap(s -> s.string("name"));
  }

  /** The way to the repository; none where nothing is said of one. */
  private static Optional<GitProxy> proxy(
      Session session, SyncKey key, Optional<SyncItem> there, FirstSyncOptions wish)
      throws CliException, InterruptedException {
    Optional<String> named =
        there.flatMap(s -> secretOf(s, "proxySecretRef")).or(wish::proxySecret);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    Optional<GitLogin> secret = GitLogin.find(session, key.namespace(), named.get());
    if (secret.isEmpty()) {
      throw new CliException(
          "there is no Secret %s/%s: make it first, with the proxy's address, or leave --proxy-secret out"
              .formatted(key.namespace(), named.get()));
    }
    try {
      return Optional.of(GitProxy.fromSecret(secret.get().data()));
    } catch (GitException e) {
      throw new CliException(GitLogin.here(e.getMessage()));
    }
  }

  /** Where nothing is installed yet there is none. */
  private static Optional<SyncItem> existing(Session session, SyncKey key)
      throws CliException, InterruptedException {
    try {
      return session.api().get(SyncWriter.GITSYNCS, SyncWriter.key(key)).map(SyncItem::of);
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound) {
        return Optional.empty();
      }
      throw session.refused(e);
    }
  }

  /** Says what would be made. */
  void rehearse() {
    if (login.isEmpty()) {
      say(
          "would be created    Secret "
              + key.namespace()
              + "/"
              + usualSecret(key)
              + ", with a new deploy key");
    }
    say((there.isPresent() ? "unchanged           " : "would be created    ") + "GitSync " + key);
  }

  /**
   * Asks all that has to be known before anything is written: the host for its key, and whoever is
   * there whether it is the right one.
   */
  void ask() throws CliException {
    if (login.isPresent()) {
      return;
    }
    Optional<String> given = wish.knownHosts();
    login =
        Optional.of(
            GitLogin.withNewKey(
                key, usualSecret(key), given.isPresent() ? given.get() : confirmed()));
  }

  private String confirmed() throws CliException {
    HostKey shown = shown();
    String looks = shown.host() + " shows the host key " + shown.fingerprint();
    if (wish.yes()) {
      say(looks);
      return shown.knownHosts();
    }
    if (terminal.answers().isEmpty()) {
      throw new CliException(
          CliException.USAGE,
          looks
              + ", and nobody can be asked here whether that is right: compare it with what the"
              + " host publishes, then say --yes, or name the right key with --known-hosts FILE");
    }
    say(looks);
    say(
        host.fingerprints()
            .map(page -> "Compare it with what " + host.name() + " publishes: " + page)
            .orElse(
                "Compare it with what "
                    + host.name()
                    + " publishes, or ask those who run it: whoever answers in its place would see"
                    + " what Fairlead reads, and decide what runs"));
    if (!terminal.agrees("Is it the same?")) {
      throw new CliException("the host's key was not confirmed: nothing was done");
    }
    return shown.knownHosts();
  }

  private HostKey shown() throws CliException {
    try {
      return HostKey.ask(wish.url(), proxy, STEP);
    } catch (GitException e) {
      String why = GitLogin.here(e.getMessage());
      throw new CliException(
          why
              + (why.endsWith("?") ? "" : ".")
              + " If only the cluster reaches it, give its keys with --known-hosts FILE, and say"
              + " --no-wait");
    }
  }

  /** Sees to it that the Secret is there, and shows what has to be pasted where. */
  void offerKey() throws CliException, InterruptedException {
    GitLogin used = login.orElseThrow();
    if (used.isNew()) {
      create(Secrets.RESOURCE, used.object(key));
      say("created      Secret " + key.namespace() + "/" + usualSecret(key));
    } else if (used.secret().isPresent()) {
      say("unchanged    Secret " + key.namespace() + "/" + used.secret().get());
    }
    Optional<DeployKey> pair = used.key(key);
    if (pair.isPresent()) {
      say("");
      say(
          used.isNew()
              ? "A deploy key was made; its private half is in that Secret alone. The public half:"
              : "The public half of its deploy key:");
      terminal.out().println(pair.get().publicHalf());
      terminal.out().flush();
      say("goes " + host.paste());
      say("");
    }
  }

  private void create(Resource resource, Json.Obj body) throws CliException, InterruptedException {
    try {
      var _ = session.api().create(resource, key.namespace(), body, Session.MANAGER);
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound missing
          && missing.missing() == ApiError.NotFound.Missing.NAMESPACE) {
        throw new CliException(
            "there is no namespace %s for the GitSync: create it, or leave -n out"
                .formatted(key.namespace()));
      }
      throw session.refused(e);
    }
  }

  /** Waits until the repository can be read; at once an error where nobody can change that. */
  void awaitAccess(Duration limit) throws CliException, InterruptedException {
    GitLogin used = login.orElseThrow();
    boolean pasted = used.key(key).isPresent();
    if (pasted) {
      requireHost(used);
    }
    long began = System.nanoTime();
    String said = "";
    while (true) {
      try {
        Commit commit = used.look(wish.url(), wish.ref(), proxy, STEP.multipliedBy(2));
        say(
            "the repository can be read: "
                + commit.revision().shortForm()
                + "  "
                + Screen.line(commit.subject()));
        return;
      } catch (GitException e) {
        String why = GitLogin.here(used.sentence(key, e));
        if (e.reason() == Reason.REF_NOT_FOUND || !pasted) {
          throw new CliException(why + advice(e));
        }
        if (!why.equals(said)) {
          say("waiting for the deploy key to work: " + Screen.line(why));
          said = why;
        }
        if (Duration.ofNanos(System.nanoTime() - began).compareTo(limit) > 0) {
          throw new CliException(
              "the deploy key does not work yet: "
                  + Screen.line(why)
                  + ". Paste the line above, then run the same command again: it keeps the key");
        }
      }
      Pause.of(AGAIN);
    }
  }

  /** A host that has another key than the Secret says will have it in a minute too. */
  private void requireHost(GitLogin used) throws CliException {
    HostKey shown = shown();
    try {
      if (!shown.isIn(used.knownHosts().orElse(""))) {
        throw new CliException(
            "%s shows the host key %s, which is not in known_hosts of Secret %s/%s: the host was given a new key, or somebody else answers in its place; ask those who run it. Without that Secret a new one is made"
                .formatted(
                    shown.host(), shown.fingerprint(), key.namespace(), used.secret().orElse("")));
      }
    } catch (GitException e) {
      throw new CliException(used.sentence(key, e));
    }
  }

  private String advice(GitException e) {
    return e.reason() == Reason.AUTHENTICATION_FAILED && !address.ssh() && wish.secret().isEmpty()
        ? ". Name a Secret with username and password, or bearerToken, with --secret; or give the"
            + " ssh address, git@"
            + address.host()
            + ":"
            + address.path()
            + ".git, and a deploy key is made"
        : "";
  }

  /** Makes the GitSync; one that is there stays as it is. */
  void create() throws CliException, InterruptedException {
    if (there.isPresent()) {
      say("unchanged    GitSync " + key);
      return;
    }
    create(SyncWriter.GITSYNCS, wish.gitSync(key, login.orElseThrow().secret()));
    say("created      GitSync " + key);
  }

  /** Waits until it is Ready; what the command ends with. */
  int awaitReady(Duration limit) throws CliException, InterruptedException {
    SyncItem sync = session.get(key.name());
    Map<SyncKey, Waiting.Goal> goals;
    if (there.isPresent()) {
      // It may be waiting for its next try.
      String request = terminal.clock().instant().truncatedTo(ChronoUnit.MICROS).toString();
      session.annotate(sync, Labels.REQUESTED_AT, request);
      goals = Map.of(key, s -> s.status().handledRequest().filter(request::equals).isPresent());
    } else {
      goals = Map.of(key, s -> !s.untold() && s.upToDate());
    }
    Map<SyncKey, SyncItem> done = new Waiting(session, terminal.err()).until(goals, limit);
    return Waiting.conclude(List.copyOf(done.values()), goals, terminal, session);
  }

  private void say(String line) {
    terminal.err().println(line);
    terminal.err().flush();
  }
}
