package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitServer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Everything that one run has to itself: a control plane, a Git server with repositories, places
 * for daemons, and the model of what Git says.
 *
 * <p>One thread.
 */
final class World implements AutoCloseable {
  /** Where GitSyncs are. Those of one namespace share a ServiceAccount that may do everything. */
  static final List<String> TENANTS = List.of("alpha", "beta");

  /** Where objects are. */
  static final List<String> PLACES = List.of("red", "blue");

  private static final int ATTEMPTS = 5;
  private static final int MAX_WEAR = 2;

  private final Tally tally;
  private final AuditLog audit;
  private final ControlPlane cluster;
  private final ApiClient api;
  private final GitServer git;
  private final List<Seat> seats = new ArrayList<>();
  private final Model model;
  private final Foreign foreign = new Foreign();
  private final List<Later> later = new ArrayList<>();
  private final Map<ObjectKey, Integer> wear = new TreeMap<>();
  private boolean serverUp = true;
  private int serial;

  /** What is still to happen, so many steps from now. */
  private record Later(int steps, String what, Runnable run) {}

  World(Path directory, long seed, int daemons, Tally tally) {
    this.tally = tally;
    this.audit = AuditLog.in(directory.resolve("audit"));
    this.cluster = ControlPlane.start(audit.options());
    this.api = ApiClient.of(cluster);
    this.git = GitServer.start(directory.resolve("git"));
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    for (String namespace : TENANTS) {
      cluster.kubectl("create", "namespace", namespace);
      cluster.trust(namespace);
    }
    for (String namespace : PLACES) {
      cluster.kubectl("create", "namespace", namespace);
    }
    cluster.kubectl("create", "namespace", Seat.NAMESPACE);
    for (int i = 0; i < daemons; i++) {
      Storm storm = new Storm(seed + i, tally);
      seats.add(new Seat(cluster, i, directory, storm, daemons > 1));
    }
    this.model = topology(new SplittableRandom(seed));
  }

  private Model topology(SplittableRandom random) {
    Repo one = new Repo("one", git.create("one"));
    Repo two = new Repo("two", git.create("two"));
    Repo three = new Repo("three", git.create("three"));
    SyncKey front = new SyncKey("alpha", "front");
    SyncKey site = new SyncKey("beta", "site");
    return new Model(
        List.of(one, two, three),
        List.of(
            new Sync(front, one, "front", Optional.empty(), random.nextBoolean()),
            new Sync(
                new SyncKey("alpha", "back"),
                one,
                "back",
                perhaps(front, random),
                random.nextBoolean()),
            new Sync(site, two, "site", Optional.empty(), random.nextBoolean()),
            new Sync(
                new SyncKey("alpha", "extra"),
                two,
                "extra",
                perhaps(site, random),
                random.nextBoolean()),
            new Sync(
                new SyncKey("beta", "solo"), three, "", Optional.empty(), random.nextBoolean())));
  }

  private static Optional<SyncKey> perhaps(SyncKey key, SplittableRandom random) {
    return random.nextInt(3) == 0 ? Optional.of(key) : Optional.empty();
  }

  AuditLog audit() {
    return audit;
  }

  Tally tally() {
    return tally;
  }

  Model model() {
    return model;
  }

  GitServer git() {
    return git;
  }

  List<Seat> seats() {
    return seats;
  }

  /** The API server, past all proxies. It must be up. */
  ApiClient api() {
    return api;
  }

  /**
   * Asks the API server; again where it broke off. That happens to connections from before a
   * restart.
   */
  static <T> T ask(Supplier<T> question) {
    for (int i = 1; ; i++) {
      try {
        return question.get();
      } catch (UncheckedIOException e) {
        if (i == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  boolean isServerUp() {
    return serverUp;
  }

  void serverDown(boolean kill) {
    if (kill) {
      cluster.killApiServer();
    } else {
      cluster.stopApiServer();
    }
    serverUp = false;
  }

  void serverUp() {
    if (!serverUp) {
      cluster.startApiServer();
      serverUp = true;
    }
  }

  /** What others have in the cluster. */
  Foreign foreign() {
    return foreign;
  }

  void create(String path, String json) {
    ask(() -> {
      api.create(path, json);
      return path;
    });
  }

  void apply(String path, String manager, String object) {
    ask(() -> {
      api.apply(path, manager, object);
      return path;
    });
  }

  /** Applies by force what is there, and nothing that is not. */
  void applyIfThere(String path, String manager, Json.Obj object) {
    ask(() -> api.get(path))
        .ifPresent(there -> {
          Json.Obj metadata = object.object("metadata").orElseThrow();
          Json.Obj same = metadata.with("uid", Item.text(Foreign.uid(there)));
          try {
            apply(path, manager, object.with("metadata", same).toJson());
          } catch (AssertionError e) {
            if (!e.toString().contains(" 409 ")) {
              throw e;
            }
            // It has just become another one.
          }
        });
  }

  Optional<Json.Obj> patchIfThere(String path, String manager, String patch) {
    return ask(() -> api.tryMergePatch(path, manager, patch));
  }

  void delete(String path) {
    ask(() -> {
      api.delete(path);
      return path;
    });
  }

  void create(Sync sync) {
    create(Sync.collection(sync.key().namespace()), sync.manifest().toJson());
  }

  /** For another version of anything. */
  int nextSerial() {
    return ++serial;
  }

  /**
   * Whether a live object may be disturbed once more. Five repairs within ten minutes are a
   * contest, with pauses that nobody would wait for.
   */
  boolean wears(ObjectKey key) {
    return wear.merge(key, 1, Integer::sum) <= MAX_WEAR;
  }

  /** Lets something happen after so many steps, at the latest at the next quiet point. */
  void later(int steps, String what, Runnable run) {
    later.add(new Later(steps, what, run));
  }

  /** One step further; what happens because it was to happen {@link #later}. */
  List<String> step() {
    List<Later> waiting = List.copyOf(later);
    later.clear();
    List<String> done = new ArrayList<>();
    for (Later each : waiting) {
      if (each.steps() <= 1) {
        each.run().run();
        done.add(each.what());
      } else {
        later(each.steps() - 1, each.what(), each.run());
      }
    }
    return done;
  }

  /** Everything that was to happen later happens now, and nothing is in the way any more. */
  List<String> heal() {
    List<String> done = new ArrayList<>();
    while (!later.isEmpty()) {
      done.addAll(step());
    }
    serverUp();
    git.heal();
    for (Seat seat : seats) {
      seat.storm().blow(0);
      seat.resume();
      seat.start();
    }
    return done;
  }

  @Override
  public void close() {
    seats.forEach(Seat::close);
    git.close();
    cluster.close();
  }
}
