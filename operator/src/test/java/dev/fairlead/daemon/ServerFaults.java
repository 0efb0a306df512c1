package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.FaultRow.Fault;
import dev.fairlead.daemon.FaultRow.Ground;
import dev.fairlead.daemon.FaultRow.Outcome;
import dev.fairlead.model.Reason;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Rows: the API server. */
final class ServerFaults {
  private static final String REFUSES = "answers 429/500/403";

  private static final String ROLE =
      "/apis/rbac.authorization.k8s.io/v1/namespaces/<ns>/roles/extra";
  private static final String LIMIT_RANGE = "/api/v1/namespaces/<ns>/limitranges/extra";

  private ServerFaults() {}

  static List<FaultRow> rows() {
    return List.of(
        FaultRow.of(
                "an API server that restarts",
                "it is killed and started again while a commit comes",
                new Fault() {
                  @Override
                  public void strike(FaultSite site) {
                    site.ground().killApiServer();
                    site.change();
                    site.ground().startApiServer();
                  }

                  @Override
                  public void lift(FaultSite site) {}
                },
                new Outcome.Followed())
            .on(Ground.OWN_CONTROL_PLANE),
        FaultRow.of(
                "is down for a minute",
                "and a commit comes meanwhile",
                new Fault() {
                  @Override
                  public void strike(FaultSite site) {
                    site.ground().stopApiServer();
                    site.change();
                    OperatorProcess.sleep(Duration.ofMinutes(1));
                  }

                  @Override
                  public void lift(FaultSite site) {
                    site.ground().startApiServer();
                  }
                },
                new Outcome.Logged("GitSyncs cannot be watched"))
            .on(Ground.OWN_CONTROL_PLANE),
        refusing(
            "429 to applies, for longer than one retries at once",
            new ApiCourse.Answer(
                429,
                Map.of("Content-Type", "text/plain; charset=utf-8", "Retry-After", "1"),
                "Too many requests, please try again later.\n"),
            Reason.APPLY_FAILED,
            "deploy/a.yaml:1: ConfigMap <ns>/a: the API server answered 429: Too many requests,"
                + " please try again later."),
        refusing(
            "500 to applies, as it does when etcd elects a leader",
            new ApiCourse.Answer(500, "InternalError", "etcdserver: leader changed"),
            Reason.APPLY_FAILED,
            "deploy/a.yaml:1: ConfigMap <ns>/a: the API server answered 500: etcdserver: leader"
                + " changed"),
        refusing(
            "502 with a page of somebody else's",
            new ApiCourse.Answer(
                502, Map.of("Content-Type", "text/html"), "<html><h1>Bad Gateway</h1></html>"),
            Reason.APPLY_FAILED,
            "deploy/a.yaml:1: ConfigMap <ns>/a: the API server, or a proxy before it, answered 502"),
        refusing(
            "403 to applies, since a role was taken away",
            new ApiCourse.Answer(
                403,
                "Forbidden",
                "configmaps \\\"a\\\" is forbidden: User \\\"system:serviceaccount:fairlead-system:"
                    + "fairlead\\\" cannot patch resource \\\"configmaps\\\" in API group \\\"\\\" in"
                    + " the namespace \\\"shop\\\""),
            Reason.ACCESS_DENIED,
            "deploy/a.yaml:1: ConfigMap <ns>/a: ServiceAccount fairlead-system/fairlead is not allowed"
                + " to patch configmaps in namespace shop; add to a Role in shop that is bound to it:"
                + " {apiGroups: [\"\"], resources: [configmaps], verbs: [create, patch, delete]}"),
        FaultRow.of(
                "forgets a watch (410)",
                "and what was deleted meanwhile is seen by a new list",
                new Deaf("roles", ROLE, true),
                new Outcome.Restored(ROLE))
            .having(
                "deploy/extra.yaml",
                """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: extra, namespace: <ns>}
                rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
                """),
        FaultRow.of(
                "goes silent on a watch",
                "and what was deleted meanwhile is seen by the next watch",
                new Deaf("limitranges", LIMIT_RANGE, false),
                new Outcome.Restored(LIMIT_RANGE))
            .having(
                "deploy/extra.yaml",
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: extra, namespace: <ns>}
                spec: {limits: [{type: Pod, max: {cpu: "100"}}]}
                """));
  }

  /** An API server that answers so to all applies of ConfigMaps of the row's namespace. */
  private static FaultRow refusing(
      String name, ApiCourse.Answer answer, Reason reason, String message) {
    return FaultRow.of(
        REFUSES,
        name,
        new Fault() {
          @Override
          public void strike(FaultSite site) {
            String path = "/api/v1/namespaces/" + site.namespace() + "/configmaps/";
            site.ground()
                .hook(
                    site.namespace(),
                    request ->
                        request.isApply() && request.path().startsWith(path)
                            ? answer
                            : ApiCourse.FORWARD);
            site.change();
          }

          @Override
          public void lift(FaultSite site) {
            site.ground().hook(site.namespace(), request -> ApiCourse.FORWARD);
          }
        },
        new Outcome.Refused(reason, message));
  }

  /**
   * The first watch of a kind, which no other row uses, falls silent, and an object is deleted.
   * When the daemon asks to go on, the server may have forgotten the version.
   */
  private static final class Deaf implements Fault {
    private static final String GONE =
        """
        {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},\
        "status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired",\
        "code":410}}
        """;

    private static final String VERSION = ".*resourceVersion=([0-9]+).*";

    private final String plural;
    private final String target;
    private final boolean forgetful;
    private final CountDownLatch silent = new CountDownLatch(1);
    private final AtomicReference<String> forgotten = new AtomicReference<>("");

    Deaf(String plural, String target, boolean forgetful) {
      this.plural = plural;
      this.target = target;
      this.forgetful = forgetful;
    }

    @Override
    public void prepare(FaultSite site) {
      site.ground().hook(site.namespace(), this::course);
    }

    private ApiCourse course(ApiRequest request) {
      if (!request.isWatch() || !request.path().endsWith("/" + plural)) {
        return ApiCourse.FORWARD;
      }
      if (silent.getCount() > 0) {
        return new ApiCourse.Mute(silent);
      }
      if (forgetful) {
        forgotten.compareAndSet("", request.query().replaceFirst(VERSION, "$1"));
      }
      // For good: whoever asks again without a new list gets nowhere.
      return request.query().replaceFirst(VERSION, "$1").equals(forgotten.get())
          ? new ApiCourse.Answer(200, Map.of("Content-Type", "application/json"), GONE)
          : ApiCourse.FORWARD;
    }

    @Override
    public void strike(FaultSite site) {
      silent.countDown();
      site.api().delete(site.own(target));
    }

    @Override
    public void lift(FaultSite site) {
      assertThat(forgotten.get())
          .as("what the API server forgot")
          .matches(v -> v.isEmpty() != forgetful);
    }
  }
}
