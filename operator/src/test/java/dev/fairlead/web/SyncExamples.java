package dev.fairlead.web;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** GitSyncs that the tests of this package show. */
final class SyncExamples {
  static final SyncKey PORTFOLIO = new SyncKey("fairlead-system", "portfolio");
  static final ObjectKey WEB = new ObjectKey("apps", "Deployment", "portfolio", "web");
  static final ObjectKey SETTINGS = new ObjectKey("", "ConfigMap", "portfolio", "settings");
  static final ObjectKey OLD = new ObjectKey("", "ConfigMap", "portfolio", "old");
  static final ObjectKey VOLUME = new ObjectKey("", "PersistentVolumeClaim", "portfolio", "disk");
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.789Z");

  private SyncExamples() {}

  /** One of which everything is to be told. */
  static SyncView full() {
    return new SyncView(
        PORTFOLIO,
        "a1b2",
        3,
        false,
        false,
        Json.of(Map.of("observedGeneration", Json.of(3))),
        List.of(
            new Problem(
                WEB.toString(), "deploy/web.yaml", 21, "ImagePullBackOff", "no \"image\"", NOON),
            new Problem("", "", 0, "FetchFailed", "no route to host", NOON)),
        List.of(
            Warning.of(WEB, new Origin("deploy/web.yaml", 0, 14), "duplicate port definition"),
            new Warning(Optional.empty(), Origin.ofFile("deploy/all.yaml"), "is empty")),
        Optional.of(
            new SyncView.PendingPrune(
                "0123456789abcdef",
                "the prune waits for approval",
                1,
                List.of(OLD),
                List.of(new SyncView.Kept(VOLUME, "its annotation says so")))),
        Optional.of(
            new SyncView.Attempt(
                new Revision("main", "a".repeat(40)),
                3,
                NOON,
                NOON.plusSeconds(2),
                "Succeeded",
                new SyncView.Changes(
                    List.of(WEB), List.of(SETTINGS), List.of(), List.of(OLD), List.of()))),
        List.of(web(), settings(), old()));
  }

  private static ObjectView web() {
    return new ObjectView(
        WEB,
        "v1",
        Optional.of(new Origin("deploy/web.yaml", 1, 12)),
        ObjectView.State.CONTESTED,
        Optional.of(
            new Problem(WEB.toString(), "deploy/web.yaml", 12, "Contested", "to and fro", NOON)),
        Optional.of(new ObjectView.Work("Repair", Optional.of(NOON.plusSeconds(60)))),
        Optional.of(new ObjectView.Repairs(5, List.of("kubectl-edit"))),
        new ObjectView.Ownership(
            PORTFOLIO.fieldManager(), Optional.of(List.of("kube-controller-manager"))),
        Optional.of(new ObjectView.Health("Failed", "ImagePullBackOff", "cannot pull")),
        "uid-1",
        "1201",
        Optional.of(NOON));
  }

  private static ObjectView settings() {
    return new ObjectView(
        SETTINGS,
        "v1",
        Optional.of(Origin.ofFile("deploy/settings.json")),
        ObjectView.State.UNVERIFIED,
        Optional.empty(),
        Optional.of(new ObjectView.Work("Verify", Optional.empty())),
        Optional.empty(),
        new ObjectView.Ownership(PORTFOLIO.fieldManager(), Optional.empty()),
        Optional.empty(),
        "",
        "",
        Optional.empty());
  }

  private static ObjectView old() {
    return new ObjectView(
        OLD,
        "",
        Optional.empty(),
        ObjectView.State.LEFTOVER,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new ObjectView.Ownership(PORTFOLIO.fieldManager(), Optional.of(List.of())),
        Optional.of(new ObjectView.Health("Terminating", "", "is being deleted")),
        "uid-3",
        "1203",
        Optional.empty());
  }

  /** One of which nothing is known yet. */
  static SyncView bare(Iterable<ObjectView> objects) {
    return new SyncView(
        PORTFOLIO,
        "",
        0,
        true,
        true,
        Json.Obj.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        objects);
  }

  /** A healthy object, one of many. */
  static ObjectView object(int number) {
    return new ObjectView(
        new ObjectKey("", "ConfigMap", "portfolio", "settings-" + number),
        "v1",
        Optional.of(new Origin("deploy/settings-" + number + ".yaml", 0, 1)),
        ObjectView.State.APPLIED,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new ObjectView.Ownership(PORTFOLIO.fieldManager(), Optional.of(List.of())),
        Optional.of(new ObjectView.Health("Healthy", "", "is there")),
        "b5a2c3d4-0000-1111-2222-" + number,
        "12" + number,
        Optional.of(NOON));
  }
}
