package dev.fairlead.chaos;

import dev.fairlead.daemon.OperatorProcess;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** All that has to hold at a quiet point. */
final class Checks {
  private static final int MAX_PRUNE_PERCENT = 50;

  /** A request is in flight for that long at most: a storm delays it by two seconds. */
  private static final Duration IN_FLIGHT = Duration.ofSeconds(4);

  private Checks() {}

  static List<Check> all() {
    return List.of(
        new Check(
            "rests",
            "Each sync comes to rest at its newest commit, or says why it cannot",
            true,
            Checks::rests),
        new Check("alive", "No daemon ends by itself", false, Checks::alive),
        new Check("leads", "One daemon leads", true, Checks::leads),
        new Check("turns", "One daemon writes at a time", false, Checks::turns),
        new Check("plan", "Nothing is written for a sync in mode Plan", false, Checks::plan),
        new Check(
            "git",
            "The cluster holds what Git says: to apply it once more would change nothing",
            true,
            Checks::git),
        new Check(
            "members",
            "No sync has an object that its commit does not want",
            true,
            Checks::members),
        new Check("status", "Status tells the truth", true, StatusCheck::differences),
        new Check("foreign", "What others made is as they left it", false, Checks::foreign),
        new Check(
            "fields", "What others added to our objects is still there", false, Checks::fields),
        new Check(
            "same",
            "An object that Git wanted all the time is still the same",
            false,
            Checks::same),
        new Check(
            "deletes",
            "Nothing was deleted that Git wants, nor beyond the guard, nor before the rollout was healthy",
            false,
            Checks::deletes),
        new Check("jobs", "No Job ran twice for the same content", false, Checks::jobs),
        new Check(
            "secrets",
            "No value of a Secret is in a log, an event, a status, the API or the metrics",
            false,
            Checks::secrets));
  }

  private static List<String> rests(QuietPoint at) {
    List<String> found = new ArrayList<>();
    for (Sync sync : at.model().syncs()) {
      if (at.rest(sync) instanceof Rest.Not not) {
        found.add(sync + ": " + not.because());
      }
    }
    at.sight().syncs().keySet().stream()
        .filter(name -> at.model().syncs().stream().noneMatch(s -> s.toString().equals(name)))
        .forEach(name -> found.add(name + " is still there"));
    return found;
  }

  private static List<String> alive(QuietPoint at) {
    return at.world().seats().stream()
        .filter(seat -> seat.daemon().filter(OperatorProcess::isAlive).isEmpty())
        .map(seat -> "one has ended; its log is " + seat.logs().getLast())
        .toList();
  }

  private static List<String> leads(QuietPoint at) {
    List<String> leaders =
        at.world().seats().stream()
            .filter(s -> s.daemon().filter(OperatorProcess::isAlive).isPresent() && s.leads())
            .map(Seat::name)
            .toList();
    return leaders.size() == 1 ? List.of() : List.of(leaders + " lead");
  }

  /** A daemon that was paused between its last check and the socket sends that request later. */
  private static List<String> turns(QuietPoint at) {
    List<String> found = new ArrayList<>();
    List<AuditLog.Turn> turns = at.world().audit().turns();
    for (AuditLog.Write write : at.writes()) {
      Optional<AuditLog.Turn> turn =
          turns.reversed().stream().filter(t -> t.since().isBefore(write.at())).findFirst();
      boolean late =
          !write.seat().isEmpty()
              && turn.filter(t ->
                      !t.seat().equals(write.seat())
                          && t.since().plus(IN_FLIGHT).isBefore(write.at()))
                  .isPresent();
      if (late) {
        boolean resumed =
            at.world().seats().stream()
                .filter(s -> s.name().equals(write.seat()))
                .anyMatch(s -> s.hadResumed(write.at(), IN_FLIGHT));
        if (resumed) {
          at.world().tally().count("late", "writes of a daemon that was paused in the middle");
        } else {
          found.add(
              write.seat()
                  + " wrote "
                  + write.key()
                  + " at "
                  + write.at()
                  + ", but since then: "
                  + turn.get());
        }
      }
    }
    return found;
  }

  private static List<String> plan(QuietPoint at) {
    List<String> found = new ArrayList<>();
    for (AuditLog.Write write : at.writes()) {
      at.model()
          .wasPlanned(write)
          .ifPresent(sync -> found.add(sync + " wrote " + write.key() + " at " + write.at()));
    }
    return found;
  }

  private static boolean isBehind(QuietPoint at, Sync sync) {
    return !at.sight().applied(sync).equals(sync.repo().head());
  }

  /** What one of the commits says that may be there. */
  private static List<SortedMap<ObjectKey, Item>> versions(QuietPoint at, Sync sync) {
    if (sync.broken().isEmpty() && !isBehind(at, sync)) {
      List<SortedMap<ObjectKey, Item>> newest = new ArrayList<>(List.of(sync.wants()));
      newest.addAll(withJobsOfBetween(at, sync));
      return newest;
    }
    if (at.rest(sync) instanceof Rest.RolledBack back) {
      return backAt(sync, back.to());
    }
    return at.model().candidates(sync).stream()
        .map(commit -> sync.repo().treeAt(commit))
        .filter(tree -> tree.broken(sync.folder()).isEmpty())
        .map(tree -> tree.wants(sync.folder()))
        .toList();
  }

  /**
   * The newest commit, but with a Job as a commit since the last quiet point had it: where that one
   * did not become healthy and the newest goes back to a content that had run, the Job stays.
   */
  private static List<SortedMap<ObjectKey, Item>> withJobsOfBetween(QuietPoint at, Sync sync) {
    return at.model().candidates(sync).stream()
        .skip(1)
        .flatMap(commit -> sync.repo().treeAt(commit).wants(sync.folder()).values().stream())
        .filter(between -> between.kind() == Kind.JOB)
        .filter(between -> {
          Item now = sync.wants().get(between.key());
          return now != null && !now.equals(between) && at.model().cameBack(now);
        })
        .map(between -> {
          SortedMap<ObjectKey, Item> other = new TreeMap<>(sync.wants());
          other.put(between.key(), between);
          return other;
        })
        .toList();
  }

  /** What the last good commit says; a Job that has run for the failed one stays as it is. */
  private static List<SortedMap<ObjectKey, Item>> backAt(Sync sync, String commit) {
    SortedMap<ObjectKey, Item> good = sync.repo().treeAt(commit).wants(sync.folder());
    SortedMap<ObjectKey, Item> run = new TreeMap<>(good);
    sync.wants()
        .forEach((key, item) -> {
          if (item.kind() == Kind.JOB && good.containsKey(key)) {
            run.put(key, item);
          }
        });
    return List.of(good, run);
  }

  /** Whether the failed commit gave it up and another sync has it by now. */
  private static boolean isAnothers(QuietPoint at, Sync sync, ObjectKey key) {
    return at.model().syncs().stream()
        .filter(other -> !other.equals(sync))
        .anyMatch(other -> other.wants().containsKey(key));
  }

  /** Whether it is a Job that has run for a commit that may have been rolled back. */
  private static boolean wentWithRollback(QuietPoint at, Sync sync, List<Item> versions) {
    return sync.rollsBack()
        && at.world().audit().writes().stream()
            .filter(w -> w.created() && w.kind() == Kind.JOB)
            .anyMatch(w ->
                versions.stream()
                    .anyMatch(v -> v.key().equals(w.key()) && v.image().equals(w.image())));
  }

  private static List<String> git(QuietPoint at) {
    List<String> found = new ArrayList<>();
    for (Sync sync : at.model().syncs()) {
      List<SortedMap<ObjectKey, Item>> versions = versions(at, sync);
      Set<ObjectKey> members = at.sight().members(sync);
      Set<ObjectKey> keys = new TreeSet<>();
      versions.forEach(v -> keys.addAll(v.keySet()));
      if (at.rest(sync) instanceof Rest.Dependent) {
        // What was handed to it is applied when its turn comes.
        keys.removeIf(key -> !versions.stream().allMatch(v -> v.containsKey(key)));
      }
      boolean back = at.rest(sync) instanceof Rest.RolledBack;
      if (isBehind(at, sync) && !back) {
        // A daemon that starts while the newest commit is broken does not know what was there.
        keys.removeIf(at.model()::isDisturbed);
      }
      for (ObjectKey key : keys) {
        List<Item> items =
            versions.stream()
                .flatMap(v -> Optional.ofNullable(v.get(key)).stream())
                .distinct()
                .toList();
        if (members.contains(key)) {
          found.addAll(other(at, sync, key, items));
        } else if (!at.model().mayBeAbsent(key)
            && !wentWithRollback(at, sync, items)
            && items.size() > 0
            && versions.stream().allMatch(v -> v.containsKey(key))
            && (sync.wants().containsKey(key) || (back && !isAnothers(at, sync, key)))) {
          found.add(
              sync
                  + ": "
                  + key
                  + (at.sight().objects().containsKey(key) ? " is not its own" : " is not there"));
        }
      }
    }
    return found;
  }

  private static List<String> other(QuietPoint at, Sync sync, ObjectKey key, List<Item> items) {
    Json.Obj live = at.sight().objects().getOrDefault(key, Json.Obj.empty());
    List<String> found = new ArrayList<>();
    for (Item item : items) {
      String difference;
      try {
        String manifest = item.desired(sync.labels()).toJson();
        Json.Obj after =
            World.ask(() -> at.world().api().dryRunApply(Kind.path(key), sync.manager(), manifest));
        // What was handed to it is its own by the label alone until its turn to be applied comes.
        boolean labelled = isBehind(at, sync);
        difference =
            labelled
                ? Differences.between(unmanaged(live), unmanaged(after))
                : Differences.between(live, after);
      } catch (AssertionError e) {
        difference = String.valueOf(e.getMessage());
      }
      if (difference.isEmpty()) {
        return List.of();
      }
      found.add(sync + ": " + item + ": " + difference);
    }
    return found;
  }

  private static Json.Obj unmanaged(Json.Obj object) {
    Json.Obj metadata = Sight.metadata(object);
    return object.with(
        "metadata",
        metadata.without("managedFields").without("resourceVersion").without("generation"));
  }

  private static List<String> members(QuietPoint at) {
    List<String> found = new ArrayList<>();
    Map<ObjectKey, Sync> owners = new TreeMap<>();
    for (Sync sync : at.model().syncs()) {
      for (ObjectKey key : at.sight().members(sync)) {
        Sync other = owners.put(key, sync);
        if (other != null) {
          found.add(key + " belongs to " + sync + " and to " + other);
        }
      }
      at.sight().halves(sync).stream()
          .filter(key -> !at.world().foreign().has(key))
          // What was handed to it has its label alone until its turn comes.
          .filter(key -> !isBehind(at, sync) || !sync.wants().containsKey(key))
          .filter(key -> !isBehind(at, sync) || !at.model().isDisturbed(key))
          .forEach(key -> found.add(sync + ": " + key + " has one of label and manager alone"));
      Set<ObjectKey> extras = at.extras(sync);
      switch (at.rest(sync)) {
        case Rest.Ready _ -> extras.forEach(key -> found.add(sync + ": " + key + " is left over"));
        case Rest.Blocked _ -> {
          int all = at.sight().members(sync).size();
          if (extras.size() * 100 <= MAX_PRUNE_PERCENT * all) {
            found.add(sync + ": the prune of " + extras + " of " + all + " waits for approval");
          }
        }
        case Rest.RolledBack(String to) -> {
          Set<ObjectKey> good = sync.repo().treeAt(to).wants(sync.folder()).keySet();
          extras.stream()
              .filter(key -> !good.contains(key))
              .forEach(key -> found.add(sync + ": " + key + " is left over from before " + to));
          sync.wants().keySet().stream()
              .filter(key -> !good.contains(key) && at.sight().members(sync).contains(key))
              .filter(key -> !at.model().wasAnothers(sync, key))
              .forEach(key -> found.add(sync + ": " + key + " is left over from what failed"));
        }
        case Rest.HeldUp _,
            Rest.Refused _,
            Rest.Rivalled _,
            Rest.Dependent _,
            Rest.Ill _,
            Rest.Waiting _,
            Rest.Not _ ->
            extras.stream()
                .filter(key -> !at.model().had(sync).contains(key))
                .forEach(key -> found.add(sync + ": " + key + " was never to be its own"));
      }
    }
    return found;
  }

  private static List<String> foreign(QuietPoint at) {
    List<String> found = new ArrayList<>();
    at.world()
        .foreign()
        .versions()
        .forEach((key, version) -> {
          String now =
              Optional.ofNullable(at.sight().objects().get(key))
                  .map(Foreign::version)
                  .orElse("gone");
          if (!now.equals(version)) {
            found.add(key + ": " + version + " before, " + now + " now");
          }
        });
    return found;
  }

  private static List<String> fields(QuietPoint at) {
    List<String> found = new ArrayList<>();
    at.world()
        .foreign()
        .notes()
        .forEach((key, note) -> {
          Json.Obj live = at.sight().objects().getOrDefault(key, Json.Obj.empty());
          if (Foreign.uid(live).equals(note.uid())
              && !Foreign.note(live).equals(Optional.of(note.text()))) {
            found.add(key + ": " + note.text() + " before, " + Foreign.note(live) + " now");
          }
        });
    return found;
  }

  private static List<String> same(QuietPoint at) {
    List<String> found = new ArrayList<>();
    at.uids()
        .forEach((key, uid) -> {
          String now =
              Optional.ofNullable(at.sight().objects().get(key)).map(Foreign::uid).orElse("gone");
          if (at.model().isTheSame(key) && !now.equals(uid)) {
            found.add(key + ": uid " + uid + " before, " + now + " now");
          }
        });
    return found;
  }

  private static List<String> deletes(QuietPoint at) {
    List<String> found = new ArrayList<>();
    for (AuditLog.Write write : at.writes()) {
      if (write.verb().equals("delete") && write.isFairleads()) {
        at.model()
            .mustStay(write.key(), write.at())
            .ifPresent(because ->
                found.add(write.key() + " was deleted at " + write.at() + ", but " + because));
      }
    }
    return found;
  }

  private static List<String> jobs(QuietPoint at) {
    Map<ObjectKey, Map<String, Integer>> runs = new TreeMap<>();
    for (AuditLog.Write write : at.world().audit().writes()) {
      if (write.kind() == Kind.JOB && write.created()) {
        runs.computeIfAbsent(write.key(), k -> new TreeMap<>())
            .merge(write.image(), 1, Integer::sum);
      }
    }
    List<String> found = new ArrayList<>();
    runs.forEach((key, images) ->
        images.forEach((image, count) -> {
          int allowed = at.model().allowedRuns(key, image);
          if (count > allowed) {
            found.add(key + " with " + image + " ran " + count + " times, not " + allowed);
          }
        }));
    return found;
  }

  private static List<String> secrets(QuietPoint at) {
    List<String> found = new ArrayList<>();
    for (Seat seat : at.world().seats()) {
      for (Path log : seat.logs()) {
        found.addAll(Hush.in(log.toString(), read(log)));
      }
      if (seat.daemon().isPresent()) {
        found.addAll(Hush.in("/metrics", seat.daemon().get().get("/metrics")));
      }
      if (seat.leads()) {
        OperatorProcess daemon = seat.daemon().orElseThrow();
        for (Sync sync : at.model().syncs()) {
          String view = daemon.view(sync.key().namespace(), sync.key().name()).toJson();
          found.addAll(Hush.in("/api/v1 of " + sync, view));
        }
      }
    }
    String events = World.ask(() -> at.world().api().get("/api/v1/events")).orElseThrow().toJson();
    found.addAll(Hush.in("events", events));
    at.sight().syncs().forEach((name, sync) -> found.addAll(Hush.in(name, sync.toJson())));
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
