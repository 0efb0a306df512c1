package dev.fairlead.plan;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What one object of a change may be waiting for in the same change: a dry run sees the cluster as
 * it is, so it refuses an object for the lack of what the change itself brings.
 *
 * <p>An answer may name too much, never too little: what is named is written first, and then the
 * object is checked again.
 *
 * <p>Stateless: any thread may call.
 */
public final class Dependencies {
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final String ADMISSION = "admissionregistration.k8s.io";
  private static final GroupKind NAMESPACE = new GroupKind("", "Namespace");
  private static final GroupKind SERVICE = new GroupKind("", "Service");
  private static final GroupKind CLAIM = new GroupKind("", "PersistentVolumeClaim");
  private static final GroupKind STORAGE_CLASS = new GroupKind("storage.k8s.io", "StorageClass");
  private static final GroupKind DEFINITION =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");

  /** What may say no to an object without being named in the answer, in the object's namespace. */
  private static final Set<GroupKind> LIMITS =
      Set.of(new GroupKind("", "ResourceQuota"), new GroupKind("", "LimitRange"));

  /** A shorter name would be found in any message. */
  private static final int SHORTEST_NAME = 2;

  private Dependencies() {}

  /**
   * What has to be there before the object can be checked at all: the definition of its kind, where
   * the change brings or alters it, and its Namespace, where it does not exist yet.
   *
   * @param definedKinds the kinds that the change's CustomResourceDefinitions define
   * @param absent the objects of the change that are not in the cluster yet, as far as known
   */
  public static Set<ObjectKey> beforehand(
      DesiredObject object,
      List<DesiredObject> change,
      Set<GroupKind> definedKinds,
      Set<ObjectKey> absent) {
    GroupKind kind = object.key().groupKind();
    boolean defined = definedKinds.contains(kind);
    // A definition is named after the plural, which only it knows; the group is enough.
    return among(
        object,
        change,
        other ->
            (defined
                    && other.groupKind().equals(DEFINITION)
                    && other.name().endsWith("." + kind.group()))
                || (other.groupKind().equals(NAMESPACE)
                    && other.name().equals(object.key().namespace())
                    && absent.contains(other)));
  }

  /**
   * What may have to be there before the API server no longer gives this answer; empty when the
   * change can do nothing about it.
   *
   * @param absent the objects of the change that are not in the cluster yet, as far as known
   */
  public static Set<ObjectKey> of(
      DesiredObject object, ApiError error, List<DesiredObject> change, Set<ObjectKey> absent) {
    return switch (error) {
      case ApiError.NotFound missing -> {
        Set<ObjectKey> all = named(object, missing.message(), change);
        if (missing.missing() == ApiError.NotFound.Missing.NAMESPACE) {
          all.addAll(
              among(
                  object,
                  change,
                  other ->
                      other.groupKind().equals(NAMESPACE) && other.name().equals(missing.name())));
        }
        yield all;
      }
      case ApiError.Forbidden forbidden -> {
        Set<ObjectKey> all = rights(object, change);
        if (forbidden.permission().isEmpty()) {
          // Where a permission is missing, a name in the answer is the object's own, or the rule's.
          all.addAll(named(object, forbidden.message(), change));
        }
        yield all;
      }
      case ApiError.Denied denied -> {
        Set<ObjectKey> all = named(object, denied.message(), change);
        all.addAll(policies(object, change));
        yield all;
      }
      case ApiError.Rejected rejected -> named(object, rejected.message(), change);
      case ApiError.Unavailable unavailable ->
          unavailable.message().contains("failed calling webhook")
              ? among(object, change, other -> isWebhook(other.groupKind()))
              : Set.of();
      case ApiError.Invalid invalid -> holders(object, invalid, change, absent);
      case ApiError.BadManifest _,
          ApiError.ImmutableField _,
          ApiError.Conflict _,
          ApiError.StaleVersion _,
          ApiError.AlreadyExists _,
          ApiError.Terminating _,
          ApiError.Unauthorized _,
          ApiError.TooLarge _,
          ApiError.Throttled _,
          ApiError.Expired _ ->
          Set.of();
    };
  }

  /** Roles and bindings that may give the account what it lacks. */
  private static Set<ObjectKey> rights(DesiredObject object, List<DesiredObject> change) {
    String namespace = object.key().namespace();
    return among(
        object,
        change,
        other ->
            other.group().equals(RBAC)
                && (other.namespace().isEmpty() || other.namespace().equals(namespace)));
  }

  /** What may deny an object without giving its own name. */
  private static Set<ObjectKey> policies(DesiredObject object, List<DesiredObject> change) {
    ObjectKey key = object.key();
    return among(
        object,
        change,
        other ->
            (LIMITS.contains(other.groupKind()) && other.namespace().equals(key.namespace()))
                // Its labels say how secure pods must be.
                || (other.groupKind().equals(NAMESPACE) && other.name().equals(key.namespace()))
                || (other.groupKind().equals(STORAGE_CLASS) && key.groupKind().equals(CLAIM))
                || isPolicy(other.groupKind()));
  }

  private static boolean isPolicy(GroupKind kind) {
    return isWebhook(kind)
        || (kind.group().equals(ADMISSION) && kind.kind().contains("AdmissionPolicy"));
  }

  private static boolean isWebhook(GroupKind kind) {
    return kind.group().equals(ADMISSION) && kind.kind().endsWith("WebhookConfiguration");
  }

  /** Services that may have the port or address that this one wants, and give it up. */
  private static Set<ObjectKey> holders(
      DesiredObject object,
      ApiError.Invalid invalid,
      List<DesiredObject> change,
      Set<ObjectKey> absent) {
    boolean taken =
        object.key().groupKind().equals(SERVICE)
            && (invalid.message() + invalid.causes()).contains("is already allocated");
    return taken
        ? among(
            object, change, other -> other.groupKind().equals(SERVICE) && !absent.contains(other))
        : Set.of();
  }

  /**
   * The objects whose kind and name the message has: a Pod with its ServiceAccount or
   * PriorityClass, a binding with its role.
   */
  private static Set<ObjectKey> named(
      DesiredObject object, String message, List<DesiredObject> change) {
    String text = message.toLowerCase(Locale.ROOT).replace(" ", "");
    return among(
        object,
        change,
        other ->
            other.name().length() >= SHORTEST_NAME
                && text.contains(other.name().toLowerCase(Locale.ROOT))
                && text.contains(other.kind().toLowerCase(Locale.ROOT)));
  }

  private static Set<ObjectKey> among(
      DesiredObject object, List<DesiredObject> change, Predicate<ObjectKey> wanted) {
    Set<ObjectKey> found = new HashSet<>();
    for (DesiredObject other : change) {
      if (!other.key().equals(object.key()) && wanted.test(other.key())) {
        found.add(other.key());
      }
    }
    return found;
  }
}
