package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Labels;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Stands before every delete. Some objects are never pruned; a prune that is large, or takes what
 * cannot be had back, waits until a person approves exactly it.
 *
 * <p>Stateless: any thread may call.
 */
public final class Guard {
  private static final GroupKind NAMESPACE = new GroupKind("", "Namespace");
  private static final GroupKind CLAIM = new GroupKind("", "PersistentVolumeClaim");
  private static final GroupKind VOLUME = new GroupKind("", "PersistentVolume");
  private static final GroupKind DEFINITION =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");
  private static final String OWN_DEFINITION = "gitsyncs.fairlead.dev";
  private static final String DISABLED = "disabled";
  private static final String NAME = "fairlead";
  static final String RBAC = "rbac.authorization.k8s.io";

  /** 64 bits name one of the few prunes that a sync can come to. */
  private static final int DIGEST_BYTES = 8;

  private static final int MAX_NAMED = 3;

  private Guard() {}

  /**
   * An object that left Git.
   *
   * @param uid tells it from another object of that name, before or after it
   * @param annotations those that it has in the cluster
   * @param counts for how many objects it counts: 1, and for a GitSync also all that it would prune
   * @param inUse whether it is a CustomResourceDefinition of which there are instances, or a volume
   *     that a claim holds
   */
  public record Candidate(
      ObjectKey key, String uid, Map<String, String> annotations, int counts, boolean inUse) {
    public Candidate {
      requireNonNull(key);
      requireNonNull(uid);
      annotations = Map.copyOf(annotations);
      if (counts < 1) {
        throw new IllegalArgumentException("an object counts at least for itself");
      }
    }
  }

  /**
   * What is Fairlead's own.
   *
   * @param namespace where it runs; empty outside a cluster
   * @param objects it could not run without them
   */
  public record Own(Optional<String> namespace, Set<ObjectKey> objects) {
    public Own {
      requireNonNull(namespace);
      objects = Set.copyOf(objects);
    }

    /** What an installation in that namespace has, by its usual names. */
    public static Own in(String namespace) {
      return new Own(
          Optional.of(namespace),
          Set.of(
              new ObjectKey("apps", "Deployment", namespace, NAME),
              new ObjectKey("coordination.k8s.io", "Lease", namespace, NAME),
              new ObjectKey("", "Service", namespace, NAME),
              new ObjectKey("", "ServiceAccount", namespace, NAME),
              new ObjectKey(RBAC, "Role", namespace, NAME),
              new ObjectKey(RBAC, "RoleBinding", namespace, NAME),
              new ObjectKey(RBAC, "ClusterRole", "", NAME),
              new ObjectKey(RBAC, "ClusterRoleBinding", "", NAME),
              // What it applies and prunes in its own name it does by this one.
              new ObjectKey(RBAC, "ClusterRoleBinding", "", NAME + "-apply")));
    }
  }

  /** Why an object that left Git stays. */
  public enum Kept {
    PRUNE_DISABLED("its annotation " + Labels.PRUNE + " is disabled"),
    HELM_POLICY("its annotation " + Labels.HELM_RESOURCE_POLICY + " is keep"),
    RECONCILE_DISABLED("its annotation " + Labels.RECONCILE + " is disabled"),
    PROTECTED("Fairlead never deletes it"),
    PRECIOUS("a deleted GitSync does not take it along");

    private final String because;

    Kept(String because) {
      this.because = because;
    }

    /** A clause for people. */
    public String because() {
      return because;
    }
  }

  /** An object that stays, and why. */
  public record Excluded(ObjectKey key, Kept kept) {}

  /** What may be deleted. */
  public sealed interface Verdict {
    /** What stays; it is to be released or left alone, sorted. */
    List<Excluded> excluded();

    /**
     * These may be deleted.
     *
     * @param prune sorted by key
     */
    record Allowed(List<ObjectKey> prune, List<Excluded> excluded) implements Verdict {
      public Allowed {
        prune = List.copyOf(prune);
        excluded = List.copyOf(excluded);
      }
    }

    /**
     * None may be deleted before a person approves all of them.
     *
     * @param digest names these very objects, and none of the same names that come after them; what
     *     the approval must say
     * @param message what would happen, why it waits and how to go on
     * @param objects how many would be deleted, all told
     * @param prune sorted by key
     */
    record Blocked(
        String digest, String message, int objects, List<ObjectKey> prune, List<Excluded> excluded)
        implements Verdict {
      public Blocked {
        requireNonNull(digest);
        requireNonNull(message);
        prune = List.copyOf(prune);
        excluded = List.copyOf(excluded);
      }

      /** As status shows it. */
      public SyncStatus.PendingPrune pendingPrune() {
        return new SyncStatus.PendingPrune(
            digest,
            objects,
            prune.stream()
                .limit(SyncStatus.MAX_PENDING_PRUNE_SHOWN)
                .map(ObjectKey::toString)
                .toList());
      }
    }
  }

  /**
   * Decides about what one commit removes.
   *
   * @param total how many objects the sync has in the cluster, those that left Git among them
   * @param candidates the objects that left Git
   * @param approved what the annotation {@link Labels#APPROVE_PRUNE} says
   * @param underWay what an earlier verdict about the same commit allowed: a prune takes several
   *     steps, and what is left of it is another set of objects than the one that was approved
   */
  public static Verdict decide(
      int total,
      List<Candidate> candidates,
      MaxPrune maxPrune,
      Optional<String> approved,
      Set<ObjectKey> underWay,
      Own own) {
    List<Excluded> excluded = new ArrayList<>();
    List<Candidate> doomed = new ArrayList<>();
    for (Candidate candidate : sorted(candidates)) {
      kept(candidate, own)
          .ifPresentOrElse(
              kept -> excluded.add(new Excluded(candidate.key(), kept)),
              () -> doomed.add(candidate));
    }
    List<ObjectKey> prune = doomed.stream().map(Candidate::key).toList();
    int objects = doomed.stream().mapToInt(Candidate::counts).reduce(0, Math::addExact);
    List<Candidate> precious = doomed.stream().filter(Guard::isPrecious).toList();
    boolean large = objects > 0 && !maxPrune.allows(objects, total);
    if ((!large && precious.isEmpty()) || underWay.containsAll(prune)) {
      return new Verdict.Allowed(prune, excluded);
    }
    String digest = digest(doomed);
    if (approved.isPresent() && approved.get().trim().equals(digest)) {
      return new Verdict.Allowed(prune, excluded);
    }
    String size =
        objects
            + (objects > prune.size()
                ? " objects, those of its GitSyncs among them; it has " + total + " of its own"
                : " of " + total + " objects")
            + (large ? ", where maxPrune allows " + maxPrune : "");
    String message =
        "the prune waits for approval: it would delete "
            + size
            + (precious.isEmpty() ? "" : ", among them " + named(precious))
            + (approved.isPresent() ? "; the approval that is set is for another prune" : "")
            + ". To approve it, annotate the GitSync with "
            + Labels.APPROVE_PRUNE
            + "="
            + digest
            + "; to keep the objects, bring them back in Git";
    return new Verdict.Blocked(digest, message, objects, prune, excluded);
  }

  /**
   * Decides about all that a GitSync has when it is deleted, which is its own approval. What cannot
   * be had back stays nevertheless.
   */
  public static Verdict.Allowed whenDeleted(List<Candidate> candidates, Own own) {
    List<Excluded> excluded = new ArrayList<>();
    List<ObjectKey> prune = new ArrayList<>();
    for (Candidate candidate : sorted(candidates)) {
      kept(candidate, own)
          .or(() -> staysBehind(candidate) ? Optional.of(Kept.PRECIOUS) : Optional.empty())
          .ifPresentOrElse(
              kept -> excluded.add(new Excluded(candidate.key(), kept)),
              () -> prune.add(candidate.key()));
    }
    return new Verdict.Allowed(prune, excluded);
  }

  private static Optional<Kept> kept(Candidate candidate, Own own) {
    return isProtected(candidate.key(), own)
        ? Optional.of(Kept.PROTECTED)
        : kept(candidate.annotations());
  }

  /** Why an object with these annotations stays. */
  public static Optional<Kept> kept(Map<String, String> annotations) {
    if (DISABLED.equals(annotations.get(Labels.PRUNE))) {
      return Optional.of(Kept.PRUNE_DISABLED);
    }
    if (DISABLED.equals(annotations.get(Labels.RECONCILE))) {
      return Optional.of(Kept.RECONCILE_DISABLED);
    }
    // Helm itself does not mind spaces and capitals here.
    String policy = annotations.getOrDefault(Labels.HELM_RESOURCE_POLICY, "");
    return policy.trim().toLowerCase(Locale.ROOT).equals("keep")
        ? Optional.of(Kept.HELM_POLICY)
        : Optional.empty();
  }

  private static boolean isProtected(ObjectKey key, Own own) {
    if (own.objects().contains(key)) {
      return true;
    }
    if (key.groupKind().equals(NAMESPACE)) {
      return key.name().equals("default")
          || key.name().startsWith("kube-")
          || own.namespace().filter(key.name()::equals).isPresent();
    }
    return isOwnDefinition(key);
  }

  /** Whether it is the definition of GitSync. */
  static boolean isOwnDefinition(ObjectKey key) {
    return key.groupKind().equals(DEFINITION) && key.name().equals(OWN_DEFINITION);
  }

  /** Whether data go with it that Git does not have. */
  private static boolean isPrecious(Candidate candidate) {
    GroupKind kind = candidate.key().groupKind();
    return kind.equals(NAMESPACE)
        || kind.equals(CLAIM)
        || (kind.equals(DEFINITION) && candidate.inUse());
  }

  /** A volume could not go before its claim, and the claim stays. */
  private static boolean staysBehind(Candidate candidate) {
    return isPrecious(candidate)
        || (candidate.key().groupKind().equals(VOLUME) && candidate.inUse());
  }

  private static List<Candidate> sorted(List<Candidate> candidates) {
    return candidates.stream().sorted(Comparator.comparing(Candidate::key)).toList();
  }

  private static String named(List<Candidate> precious) {
    List<String> names =
        precious.stream()
            .limit(MAX_NAMED)
            .map(c -> c.key() + (c.inUse() ? " with its instances" : ""))
            .toList();
    int more = precious.size() - names.size();
    return String.join(", ", names) + (more > 0 ? " and " + more + " more like these" : "");
  }

  private static String digest(List<Candidate> sorted) {
    StringBuilder text = new StringBuilder();
    for (Candidate candidate : sorted) {
      ObjectKey key = candidate.key();
      // No part of a key can hold a line break, so that no two sets read the same.
      text.append(key.group()).append('\n');
      text.append(key.kind()).append('\n');
      text.append(key.namespace()).append('\n');
      text.append(key.name()).append('\n');
      // An approval is for what was shown: not for what bears the name later, nor for a GitSync
      // that
      // has grown since.
      text.append(candidate.uid()).append('\n');
      text.append(candidate.counts()).append('\n');
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
