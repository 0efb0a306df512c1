package dev.fairlead.plan;

import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The JSON patches that change whose an object is and nothing else of it: an apply without the
 * fields would remove them. Each is one request, and a conflict where somebody has written to the
 * object since.
 *
 * <p>Pure: any thread may call.
 */
public final class OwnershipPatch {
  private static final String MANAGED_FIELDS = "/metadata/managedFields";

  private OwnershipPatch() {}

  /**
   * Whether both proofs hold that the sync has the object: its label, and an apply under its field
   * manager.
   */
  public static boolean isMember(SyncKey sync, Live live) {
    return live.partOf().filter(Labels.applySetId(sync)::equals).isPresent()
        && hasApplied(sync, live);
  }

  /** The sync that has the object by both proofs. */
  public static Optional<SyncKey> member(Live live) {
    return live.managers().stream()
        .flatMap(o -> SyncKey.ofFieldManager(o.manager()).stream())
        .filter(sync -> isMember(sync, live))
        .findFirst();
  }

  /** Whether an apply of the sync has left its entry. */
  public static boolean hasApplied(SyncKey sync, Live live) {
    return live.managers().stream().anyMatch(o -> isApply(o, sync));
  }

  private static boolean isApply(Owner owner, SyncKey sync) {
    return owner.applied()
        && owner.subresource().isEmpty()
        && owner.manager().equals(sync.fieldManager());
  }

  /** Takes labels and ownership of the sync off the object. */
  public static Json.Arr release(SyncKey sync, Live live) {
    List<Json> patch = new ArrayList<>();
    patch.add(onlyIf(live));
    for (String label : List.of(Labels.PART_OF, Labels.NAME, Labels.NAMESPACE)) {
      if (live.labels().containsKey(label)) {
        patch.add(operation("remove", label(label), Optional.empty()));
      }
    }
    List<Owner> managers = live.managers();
    boolean others = managers.stream().anyMatch(o -> !o.manager().equals(sync.fieldManager()));
    if (!others) {
      // An empty list means "unchanged" to the server; this means "nobody".
      patch.add(
          operation("replace", MANAGED_FIELDS, Optional.of(Json.of(List.of(Json.Obj.empty())))));
    } else {
      for (int i = managers.size() - 1; i >= 0; i--) {
        if (managers.get(i).manager().equals(sync.fieldManager())) {
          patch.add(operation("remove", MANAGED_FIELDS + "/" + i, Optional.empty()));
        }
      }
    }
    return Json.of(patch);
  }

  /**
   * Makes the object the other sync's: its labels, and the fields under its manager, so that its
   * next apply removes what its manifest does not have. The object must have a label of ours: where
   * there are none at all a patch cannot add one.
   *
   * <p>The entry's time becomes that of the transfer, and is another one than before: it would say
   * that the other sync had written all of it, and of an object that nobody has changed since it
   * was created, that it had created it.
   *
   * @param now by the clock of whoever transfers it, which may be behind the server's
   */
  public static Json.Arr transfer(SyncKey from, SyncKey to, Live live, Instant now) {
    List<Json> patch = new ArrayList<>();
    patch.add(onlyIf(live));
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(Labels.PART_OF, Labels.applySetId(to));
    labels.put(Labels.NAME, to.name());
    labels.put(Labels.NAMESPACE, to.namespace());
    labels.forEach(
        (key, value) -> patch.add(operation("add", label(key), Optional.of(Json.of(value)))));
    List<Owner> managers = live.managers();
    boolean renamed = hasApplied(to, live);
    List<Integer> superfluous = new ArrayList<>();
    for (int i = 0; i < managers.size(); i++) {
      if (!managers.get(i).manager().equals(from.fieldManager())) {
        continue;
      }
      if (renamed || !isApply(managers.get(i), from)) {
        superfluous.add(i);
      } else {
        renamed = true;
        String entry = MANAGED_FIELDS + "/" + i;
        patch.add(
            operation("replace", entry + "/manager", Optional.of(Json.of(to.fieldManager()))));
        patch.add(
            operation(
                "add",
                entry + "/time",
                Optional.of(Json.of(after(managers.get(i).time(), now).toString()))));
      }
    }
    for (int i : superfluous.reversed()) {
      patch.add(operation("remove", MANAGED_FIELDS + "/" + i, Optional.empty()));
    }
    return Json.of(patch);
  }

  /** Now, but later than an entry's time, by the second that such times are told to. */
  private static Instant after(Optional<Instant> time, Instant now) {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    return time.map(t -> t.plusSeconds(1)).filter(t -> t.isAfter(second)).orElse(second);
  }

  /** A stale version makes this a conflict instead of overwriting what somebody else did. */
  private static Json onlyIf(Live live) {
    return operation(
        "replace", "/metadata/resourceVersion", Optional.of(Json.of(live.resourceVersion())));
  }

  private static String label(String key) {
    return "/metadata/labels/" + key.replace("/", "~1");
  }

  private static Json operation(String op, String path, Optional<Json> value) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("op", Json.of(op));
    members.put("path", Json.of(path));
    value.ifPresent(v -> members.put("value", v));
    return Json.of(members);
  }
}
