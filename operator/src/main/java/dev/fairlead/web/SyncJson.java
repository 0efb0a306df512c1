package dev.fairlead.web;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.Origin;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import dev.fairlead.model.Warning;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * How {@code /api/v1} writes what is known of GitSyncs; docs/api.md promises it. Lists are there
 * even when they are empty, what else says nothing is left out.
 */
final class SyncJson {
  static final String VERSION = "v1";

  private SyncJson() {}

  /** A page of GitSyncs; {@code next} is the last one of it when more follow. */
  static void list(JsonOut json, List<SyncViews.Summary> items, Optional<SyncKey> next)
      throws IOException {
    begin(json, "GitSyncList").name("items").beginList();
    for (SyncViews.Summary item : items) {
      json.beginObject();
      key(json, item.key())
          .member("ready", item.ready())
          .member("reason", item.reason())
          .some("message", item.message())
          .some("revision", item.revision())
          .member("suspended", item.suspended())
          .member("deleting", item.deleting())
          .endObject();
    }
    json.endList();
    json.some("continue", next.map(SyncKey::toString).orElse("")).endObject();
  }

  /** One GitSync with all that is known of it. */
  static void sync(JsonOut json, SyncView view) throws IOException {
    begin(json, "GitSync");
    key(json, view.key())
        .some("uid", view.uid())
        .member("generation", view.generation())
        .member("suspended", view.suspended())
        .member("deleting", view.deleting())
        .name("status")
        .value(view.status());
    json.name("problems").beginList();
    for (Problem problem : view.problems()) {
      json.beginObject().some("object", problem.object()).some("file", problem.file());
      if (problem.line() > 0) {
        json.member("line", problem.line());
        if (problem.column() > 0) {
          json.member("column", problem.column());
        }
      }
      trouble(json, problem).endObject();
    }
    json.endList().name("warnings").beginList();
    for (Warning warning : view.warnings()) {
      json.beginObject();
      if (warning.object().isPresent()) {
        json.member("object", warning.object().get().toString());
      }
      place(json, warning.origin());
      json.member("message", warning.message()).endObject();
    }
    json.endList();
    if (view.pendingPrune().isPresent()) {
      pendingPrune(json.name("pendingPrune"), view.pendingPrune().get());
    }
    if (view.attempt().isPresent()) {
      attempt(json.name("plan"), view.attempt().get());
    }
    json.name("objects").beginList();
    for (ObjectView object : view.objects()) {
      object(json, object);
    }
    json.endList().endObject();
  }

  /** Why there is no other answer. */
  static void error(JsonOut json, int status, String reason, String message) throws IOException {
    begin(json, "Error")
        .member("status", status)
        .member("reason", reason)
        .member("message", message)
        .endObject();
  }

  private static JsonOut begin(JsonOut json, String kind) throws IOException {
    return json.beginObject().member("apiVersion", VERSION).member("kind", kind);
  }

  private static JsonOut key(JsonOut json, SyncKey key) throws IOException {
    return json.member("namespace", key.namespace()).member("name", key.name());
  }

  private static JsonOut trouble(JsonOut json, Problem problem) throws IOException {
    return json.member("reason", problem.reason())
        .member("message", problem.message())
        .member("since", problem.since());
  }

  private static void place(JsonOut json, Origin origin) throws IOException {
    json.some("file", origin.file());
    if (origin.line() > 0) {
      json.member("line", origin.line());
    }
  }

  private static void pendingPrune(JsonOut json, SyncView.PendingPrune prune) throws IOException {
    json.beginObject()
        .member("digest", prune.digest())
        .member("message", prune.message())
        .member("count", prune.count());
    keys(json, "objects", prune.objects());
    json.name("kept").beginList();
    for (SyncView.Kept kept : prune.kept()) {
      key(json.beginObject(), kept.key()).member("because", kept.because()).endObject();
    }
    json.endList().endObject();
  }

  private static void attempt(JsonOut json, SyncView.Attempt attempt) throws IOException {
    json.beginObject()
        .member("revision", attempt.revision().toString())
        .member("generation", attempt.generation())
        .member("startedAt", attempt.startedAt())
        .member("endedAt", attempt.endedAt())
        .member("reason", attempt.reason());
    SyncView.Changes changes = attempt.changes();
    keys(json, "create", changes.create());
    keys(json, "update", changes.update());
    keys(json, "unchanged", changes.unchanged());
    keys(json, "prune", changes.prune());
    keys(json, "refused", changes.refused());
    if (attempt.planned().isPresent()) {
      json.name("changes").beginList();
      for (PlannedObject object : attempt.planned().get()) {
        planned(json, object);
      }
      json.endList();
    }
    json.endObject();
  }

  /** What would become of an object, unless it is nothing. */
  private static void planned(JsonOut json, PlannedObject object) throws IOException {
    if (object.action() == PlannedObject.Action.UNCHANGED) {
      return;
    }
    key(json.beginObject(), object.key())
        .member("action", object.action().toString())
        .member("drifted", object.drifted())
        .member("checked", object.checked());
    if (object.origin().isPresent()) {
      place(json, object.origin().get());
    }
    json.some("note", object.note()).name("fields").beginList();
    for (PlannedObject.Field field : object.fields()) {
      json.beginObject().member("path", field.path());
      place(json, field.origin());
      if (field.from().isPresent()) {
        json.member("from", field.from().get());
      }
      if (field.to().isPresent()) {
        json.member("to", field.to().get());
      }
      texts(json, "holders", field.holders());
      json.endObject();
    }
    json.endList();
    if (object.more() > 0) {
      json.member("more", object.more());
    }
    json.endObject();
  }

  private static void keys(JsonOut json, String name, List<ObjectKey> keys) throws IOException {
    json.name(name).beginList();
    for (ObjectKey key : keys) {
      key(json.beginObject(), key).endObject();
    }
    json.endList();
  }

  private static JsonOut key(JsonOut json, ObjectKey key) throws IOException {
    return json.member("group", key.group())
        .member("kind", key.kind())
        .member("namespace", key.namespace())
        .member("name", key.name());
  }

  private static void object(JsonOut json, ObjectView object) throws IOException {
    key(json.beginObject(), object.key()).some("version", object.version());
    if (object.origin().isPresent()) {
      Origin origin = object.origin().get();
      json.name("origin").beginObject();
      place(json, origin);
      json.member("document", origin.document()).endObject();
    }
    json.member("state", object.state().toString());
    if (object.problem().isPresent()) {
      trouble(json.name("problem").beginObject(), object.problem().get()).endObject();
    }
    if (object.work().isPresent()) {
      ObjectView.Work work = object.work().get();
      json.name("work").beginObject().member("what", work.what()).some("due", work.due());
      json.endObject();
    }
    if (object.repairs().isPresent()) {
      ObjectView.Repairs repairs = object.repairs().get();
      json.name("repairs").beginObject().member("count", repairs.count());
      texts(json, "managers", repairs.managers());
      json.endObject();
    }
    ObjectView.Ownership ownership = object.ownership();
    json.name("owner").beginObject().member("manager", ownership.manager());
    if (ownership.others().isPresent()) {
      texts(json, "others", ownership.others().get());
    }
    json.endObject();
    if (object.health().isPresent()) {
      ObjectView.Health health = object.health().get();
      json.name("health")
          .beginObject()
          .member("state", health.state())
          .some("reason", health.reason())
          .some("message", health.message())
          .endObject();
    }
    json.some("uid", object.uid())
        .some("resourceVersion", object.resourceVersion())
        .some("appliedAt", object.appliedAt())
        .endObject();
  }

  private static void texts(JsonOut json, String name, List<String> texts) throws IOException {
    json.name(name).beginList();
    for (String text : texts) {
      json.value(Json.of(text));
    }
    json.endList();
  }
}
