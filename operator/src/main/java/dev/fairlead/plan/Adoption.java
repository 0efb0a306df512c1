package dev.fairlead.plan;

import dev.fairlead.model.Json;

/**
 * What an apply removes beside what it changes: fields that the sync has, or is about to take over
 * from people and Helm, and that Git does not have.
 *
 * <p>A dry run of the apply alone cannot tell, since ownership is taken over before it, by a write
 * of its own. Stateless: any thread may call.
 */
public final class Adoption {
  private Adoption() {}

  /**
   * The object as it would be in the end, but for what the server fills in for what went.
   *
   * @param live as it is
   * @param claim what the sync wants to own
   * @param applied what the sync owns after the apply, by its dry run
   * @param after the object after that dry run
   */
  public static Json.Obj outcome(
      Live live, Ownership.Claim claim, FieldSet applied, Json.Obj after) {
    Ownership.Taken taken = Ownership.taken(live, claim);
    FieldSet kept = taken.left().union(applied);
    FieldSet gone = taken.ours().minus(kept);
    return gone.isEmpty() ? after : Removal.without(after, gone, kept);
  }
}
