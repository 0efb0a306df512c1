package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Identity;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import java.util.Optional;

/**
 * Decides on whose behalf the objects of a sync are written, and what syncs may hear of each other.
 *
 * @param operatorNamespace whoever may create a GitSync there has the operator's own rights
 * @param defaultServiceAccount the account of syncs that name none, in each sync's own namespace;
 *     absent: {@code default} outside the operator's namespace, the operator itself inside
 * @param restricted whether the operator writes no object of a sync in its own name, so that every
 *     sync has to have an account
 */
public record Tenancy(
    String operatorNamespace, Optional<String> defaultServiceAccount, boolean restricted) {
  private static final String DEFAULT = "default";

  public Tenancy {
    requireNonNull(operatorNamespace);
    requireNonNull(defaultServiceAccount);
  }

  /**
   * As whom the objects of a sync are applied, dry-run, repaired, pruned and released. An account
   * is always one of the sync's own namespace: whoever may create a GitSync there could run a pod
   * as that account just as well.
   *
   * @param serviceAccountName what the sync's spec names
   */
  public Identity identity(SyncKey sync, Optional<String> serviceAccountName) {
    Optional<String> account = serviceAccountName.or(() -> defaultServiceAccount);
    if (account.isPresent()) {
      return new Identity.ServiceAccount(sync.namespace(), account.get());
    }
    return sync.namespace().equals(operatorNamespace) && !restricted
        ? Identity.OPERATOR
        : new Identity.ServiceAccount(sync.namespace(), DEFAULT);
  }

  /** Why no commit is applied, whatever is in it; empty when there is no reason. */
  public Optional<String> refusal(SyncKey sync, Optional<String> serviceAccountName) {
    return restricted && serviceAccountName.isEmpty() && defaultServiceAccount.isEmpty()
        ? Optional.of(
            "spec.serviceAccountName has to be set, since this Fairlead runs with --restricted and"
                + " writes nothing in its own name: name a ServiceAccount of namespace "
                + sync.namespace()
                + " that may apply what the repository holds")
        : Optional.empty();
  }

  /** The same for a sync as it is now. */
  public Identity identity(Sync sync) {
    return identity(sync.key(), sync.spec().serviceAccountName());
  }

  /**
   * Whether what is said to the people of one sync may tell of another one's files, commits and
   * people, beyond what the cluster shows to everybody who sees the object.
   */
  public boolean mayTell(SyncKey reader, SyncKey other) {
    return reader.namespace().equals(other.namespace())
        || reader.namespace().equals(operatorNamespace);
  }
}
