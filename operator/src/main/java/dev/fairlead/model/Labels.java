package dev.fairlead.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The label and annotation keys of Fairlead and of ApplySet (KEP-3659). */
public final class Labels {
  public static final String PART_OF = "applyset.kubernetes.io/part-of";
  public static final String APPLYSET_ID = "applyset.kubernetes.io/id";
  public static final String TOOLING = "applyset.kubernetes.io/tooling";
  public static final String CONTAINS_GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds";
  public static final String ADDITIONAL_NAMESPACES = "applyset.kubernetes.io/additional-namespaces";
  public static final String TOOLING_VALUE = "fairlead/v1";

  public static final String NAME = "fairlead.dev/name";
  public static final String NAMESPACE = "fairlead.dev/namespace";

  /** {@code disabled}: never deleted by Fairlead. */
  public static final String PRUNE = "fairlead.dev/prune";

  /**
   * {@code disabled}: neither applied nor pruned; {@code create-only}: created where it is missing,
   * then left alone.
   */
  public static final String RECONCILE = "fairlead.dev/reconcile";

  /** {@code allowed}: may be deleted and created again when an immutable field changes. */
  public static final String REPLACE = "fairlead.dev/replace";

  /** Comma-separated JSON pointers of fields that are left to others. */
  public static final String IGNORE_FIELDS = "fairlead.dev/ignore-fields";

  /**
   * An integer, 0 without it: what has a lower one is applied, and awaited until it is healthy,
   * before what has a higher one.
   */
  public static final String WAVE = "fairlead.dev/wave";

  /** Helm's word for the same as {@link #PRUNE}: {@code keep}. */
  public static final String HELM_RESOURCE_POLICY = "helm.sh/resource-policy";

  public static final String REQUESTED_AT = "fairlead.dev/requested-at";
  public static final String APPROVE_PRUNE = "fairlead.dev/approve-prune";
  public static final String FINALIZER = "fairlead.dev/finalizer";

  private Labels() {}

  /** The id that KEP-3659 derives from the parent's name, namespace and kind. */
  public static String applySetId(SyncKey sync) {
    String parent = sync.name() + "." + sync.namespace() + ".GitSync.fairlead.dev";
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(parent.getBytes(StandardCharsets.UTF_8));
      return "applyset-" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + "-v1";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The labels of a sync's members: they say whose an object is. */
  public static Map<String, String> ofMembers(SyncKey sync) {
    return Map.of(PART_OF, applySetId(sync), NAME, sync.name(), NAMESPACE, sync.namespace());
  }
}
