package dev.fairlead.plan;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides whether an object may be deleted and created again, since a field that cannot be changed
 * is another one in Git.
 *
 * <p>Stateless: any thread may call.
 */
public final class Replacement {
  /** What holds data, or other objects. */
  private static final Set<GroupKind> NEVER =
      Set.of(
          new GroupKind("", "Namespace"),
          new GroupKind("", "PersistentVolumeClaim"),
          new GroupKind("", "PersistentVolume"),
          new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"));

  private static final List<String> OF_THE_NAME =
      List.of("already allocated", "metadata.name", "already exists");

  private Replacement() {}

  /** Whether objects of the kind are never replaced, whatever they say. */
  public static boolean isNever(GroupKind kind) {
    return NEVER.contains(kind);
  }

  /**
   * Why the object may not be replaced, in words for people; empty when it may.
   *
   * @param treatment as Git and the cluster say
   * @param live the object as it is
   */
  public static Optional<String> refusal(
      SyncKey sync, ObjectKey key, Treatment treatment, Live live, Guard.Own own) {
    if (isNever(key.groupKind()) || own.objects().contains(key)) {
      return Optional.of("it is never deleted to be replaced");
    }
    if (!treatment.replaceable()) {
      return Optional.of("it may not be replaced");
    }
    if (!isProven(sync, live)) {
      return Optional.of(
          "it is not replaced, since this GitSync has not made it: delete it yourself");
    }
    String prune = live.annotations().getOrDefault(Labels.PRUNE, "");
    String policy = live.annotations().getOrDefault(Labels.HELM_RESOURCE_POLICY, "");
    if (prune.equals("disabled") || policy.strip().toLowerCase(Locale.ROOT).equals("keep")) {
      return Optional.of("it is not replaced, since it says that it is never to be deleted");
    }
    return Optional.empty();
  }

  /** Both proofs that the object is the sync's: its label, and an apply. */
  public static boolean isProven(SyncKey sync, Live live) {
    return live.partOf().filter(Labels.applySetId(sync)::equals).isPresent()
        && live.owned(sync.fieldManager()).isPresent();
  }

  /** The same error, and why it is not helped by a replacement. */
  public static ApiError.ImmutableField with(ApiError.ImmutableField error, String refusal) {
    List<ApiError.Cause> causes = new ArrayList<>(error.causes());
    if (!causes.isEmpty()) {
      ApiError.Cause last = causes.removeLast();
      causes.add(new ApiError.Cause(last.field(), last.message() + "; " + refusal));
    }
    return new ApiError.ImmutableField(error.message(), causes);
  }

  /**
   * Whether what the server says to an object of another name says nothing about the one that it
   * stands for: only one object at a time can have a node port, for example.
   */
  public static boolean isOfTheName(ApiError error) {
    return error instanceof ApiError.Invalid invalid
        && !invalid.causes().isEmpty()
        && invalid.causes().stream()
            .map(ApiError.Cause::toString)
            .allMatch(c -> OF_THE_NAME.stream().anyMatch(c::contains));
  }

  /** A name that the object may have in the meantime, as long as it is not written. */
  public static String standIn(String name) {
    String suffix = "-fairlead";
    int most = 63 - suffix.length();
    String begin = name.length() <= most ? name : name.substring(0, most);
    return begin.replaceAll("[^A-Za-z0-9]+$", "") + suffix;
  }
}
