package dev.fairlead.daemon;

import dev.fairlead.model.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One row of the table of faults: what goes wrong with a sync that was fine, and what a person is
 * told. In all texts {@code <ns>} is the row's namespace, {@code <url>} its repository and {@code
 * <host>} the Git server.
 *
 * @param phrase the words of {@link FaultTable#DEMANDED} that it answers to
 * @param name a sentence
 * @param ground where it runs
 * @param spec lines of the GitSync's spec
 * @param files what the good commit has beside {@link FaultSite#GOOD}
 * @param limits the limits that it hits, such as {@code Limits.maxFiles}
 */
record FaultRow(
    String phrase,
    String name,
    Ground ground,
    List<String> spec,
    Map<String, String> files,
    Set<String> limits,
    Fault fault,
    Outcome outcome) {
  FaultRow {
    spec = List.copyOf(spec);
    files = Map.copyOf(files);
    limits = Set.copyOf(limits);
  }

  /** Where a row runs. */
  enum Ground {
    /** Side by side with others. */
    SHARED,
    /** Where API server and daemon may be stopped; one after the other. */
    OWN_CONTROL_PLANE
  }

  /** What goes wrong, and how it is put right. */
  interface Fault {
    /** Before there is a sync. */
    default void prepare(FaultSite site) {}

    void strike(FaultSite site);

    /** By default a person commits the good files again. */
    default void lift(FaultSite site) {
      site.commitGood();
    }
  }

  /** What is expected while the fault lasts. */
  sealed interface Outcome {
    /**
     * Ready is False, an event says so too, and the cluster is untouched.
     *
     * @param message begins with the place where there is one; {@code *} is anything
     */
    record Refused(Reason reason, String message) implements Outcome {}

    /** Ready stays True, at the newest commit, and no object of the others is touched. */
    record Followed() implements Outcome {}

    /**
     * Ready stays True, and what somebody deleted is there again.
     *
     * @param target where the API server has it
     */
    record Restored(String target) implements Outcome {}

    /**
     * Nothing can be said in the cluster, so the log says it; the daemon goes on.
     *
     * @param log a piece of the line
     */
    record Logged(String log) implements Outcome {}
  }

  static FaultRow of(String phrase, String name, Fault fault, Outcome outcome) {
    return new FaultRow(
        phrase, name, Ground.SHARED, List.of("path: deploy"), Map.of(), Set.of(), fault, outcome);
  }

  /** A row whose fault is a file that is pushed together with good changes. */
  static FaultRow pushed(
      String phrase, String name, String file, String content, Reason reason, String message) {
    return of(
        phrase,
        name,
        site -> site.push(Map.of(file, content)),
        new Outcome.Refused(reason, message));
  }

  FaultRow on(Ground other) {
    return new FaultRow(phrase, name, other, spec, files, limits, fault, outcome);
  }

  FaultRow with(String... otherSpec) {
    return new FaultRow(phrase, name, ground, List.of(otherSpec), files, limits, fault, outcome);
  }

  FaultRow having(String file, String content) {
    return new FaultRow(phrase, name, ground, spec, Map.of(file, content), limits, fault, outcome);
  }

  FaultRow hitting(String... hit) {
    return new FaultRow(phrase, name, ground, spec, files, Set.of(hit), fault, outcome);
  }

  @Override
  public String toString() {
    return phrase + ": " + name;
  }
}
