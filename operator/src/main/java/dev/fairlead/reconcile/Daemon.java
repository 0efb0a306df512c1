package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.EventSink;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.PodReader;
import dev.fairlead.cluster.ResourceWatch;
import dev.fairlead.cluster.Schemas;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.cluster.WatchEvent;
import dev.fairlead.cluster.WatchListener;
import dev.fairlead.git.Mirrors;
import dev.fairlead.manifest.Limits;
import dev.fairlead.model.Blames;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Probe;
import dev.fairlead.model.QueueListener;
import dev.fairlead.model.ReconcileListener;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncListener;
import dev.fairlead.model.SyncViews;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.runtime.BoundedExecutor;
import dev.fairlead.runtime.Controller;
import dev.fairlead.runtime.Pause;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.RateLimit;
import dev.fairlead.runtime.SystemScheduler;
import dev.fairlead.runtime.Waits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All work on all syncs of one cluster: the watch of GitSyncs, the controllers, and what they
 * share.
 *
 * <p>Guarantees: nothing is decided before every GitSync is known and every kind that may have
 * members is listed; an API server that is away is waited for; {@link #stop} leaves no work
 * running. One thread starts and closes it.
 */
public final class Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final Duration FORGET_AFTER = Duration.ofMinutes(5);
  private static final Duration DISCOVERY_PATIENCE = Duration.ofSeconds(10);
  private static final int REPAIR_WORKERS = 8;

  /** Of objects that are not healthy; nothing waits for them. */
  private static final int LOOK_WORKERS = 4;

  /** How many waits for objects of other syncs are remembered. */
  private static final int MAX_WAITS = 100_000;

  /** How long running work may go on after {@link #stop}. */
  private static final Duration STOP_PATIENCE = Duration.ofMillis(1500);

  /**
   * @param concurrency how many syncs are worked on at once
   * @param apiConcurrency how many applies are under way at once
   * @param gitConcurrency how many looks at Git run at once
   * @param gitHostConcurrency how many of them at one host
   * @param verifyRate how many objects a second are verified after a start
   * @param limits what a repository may hold
   * @param timing how patient watches are
   * @param finishPatience how long the objects of a GitSync that is deleted may take to go
   * @param own what is Fairlead's own and never pruned
   * @param crossNamespaceRefs whether a sync may depend on one of another namespace
   * @param tenancy on whose behalf the objects of a sync are written
   */
  public record Options(
      int concurrency,
      int apiConcurrency,
      int gitConcurrency,
      int gitHostConcurrency,
      int verifyRate,
      Limits limits,
      ResourceWatch.Timing timing,
      Duration finishPatience,
      Guard.Own own,
      boolean crossNamespaceRefs,
      Tenancy tenancy) {}

  private final ApiServer api;
  private final Options options;
  private final InstantSource clock;
  private final Syncs syncs = new Syncs();
  private final Dispatch dispatch = new Dispatch();
  private final Dependents dependents = new Dependents(dispatch);
  private final SystemScheduler scheduler = new SystemScheduler();
  private final CountDownLatch gitSyncsListed = new CountDownLatch(1);
  private final Discovery discovery;
  private final LiveObjects live;
  private final Sources sources;
  private final Webhooks webhooks;
  private final FileHistory fileHistory;
  private final Signatures signatures;
  private final SyncOverview overview;
  private final SyncReconciler syncReconciler;
  private final Controller<SyncKey> syncController;
  private final Controller<ObjectRef> objectController;
  private final Controller<Source.Key> sourceController;
  private final Controller<ObjectRef> lookController;
  private volatile @Nullable ResourceWatch gitSyncWatch;
  private volatile @Nullable ResourceWatch secretWatch;
  private volatile @Nullable Thread starter;
  private volatile String waitingFor = "the API server";
  private volatile boolean ready;
  private volatile boolean closed;

  public Daemon(
      ApiServer api,
      Mirrors mirrors,
      Options options,
      SyncListener listener,
      QueueListener queues,
      String instance,
      InstantSource clock,
      RandomGenerator random) {
    this.api = api;
    this.options = options;
    this.clock = clock;
    discovery = new Discovery(api, clock, DISCOVERY_PATIENCE);
    Schemas schemas = new Schemas(api, clock);
    SyncWriter writer = new SyncWriter(api, new EventSink(api, instance));
    Reporter reporter = new Reporter(syncs, dependents, writer, listener, clock);
    Waits<ObjectKey, SyncKey> waits = new Waits<>(MAX_WAITS);
    Drifts drifts = new Drifts(syncs, waits, dispatch, clock);
    live = new LiveObjects(api, discovery, options.timing(), clock, syncs, drifts);
    overview = new SyncOverview(syncs, live::get, live::members, this::ready, clock);
    ObjectWriter objects = new ObjectWriter(api, api);
    LeftAlone leftAlone = new LeftAlone(api, options.tenancy(), discovery, live);
    Secrets secrets = new Secrets(api);
    sources =
        new Sources(
            mirrors,
            secrets,
            dispatch,
            options.gitHostConcurrency(),
            new Looks(reporter),
            clock,
            random);
    webhooks = new Webhooks(syncs, secrets, sources, dispatch, () -> ready);
    signatures = new Signatures(secrets, syncs, dispatch, clock);
    fileHistory = new FileHistory(syncs, sources, signatures, clock);
    Builder builder = new Builder(options.limits(), discovery, signatures, clock);
    Bodies bodies = new Bodies(builder, sources);
    Siblings siblings = new Siblings(syncs, sources, dispatch, clock);
    HandOverStep handOver =
        new HandOverStep(
            new HandOverStep.Tools(
                api, discovery, writer, syncs, waits, options.tenancy(), dispatch),
            clock);
    Rivals rivals =
        new Rivals(
            new Rivals.Tools(
                syncs, sources, live, siblings, handOver, options.tenancy(), waits, dispatch),
            clock);
    FinishedJobs finishedJobs = new FinishedJobs(syncs, live);
    PruneStep prune =
        new PruneStep(
            new PruneStep.Tools(
                api, discovery, live, syncs, handOver, options.own(), options.tenancy(), reporter));
    ApplyStep.Tools apply =
        new ApplyStep.Tools(
            new ApplyCalls.Tools(
                objects,
                new Replacer(api, api, options.own()),
                reporter,
                options.tenancy(),
                discovery,
                live,
                bodies,
                new BoundedExecutor("apply", options.apiConcurrency())),
            schemas,
            new OwnCheck(api, discovery, options.own()),
            new ChangeWriter.Tools(discovery, live, drifts),
            writer,
            syncs);
    SyncReport report = new SyncReport(syncs, sources, reporter, live, dispatch, clock);
    Failures failures = new Failures(clock, random);
    BuildStep build = new BuildStep(options.tenancy(), sources, builder, schemas, failures, clock);
    Unrecorded unrecorded = new Unrecorded(builder, clock);
    CommitStep commit =
        new CommitStep(
            new CommitStep.Tools(
                syncs,
                sources,
                rivals,
                finishedJobs,
                build,
                live,
                apply,
                leftAlone,
                dispatch,
                unrecorded,
                reporter,
                report,
                failures,
                scheduler),
            clock);
    ResumeStep resume =
        new ResumeStep(
            new ResumeStep.Tools(sources, build, commit, live, dispatch, unrecorded), clock);
    DependencyGate gate =
        new DependencyGate(syncs, sources, live, dependents, options.crossNamespaceRefs(), clock);
    RollbackStep rollback =
        new RollbackStep(
            new RollbackStep.Tools(
                syncs, sources, builder, live, commit, resume, reporter, report, failures),
            clock);
    SettleStep settle =
        new SettleStep(
            new SettleStep.Tools(
                syncs,
                live,
                writer,
                prune,
                handOver,
                new Provenance(api, discovery),
                siblings,
                dispatch,
                reporter,
                report,
                failures,
                options.own()),
            clock,
            random);
    FinishStep finish =
        new FinishStep(
            new FinishStep.Tools(
                api,
                discovery,
                live,
                prune,
                handOver,
                siblings,
                report,
                writer,
                syncs,
                reporter,
                options.own(),
                options.finishPatience()),
            clock);
    PlanReport planReport = new PlanReport(syncs, sources, reporter, clock);
    PlanStep plan =
        new PlanStep(
            new PlanStep.Tools(
                api,
                options.tenancy(),
                syncs,
                build,
                builder,
                sources,
                live,
                apply,
                leftAlone,
                prune,
                rivals,
                report,
                planReport,
                scheduler,
                failures,
                options.own()),
            clock,
            random);
    syncReconciler =
        new SyncReconciler(
            new SyncReconciler.Tools(
                syncs,
                sources,
                webhooks,
                signatures,
                discovery,
                live,
                commit,
                resume,
                gate,
                handOver,
                rivals,
                siblings,
                rollback,
                settle,
                finish,
                plan,
                planReport,
                dispatch,
                reporter,
                report),
            clock);
    Repairs repairs =
        new Repairs(
            new Repairs.Tools(
                syncs,
                api,
                objects,
                options.tenancy(),
                discovery,
                live,
                bodies,
                drifts,
                dispatch,
                reporter,
                new RateLimit(options.verifyRate(), clock)),
            clock);
    syncController =
        new Controller<>(
            Controller.Settings.of("sync", options.concurrency()),
            SyncKey::namespace,
            syncReconciler,
            clock,
            scheduler,
            random,
            queues,
            listener);
    objectController =
        new Controller<>(
            Controller.Settings.of("object", REPAIR_WORKERS),
            ref -> ref.sync().namespace(),
            repairs,
            clock,
            scheduler,
            random,
            queues,
            ReconcileListener.NONE);
    sourceController =
        new Controller<>(
            Controller.Settings.of("source", options.gitConcurrency()),
            sources::laneOf,
            sources,
            clock,
            scheduler,
            random,
            queues,
            ReconcileListener.NONE);
    RolloutReasons reasons =
        new RolloutReasons(
            new RolloutReasons.Tools(
                syncs, new PodReader(api), options.tenancy(), discovery, live, bodies, dispatch),
            clock);
    lookController =
        new Controller<>(
            Controller.Settings.of("look", LOOK_WORKERS),
            ref -> ref.sync().namespace(),
            reasons,
            clock,
            scheduler,
            random,
            queues,
            ReconcileListener.NONE);
    dispatch.connect(syncController, objectController, sourceController, lookController);
  }

  /** Begins to work; returns at once. */
  public void start() {
    starter = Thread.ofVirtual().name("start").start(this::run);
  }

  private void run() {
    try {
      reachApiServer();
      waitingFor = "the list of GitSyncs; is manifests/crd.yaml applied?";
      gitSyncWatch =
          ResourceWatch.start(
              api,
              new ResourceWatch.Scope(SyncWriter.GITSYNCS, "", "", true),
              options.timing(),
              new GitSyncListener(
                  syncs,
                  dispatch,
                  dependents,
                  clock,
                  this::watchSecrets,
                  gitSyncsListed::countDown));
      gitSyncsListed.await();
      waitingFor = "the lists of the objects of all GitSyncs";
      prepareAll();
      sourceController.start();
      objectController.start();
      lookController.start();
      syncController.start();
      ready = true;
      LOG.atInfo().addKeyValue(LogKeys.COUNT, syncs.all().size()).log("Started");
      scheduler.schedule(FORGET_AFTER, this::forgetKinds);
    } catch (InterruptedException e) {
      // Closed while starting.
      return;
    }
  }

  private void reachApiServer() throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        discovery.refresh();
        return;
      } catch (ApiException e) {
        waitingFor = "the API server: " + e.getMessage();
        if (!told) {
          LOG.atWarn().addKeyValue(LogKeys.DETAIL, e.getMessage()).log("No API server yet");
          told = true;
        }
        Pause.of(Duration.ofSeconds(1));
      }
    }
  }

  /** Before the first decision: the kinds that any sync may have members of. */
  private void prepareAll() throws InterruptedException {
    for (SyncReading reading : syncs.all()) {
      if (reading instanceof SyncReading.Valid valid) {
        try {
          syncReconciler.watchMembers(valid.sync());
        } catch (ApiException e) {
          // The sync itself prepares again, and reports what keeps it from that.
          LOG.atDebug().setCause(e).log("Not all kinds could be watched");
        }
      }
    }
    // One patience for all: a kind whose own server is down must not hold up the others for each
    // sync.
    long latest = System.nanoTime() + SyncReconciler.LIST_TIMEOUT.toNanos();
    for (SyncReading reading : syncs.all()) {
      if (reading instanceof SyncReading.Valid valid) {
        try {
          syncReconciler.prepare(
              valid.sync(),
              syncs.state(valid.sync().key()),
              Duration.ofNanos(latest - System.nanoTime()));
        } catch (ApiException e) {
          LOG.atDebug().setCause(e).log("Not all kinds could be listed");
        }
      }
    }
  }

  /** Credentials are read again when their Secret changes; this watch sees metadata only. */
  private synchronized void watchSecrets() {
    if (secretWatch != null || closed) {
      return;
    }
    secretWatch =
        ResourceWatch.start(
            api,
            new ResourceWatch.Scope(Secrets.RESOURCE, "", "", false),
            options.timing(),
            new SecretListener());
  }

  /** Hears of Secrets; the first list is no news. */
  private final class SecretListener implements WatchListener {
    private boolean listed;

    @Override
    public void onEvent(WatchEvent event) {
      if (listed) {
        Source.SecretKey secret =
            new Source.SecretKey(event.live().key().namespace(), event.live().key().name());
        sources.secretChanged(secret);
        webhooks.secretChanged(secret);
        signatures.secretChanged(secret);
      }
    }

    @Override
    public void onState(State state) {
      listed |= state instanceof Synced;
      if (state instanceof Failing failing) {
        LOG.atWarn()
            .addKeyValue(LogKeys.DETAIL, failing.error().message())
            .log("Secrets cannot be watched; changed credentials are used after a failure only");
      }
    }
  }

  /** What a look found. */
  private final class Looks implements Sources.Followers {
    private final Reporter reporter;

    Looks(Reporter reporter) {
      this.reporter = reporter;
    }

    @Override
    public void looked(SyncKey sync, Priority priority) {
      dispatch.sync(sync, syncReconciler.isUntouched(sync) ? Priority.LOW : priority);
    }

    @Override
    public void fetched(SyncKey sync, Instant at) {
      reporter.fetched(sync, at);
    }
  }

  /** Stops the watches of kinds that no sync has had for a while. */
  private void forgetKinds() {
    live.forget(FORGET_AFTER);
    if (!closed) {
      scheduler.schedule(FORGET_AFTER, this::forgetKinds);
    }
  }

  /** Whether the daemon works; an API server or a Git server that is away is no failure. */
  public Probe alive() {
    return Probe.all(
        List.of(
            syncController.liveness(),
            objectController.liveness(),
            sourceController.liveness(),
            lookController.liveness()));
  }

  /** Whether everything that has to be known is known. */
  public Probe ready() {
    return ready ? Probe.good("at work") : Probe.bad("waiting for " + waitingFor);
  }

  /** Where the lines of the syncs' files come from, at any time. */
  public Blames blames() {
    return fileHistory;
  }

  /** The webhooks of the syncs, at any time. */
  public Hooks hooks() {
    return webhooks;
  }

  /** What may be read of the syncs, at any time. */
  public SyncViews views() {
    return overview;
  }

  /** Stops within a few seconds; what runs may end, what waits is dropped. */
  public void stop() throws InterruptedException {
    closed = true;
    Optional.ofNullable(starter).ifPresent(Thread::interrupt);
    syncController.stopTaking();
    objectController.stopTaking();
    sourceController.stopTaking();
    lookController.stopTaking();
    syncController.close(STOP_PATIENCE);
    objectController.close(Duration.ZERO);
    sourceController.close(Duration.ZERO);
    lookController.close(Duration.ZERO);
    Optional.ofNullable(gitSyncWatch).ifPresent(ResourceWatch::close);
    Optional.ofNullable(secretWatch).ifPresent(ResourceWatch::close);
    live.close();
    scheduler.close();
  }
}
