package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.model.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One pod, read leniently. */
record Pod(LiveObject live) {
  static Pod of(Json.Obj pod) {
    return new Pod(new LiveObject(pod));
  }

  String name() {
    return text(live.metadata(), "name");
  }

  String uid() {
    return text(live.metadata(), "uid");
  }

  String label(String key) {
    return live.metadata().object("labels").flatMap(l -> l.string(key)).orElse("");
  }

  String node() {
    return text(live.spec(), "nodeName");
  }

  String ip() {
    return text(live.status(), "podIP");
  }

  String phase() {
    return text(live.status(), "phase");
  }

  boolean deleting() {
    return live.deleting();
  }

  Instant created() {
    return time(live.metadata(), "creationTimestamp").orElse(Instant.EPOCH);
  }

  boolean restartsNever() {
    return text(live.spec(), "restartPolicy").equals("Never");
  }

  boolean ready() {
    return condition("Ready").filter(c -> text(c, "status").equals("True")).isPresent();
  }

  /** Since when it is not ready. */
  Instant unreadySince() {
    return condition("Ready").flatMap(c -> time(c, "lastTransitionTime")).orElse(created());
  }

  Optional<Json.Obj> condition(String type) {
    return objects(live.status(), "conditions").stream()
        .filter(c -> text(c, "type").equals(type))
        .findFirst();
  }

  List<Json.Obj> statuses(boolean init) {
    return objects(live.status(), init ? "initContainerStatuses" : "containerStatuses");
  }

  Json.Obj container(boolean init, String name) {
    return objects(live.spec(), init ? "initContainers" : "containers").stream()
        .filter(c -> text(c, "name").equals(name))
        .findFirst()
        .orElse(Json.Obj.empty());
  }

  /** The claims that its volumes name. */
  List<String> claims() {
    List<String> claims = new ArrayList<>();
    for (Json.Obj volume : objects(live.spec(), "volumes")) {
      volume
          .object("persistentVolumeClaim")
          .flatMap(c -> c.string("claimName"))
          .ifPresent(claims::add);
      if (volume.object("ephemeral").isPresent()) {
        claims.add(name() + "-" + text(volume, "name"));
      }
    }
    return claims;
  }

  /** The uid of its controller; empty when it has none. */
  static String controller(Json.Obj object) {
    return objects(new LiveObject(object).metadata(), "ownerReferences").stream()
        .filter(o -> o.bool("controller").orElse(false))
        .map(o -> text(o, "uid"))
        .findFirst()
        .orElse("");
  }

  static List<Json.Obj> objects(Json.Obj in, String list) {
    return in.items(list).stream()
        .filter(Json.Obj.class::isInstance)
        .map(Json.Obj.class::cast)
        .toList();
  }

  static Optional<Instant> time(Json.Obj in, String field) {
    try {
      return in.string(field).map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
