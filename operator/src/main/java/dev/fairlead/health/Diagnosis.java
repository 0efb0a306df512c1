package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.health.PodTrouble.Rank;
import dev.fairlead.model.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Why a workload does not become healthy, from its pods. In two steps, so that nothing is asked for
 * that is not needed: {@link #question} says what is worth asking, {@link #finding} tells with the
 * answer. Pure.
 */
public final class Diagnosis {
  static final String LOG_LINE = "; its last log line: ";

  private static final int MOST = 300;

  /**
   * What is known.
   *
   * @param object the workload, or claim, itself
   * @param pods that its selector matches; those of others are left out here
   * @param truncated whether there are more pods than these
   * @param clean makes what a container has written fit to be told
   */
  public record Facts(
      Json.Obj object,
      List<Json.Obj> replicaSets,
      List<Json.Obj> pods,
      boolean truncated,
      Instant now,
      UnaryOperator<String> clean) {
    public Facts {
      replicaSets = List.copyOf(replicaSets);
      pods = List.copyOf(pods);
    }
  }

  /**
   * What is worth asking.
   *
   * @param eventsOf the uid of the object whose events would tell more; empty: nothing
   * @param log whose log would
   * @param claims the names of the claims of which one may not be bound
   */
  public record Question(String eventsOf, Optional<Log> log, List<String> claims) {
    public Question {
      claims = List.copyOf(claims);
    }
  }

  /**
   * The log of one container.
   *
   * @param previous of its last run, not of the one that goes on
   */
  public record Log(String pod, String container, boolean previous) {}

  /**
   * The answer to a question.
   *
   * @param log the last line
   * @param claim the first claim that is not bound, or is not there at all, with why
   */
  public record Evidence(List<Json.Obj> events, Optional<String> log, Optional<String> claim) {
    public static final Evidence NONE = new Evidence(List.of(), Optional.empty(), Optional.empty());

    public Evidence {
      events = List.copyOf(events);
    }
  }

  private final Facts facts;
  private final LiveObject object;
  private final WorkloadPods pods;
  private final List<List<PodTrouble>> groups;

  private Diagnosis(Facts facts) {
    this.facts = facts;
    this.object = new LiveObject(facts.object());
    this.pods = WorkloadPods.of(facts);
    this.groups = groups();
  }

  public static Diagnosis of(Facts facts) {
    return new Diagnosis(facts);
  }

  /** Pods with the same trouble together, the worst first, then the most. */
  private List<List<PodTrouble>> groups() {
    List<PodTrouble> troubles = new ArrayList<>(troubles(pods.current()));
    if (troubles.isEmpty()) {
      troubles.addAll(
          troubles(pods.old()).stream().filter(t -> t.rank() == Rank.LINGERING).toList());
    }
    List<List<PodTrouble>> found = new ArrayList<>();
    for (PodTrouble trouble : troubles) {
      Optional<List<PodTrouble>> like =
          found.stream().filter(g -> g.getFirst().isLike(trouble)).findFirst();
      if (like.isPresent()) {
        like.get().add(trouble);
      } else {
        found.add(new ArrayList<>(List.of(trouble)));
      }
    }
    found.sort(
        Comparator.comparing((List<PodTrouble> g) -> g.getFirst().rank())
            .thenComparingInt(g -> -g.size())
            .thenComparing(g -> g.getFirst().clause()));
    return found;
  }

  private List<PodTrouble> troubles(List<Pod> of) {
    return of.stream()
        .sorted(Comparator.comparing(Pod::name))
        .flatMap(p -> PodTroubles.of(p, facts.now(), facts.clean()).stream())
        .toList();
  }

  /** What is worth asking; a log is not read again for the same as before. */
  public Question question(Optional<Finding> before) {
    if (isClaim() || (groups.isEmpty() && pods.refused().isEmpty() && pods.missing())) {
      return new Question(text(object.metadata(), "uid"), Optional.empty(), List.of());
    }
    if (groups.isEmpty() || pods.refused().isPresent()) {
      return new Question("", Optional.empty(), List.of());
    }
    PodTrouble worst = worst();
    boolean known =
        before
            .filter(b -> b.clause().equals(worst.clause()) && b.detail().startsWith(LOG_LINE))
            .isPresent();
    return switch (worst.rank()) {
      case IMAGE -> events(worst, worst.detail().isEmpty());
      case PROBE, STARTING -> events(worst, true);
      case CRASH, ENDED ->
          new Question(
              wasKilled(worst) ? worst.uid() : "",
              known || worst.reason().equals("OOMKilled") ? Optional.empty() : log(worst),
              List.of());
      case VOLUME ->
          new Question("", Optional.empty(), pod(worst).map(Pod::claims).orElse(List.of()));
      case START, UNSCHEDULABLE, GATED, UNREACHABLE, LINGERING -> events(worst, false);
    };
  }

  private static Question events(PodTrouble of, boolean wanted) {
    return new Question(wanted ? of.uid() : "", Optional.empty(), List.of());
  }

  private Optional<Log> log(PodTrouble of) {
    if (of.container().isEmpty()) {
      return Optional.empty();
    }
    boolean over =
        pod(of).stream()
            .flatMap(p -> Stream.of(true, false).flatMap(i -> p.statuses(i).stream()))
            .filter(s -> text(s, "name").equals(of.container()))
            .anyMatch(s -> s.object("state").flatMap(t -> t.object("terminated")).isPresent());
    return Optional.of(new Log(of.pod(), of.container(), !over));
  }

  /** Whether somebody else ended the container: perhaps a probe did. */
  static boolean wasKilled(PodTrouble trouble) {
    return trouble.rank() == Rank.CRASH
        && (trouble.clause().contains("exit code 137")
            || trouble.clause().contains("exit code 143"));
  }

  /** Why it is not healthy; nothing when the object's own words say all that there is. */
  public Optional<Finding> finding(Evidence evidence) {
    PodEvents events = new PodEvents(evidence.events());
    if (isClaim()) {
      return events
          .notBound()
          .map(why -> Finding.plain("NotBound", "is not bound", ": " + why, created()));
    }
    Optional<String> refused =
        pods.refused()
            .or(() -> groups.isEmpty() && pods.missing() ? events.notCreated() : Optional.empty());
    if (refused.isPresent()) {
      return Optional.of(
          about(
              "FailedCreate",
              pods.hasOld() ? "new pods" : "pods",
              "cannot be created",
              ": " + PodEvents.refusal(refused.get()),
              "",
              "",
              created()));
    }
    if (groups.isEmpty()) {
      return pods.paused()
          ? Optional.of(
              Finding.plain(
                  "DeploymentPaused",
                  "is paused by spec.paused, so that the change is not rolled out",
                  "",
                  created()))
          : Optional.empty();
    }
    PodTrouble worst = worst();
    Optional<PodTrouble> told =
        pod(worst).flatMap(p -> events.about(worst, p, facts.clean())).map(t -> with(t, evidence));
    return told.map(t ->
        about(
            t.reason(),
            subject(groups.getFirst()),
            t.clause(),
            t.detail(),
            second(),
            pods.fieldOf(t.field()),
            since()));
  }

  /**
   * Why a claim is not bound.
   *
   * @param events about it
   * @return nothing when it is bound
   */
  public static Optional<String> unbound(Json.Obj claim, List<Json.Obj> events) {
    LiveObject live = new LiveObject(claim);
    if (text(live.status(), "phase").equals("Bound")) {
      return Optional.empty();
    }
    String name = "PersistentVolumeClaim " + text(live.metadata(), "name") + " is not bound";
    return Optional.of(new PodEvents(events).notBound().map(why -> name + ": " + why).orElse(name));
  }

  private PodTrouble with(PodTrouble trouble, Evidence evidence) {
    return switch (trouble.rank()) {
      case VOLUME ->
          evidence.claim().map(c -> trouble.withDetail(": " + Tidy.line(c, MOST))).orElse(trouble);
      case CRASH, ENDED ->
          trouble.reason().endsWith("ProbeFailed")
              ? trouble
              : evidence
                  .log()
                  .map(facts.clean())
                  .filter(line -> !line.isEmpty())
                  .map(line -> trouble.withDetail(LOG_LINE + '"' + line + '"'))
                  .orElse(trouble);
      case IMAGE, START, UNSCHEDULABLE, GATED, PROBE, UNREACHABLE, STARTING, LINGERING -> trouble;
    };
  }

  private Finding about(
      String reason,
      String subject,
      String clause,
      String detail,
      String more,
      String field,
      Instant since) {
    return new Finding(
        reason,
        subject,
        Tidy.line(clause, MOST),
        detail,
        more,
        pods.serving(),
        field,
        since.isAfter(facts.now()) ? facts.now() : since);
  }

  private PodTrouble worst() {
    return groups.getFirst().getFirst();
  }

  private Instant since() {
    return groups.getFirst().stream()
        .map(PodTrouble::since)
        .min(Comparator.naturalOrder())
        .orElse(facts.now());
  }

  private Instant created() {
    return Pod.time(object.metadata(), "creationTimestamp").orElse(facts.now());
  }

  /** Whom it concerns. */
  private String subject(List<PodTrouble> group) {
    boolean lingering = group.getFirst().rank() == Rank.LINGERING;
    if (pods.isPod()) {
      return "";
    }
    if (lingering) {
      return group.size() == 1 ? "pod " + group.getFirst().pod() : group.size() + " pods";
    }
    int all = pods.present();
    String word = pods.hasOld() ? "new pod" : "pod";
    if (group.size() < all) {
      return group.size() + " of " + all + " " + word + "s";
    }
    return all == 1 && pods.wanted() <= 1 ? "the " + word : "the " + word + "s";
  }

  private String second() {
    if (groups.size() < 2 || groups.get(1).getFirst().rank() == Rank.STARTING) {
      return "";
    }
    List<PodTrouble> next = groups.get(1);
    return "; " + next.size() + " " + Tidy.line(next.getFirst().words(), MOST);
  }

  private Optional<Pod> pod(PodTrouble of) {
    return Stream.concat(pods.current().stream(), pods.old().stream())
        .filter(p -> p.uid().equals(of.uid()))
        .findFirst();
  }

  private boolean isClaim() {
    return object.groupKind().kind().equals("PersistentVolumeClaim");
  }
}
