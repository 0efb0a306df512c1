package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the status of a sync at rest has to say. */
final class StatusCheck {
  private static final int MAX_HISTORY = 10;

  private final QuietPoint at;
  private final Sync sync;
  private final Json.Obj status;
  private final List<String> found = new ArrayList<>();

  private StatusCheck(QuietPoint at, Sync sync) {
    this.at = at;
    this.sync = sync;
    this.status = at.sight().status(sync);
  }

  static List<String> differences(QuietPoint at) {
    List<String> found = new ArrayList<>();
    for (Sync sync : at.model().syncs()) {
      StatusCheck check = new StatusCheck(at, sync);
      check.run();
      found.addAll(check.found);
    }
    return found;
  }

  private void run() {
    switch (at.rest(sync)) {
      case Rest.Ready _ -> {
        ready();
        content();
      }
      case Rest.Blocked _ -> {
        content();
        equal("pendingPrune.objects", number("pendingPrune", "objects"), at.extras(sync).size());
      }
      case Rest.Ill _, Rest.Waiting _ ->
          equal("applied.objects", number("applied", "objects"), sync.wants().size());
      case Rest.Refused _, Rest.Rivalled _ -> refused();
      case Rest.Dependent _ -> appliedBefore();
      case Rest.HeldUp _ -> {
        appliedBefore();
        problem();
      }
      case Rest.RolledBack _ -> rolledBack();
      case Rest.Not _ -> {}
    }
    history();
  }

  private void ready() {
    equal("conditions", conditions(), "Applied=True Fetched=True Healthy=True Ready=True");
    equal("lastGood", revision("lastGood"), sync.repo().head());
    equal("problemCount", status.integer("problemCount").orElse(0L), 0);
    equal("problems", status.items("problems").size(), 0);
    equal("pendingPrune", status.object("pendingPrune").isPresent(), false);
    Set<String> kinds = new TreeSet<>();
    Set<String> places = new TreeSet<>();
    for (ObjectKey key : sync.wants().keySet()) {
      kinds.add(key.groupKind().toString());
      places.add(key.namespace());
    }
    equal("inventory.groupKinds", texts("inventory", "groupKinds"), kinds);
    equal("inventory.namespaces", texts("inventory", "namespaces"), places);
    equal("contains-group-kinds", annotation("contains-group-kinds"), kinds);
    equal("additional-namespaces", annotation("additional-namespaces"), places);
    equal("finishedJobs", finishedJobs(), wantedJobs());
  }

  private void content() {
    int wanted = sync.wants().size();
    equal("applied.objects", number("applied", "objects"), wanted);
    equal("objects.total", number("objects", "total"), wanted);
    equal("objects.healthy", number("objects", "healthy"), wanted);
    equal("objects.progressing", number("objects", "progressing"), 0);
    equal("objects.failed", number("objects", "failed"), 0);
  }

  private void refused() {
    appliedBefore();
    problem();
  }

  /** It says from where to where and why, and the old commit is what it was. */
  private void rolledBack() {
    appliedBefore();
    Json.Obj rollback = status.object("rollback").orElse(Json.Obj.empty());
    String from = part(rollback, "from");
    if (!sync.repo().hasCommit(from)
        || !sync.repo()
            .treeAt(from)
            .below(sync.folder())
            .equals(sync.repo().tree().below(sync.folder()))) {
      found.add(sync + ": rollback.from is " + from + ", which is not what the newest commit has");
    }
    equal("rollback.to", part(rollback, "to"), at.sight().applied(sync));
    equal("lastGood", revision("lastGood"), at.sight().applied(sync));
    String reason = rollback.string("reason").orElse("");
    if (!reason.contains(".yaml:")) {
      found.add(sync + ": the reason of the rollback names no file and line: " + reason);
    }
    equal(
        "conditions",
        conditions(),
        "Applied=True Fetched=True Healthy=True Ready=False Stalled=True");
  }

  private static String part(Json.Obj object, String name) {
    String revision = object.string(name).orElse("");
    return revision.substring(revision.lastIndexOf(':') + 1);
  }

  private void problem() {
    if (status.integer("problemCount").orElse(0L) < 1) {
      found.add(sync + ": it is refused without a problem");
    }
  }

  private void appliedBefore() {
    String applied = at.sight().applied(sync);
    if (applied.isEmpty() && !at.model().hasSettled(sync)) {
      // No commit has ever been there as a whole.
      return;
    }
    if (!at.model().candidates(sync).contains(applied)) {
      found.add(sync + ": applied is " + applied + ", none of " + at.model().candidates(sync));
    }
  }

  /**
   * Newest first, and nothing but commits of the repository. What was written for a commit that
   * another one overtook is not always told of.
   */
  private void history() {
    List<Json.Obj> entries = status.items("history").stream().map(h -> (Json.Obj) h).toList();
    if (entries.size() > MAX_HISTORY) {
      found.add(sync + ": " + entries.size() + " entries of history");
    }
    List<String> begun = entries.stream().map(h -> h.string("startedAt").orElse("")).toList();
    equal("history by time", begun, begun.stream().sorted((a, b) -> b.compareTo(a)).toList());
    for (Json.Obj entry : entries) {
      String commit = commit(entry);
      if (!sync.repo().hasCommit(commit)) {
        found.add(sync + ": history has " + commit + ", which was never the newest");
      }
    }
  }

  private static String commit(Json.Obj entry) {
    String revision = entry.string("revision").orElse("");
    return revision.substring(revision.lastIndexOf(':') + 1);
  }

  private String conditions() {
    return status.items("conditions").stream()
        .map(c -> (Json.Obj) c)
        .map(c -> c.string("type").orElse("") + "=" + c.string("status").orElse(""))
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private Set<String> finishedJobs() {
    return status.items("finishedJobs").stream()
        .map(j -> ((Json.Obj) j).string("object").orElse(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> wantedJobs() {
    return sync.wants().values().stream()
        .filter(i -> i.kind() == Kind.JOB)
        .map(i -> i.key().toString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private String revision(String part) {
    return status.object(part).map(StatusCheck::commit).orElse("");
  }

  private long number(String part, String name) {
    return status.object(part).flatMap(o -> o.integer(name)).orElse(0L);
  }

  private Set<String> texts(String part, String name) {
    return status.object(part).map(o -> o.items(name)).orElse(List.of()).stream()
        .map(t -> ((Json.Str) t).value())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> annotation(String name) {
    String text =
        Sight.metadata(at.sight().sync(sync))
            .object("annotations")
            .flatMap(a -> a.string("applyset.kubernetes.io/" + name))
            .orElse("");
    return text.isEmpty() ? Set.of() : new TreeSet<>(List.of(text.split(",", -1)));
  }

  private void equal(String what, Object is, Object expected) {
    if (!is.toString().equals(expected.toString())) {
      found.add(sync + ": " + what + " is " + is + ", not " + expected);
    }
  }
}
