package dev.fairlead.app;

import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Election;
import dev.fairlead.cluster.Election.Standing;
import dev.fairlead.cluster.Term;
import dev.fairlead.model.Blames;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.Probe;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import dev.fairlead.observe.Meters;
import dev.fairlead.reconcile.Daemon;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A daemon for each term in which this process leads, and what is said while it does not.
 *
 * <p>Guarantees: each daemon has its term's gate before every write, and a new one begins when the
 * one before has stopped. A standby holds no mirror, watches nothing and has no series of syncs.
 * One thread at a time begins and ends terms; any thread may ask.
 */
final class LeaderDaemon implements Election.Candidate, SyncViews, Blames, Hooks {
  private final ApiServer api;
  private final Function<ApiServer, Daemon> daemons;
  private final Runnable dropMirrors;
  private final Meters meters;
  private final Supplier<Probe> starting;
  private volatile @Nullable Daemon daemon;
  private volatile @Nullable Election election;

  /**
   * @param api without a gate
   * @param daemons makes one that speaks to this server
   * @param dropMirrors is run when a term has ended
   * @param starting what is said until it is told to lead, or to obey an election
   */
  LeaderDaemon(
      ApiServer api,
      Function<ApiServer, Daemon> daemons,
      Runnable dropMirrors,
      Meters meters,
      Supplier<Probe> starting) {
    this.api = api;
    this.daemons = daemons;
    this.dropMirrors = dropMirrors;
    this.meters = meters;
    this.starting = starting;
  }

  /** Leads from now on, since there is nobody else. */
  void leadAlone() {
    begin(api);
  }

  /** Leads while this election says so. */
  void obey(Election decides) {
    election = decides;
  }

  @Override
  public void lead(Term term) {
    begin(api.during(term));
  }

  private void begin(ApiServer server) {
    Daemon fresh = daemons.apply(server);
    daemon = fresh;
    meters.leads(true);
    fresh.start();
  }

  @Override
  public void follow() throws InterruptedException {
    Daemon last = daemon;
    daemon = null;
    meters.leads(false);
    if (last != null) {
      last.stop();
    }
    meters.forgetSyncs();
    dropMirrors.run();
  }

  /** Stops; what is under way may be written for as long as the term goes on. */
  void stop() throws InterruptedException {
    Daemon last = daemon;
    if (last != null) {
      last.stop();
    }
  }

  /** Whether the daemon works, if there is one. */
  Probe alive() {
    Election current = election;
    if (current != null && !current.isAlive()) {
      return Probe.bad("the election has ended");
    }
    Daemon now = daemon;
    return now == null ? Probe.good("standby") : now.alive();
  }

  /** Whether it leads and knows all, or is a good standby. */
  Probe readiness() {
    Election current = election;
    Daemon now = daemon;
    if (current == null) {
      return now == null ? starting.get() : now.ready();
    }
    return switch (current.standing()) {
      case Standing.Leads(Term term) ->
          now == null
              ? Probe.bad("starting to lead")
              : term.isOpen()
                  ? now.ready()
                  : Probe.bad("this process leads, but cannot renew its lease; see the log");
      case Standing.Follows(String holder, String _) ->
          Probe.good("standby; " + (holder.isEmpty() ? "nobody" : holder) + " leads");
      case Standing.Waits(String why) -> Probe.bad("waiting for the lease: " + why);
    };
  }

  @Override
  public Probe ready() {
    Election current = election;
    if (current != null
        && current.standing() instanceof Standing.Follows(String holder, String _)) {
      return Probe.bad(
          holder.isEmpty()
              ? "this is a standby, and nobody leads at the moment"
              : "this is a standby, which knows of no GitSync: ask the pod that leads, "
                  + pod(holder));
    }
    return readiness();
  }

  @Override
  public Blames.Answer blame(SyncKey key, String file) {
    Daemon now = daemon;
    return now == null
        ? new Blames.Answer.Later("this process does not lead")
        : now.blames().blame(key, file);
  }

  @Override
  public Optional<Hook> find(String path) {
    Daemon now = daemon;
    return now == null ? Optional.empty() : now.hooks().find(path);
  }

  /** A standby knows who leads, and nothing else; who leads next looks at everything first. */
  @Override
  public Elsewhere elsewhere() {
    Election current = election;
    Daemon now = daemon;
    if (now != null && (current == null || current.standing() instanceof Standing.Leads)) {
      return now.hooks().elsewhere();
    }
    return current != null
            && current.standing() instanceof Standing.Follows(String _, String hooks)
            && !hooks.isEmpty()
        ? new Elsewhere.Leader(hooks)
        : new Elsewhere.Unknown("this process does not lead, and knows of none that does");
  }

  @Override
  public void arrived(SyncKey sync) {
    Daemon now = daemon;
    if (now != null) {
      now.hooks().arrived(sync);
    }
  }

  /** An identity without what tells the processes of a pod apart. */
  private static String pod(String holder) {
    int end = holder.lastIndexOf('_');
    return end > 0 ? holder.substring(0, end) : holder;
  }

  @Override
  public List<Summary> list(Optional<SyncKey> after, int limit) {
    Daemon now = daemon;
    return now == null ? List.of() : now.views().list(after, limit);
  }

  @Override
  public Optional<SyncView> find(SyncKey key) {
    Daemon now = daemon;
    return now == null ? Optional.empty() : now.views().find(key);
  }
}
