package dev.fairlead.reconcile;

import dev.fairlead.health.Finding;
import dev.fairlead.health.Health;
import dev.fairlead.model.Origin;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import java.time.Instant;
import java.util.Optional;

/**
 * What is being found out about one object that is not healthy.
 *
 * @param desired what was applied
 * @param seen how it is
 * @param scheduled when somebody comes for it
 * @param told what was found out, if anything was
 */
record Inquiry(
    DesiredObject desired, Health seen, LookPace pace, Instant scheduled, Optional<Told> told) {
  /**
   * Why it is not healthy.
   *
   * @param message the finding in words
   * @param origin of the object when it was found
   * @param line the line that it is about
   */
  record Told(Finding finding, String message, Origin origin, int line) {}

  static Inquiry open(DesiredObject desired, Health seen, Instant now, Optional<Told> told) {
    LookPace pace = LookPace.first(now);
    return new Inquiry(desired, seen, pace, pace.due(), told);
  }

  Inquiry seen(DesiredObject same, Health now, LookPace newPace, Instant newScheduled) {
    return new Inquiry(same, now, newPace, newScheduled, told);
  }

  Inquiry looked(LookPace newPace, Optional<Told> found) {
    return new Inquiry(desired, seen, newPace, newPace.due(), found);
  }

  /** What status says of the object; nothing when it is not known better. */
  Optional<Problem> problem(DesiredObject object) {
    return told.map(t ->
        new Problem(
            object.key().toString(),
            object.origin().file(),
            // The object may have moved within its file since.
            object.origin().equals(t.origin()) ? t.line() : object.origin().line(),
            t.finding().reason(),
            t.message(),
            t.finding().since()));
  }

  /** Its health in words that are known better. */
  Health explain(Health health) {
    return told.filter(t -> !health.isHealthy())
        .map(t -> new Health(health.state(), t.finding().reason(), t.message()))
        .orElse(health);
  }
}
