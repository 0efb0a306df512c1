package dev.fairlead.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.health.Diagnosis.Evidence;
import dev.fairlead.health.Diagnosis.Facts;
import dev.fairlead.health.Diagnosis.Question;
import dev.fairlead.model.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {
  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

  private static final String SPEC =
      "{nodeName: 'n1', initContainers: [{name: 'i', image: 'example.org/i:1'}], containers: [{name:"
          + " 'c', image: 'example.org/c:1', resources: {limits: {memory: '64Mi'}}, readinessProbe:"
          + " {}, startupProbe: {}}], schedulingGates: [{name: 'example.org/hold'}], volumes:"
          + " [{name: 'd', persistentVolumeClaim: {claimName: 'data'}}]}";

  /** Short for what stands in many statuses. */
  private static String expand(String status) {
    return status
        .replace("$W(", "{phase: 'Pending', containerStatuses: [{name: 'c', state: {waiting: {")
        .replace(")$", "}}}]}")
        .replace(
            "$R",
            "phase: 'Running', conditions: [{type: 'Ready', status: 'False', lastTransitionTime:"
                + " '2026-01-01T00:50:00Z'}]")
        .replace("$BACK", "waiting: {reason: 'CrashLoopBackOff', message: 'back-off 5m0s'}")
        .replace("$UP", "running: {startedAt: '2026-01-01T00:59:30Z'}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          an image that is not there           | $W(reason: 'ErrImagePull', message: 'rpc error: code = NotFound desc = failed to pull and unpack image "example.org/c:1": not found')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (not found)
          the same while it is backed off from | $W(reason: 'ImagePullBackOff', message: 'Back-off pulling image "example.org/c:1": ErrImagePull: example.org/c:1: not found')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (not found)
          a back-off alone does not say why    | $W(reason: 'ImagePullBackOff', message: 'Back-off pulling image "example.org/c:1"')$ | ImagePullBackOff | the pod cannot pull example.org/c:1
          a registry that wants credentials    | $W(reason: 'ErrImagePull', message: 'failed to authorize: 401 Unauthorized')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (the registry wants other credentials)
          a registry that says denied          | $W(reason: 'ErrImagePull', message: 'pull access denied, repository does not exist or may require authorization')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (access denied, or there is no such repository)
          a registry that wants patience       | $W(reason: 'ErrImagePull', message: 'toomanyrequests: You have reached your pull rate limit')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (too many pulls, says the registry)
          a registry that is not there         | $W(reason: 'ErrImagePull', message: 'dial tcp: lookup example.org: no such host')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (the registry's name is unknown)
          a registry that does not answer      | $W(reason: 'ErrImagePull', message: 'dial tcp 192.0.2.1:443: i/o timeout')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (the registry cannot be reached)
          an image for other processors        | $W(reason: 'ErrImagePull', message: 'no match for platform in manifest: not found')$ | ImagePullBackOff | the pod cannot pull example.org/c:1 (not made for the node's processor)
          an image's name that is none         | $W(reason: 'InvalidImageName', message: 'could not parse image name')$ | InvalidImageName | the pod cannot use the image name example.org/c:1
          an image that may not be pulled      | $W(reason: 'ErrImageNeverPull', message: 'x')$ | ErrImageNeverPull | the pod cannot use example.org/c:1: it is not on the node, and imagePullPolicy is Never
          an image that cannot be looked at    | $W(reason: 'ImageInspectError', message: 'x')$ | ImageInspectError | the pod cannot pull example.org/c:1
          a missing Secret                     | $W(reason: 'CreateContainerConfigError', message: 'secret "db" not found')$ | CreateContainerConfigError | the pod cannot start container c: secret "db" not found
          a missing key                        | $W(reason: 'CreateContainerConfigError', message: 'could not find key url in ConfigMap shop/db')$ | CreateContainerConfigError | the pod cannot start container c: could not find key url in ConfigMap shop/db
          a container that cannot be made      | $W(reason: 'CreateContainerError', message: 'failed to reserve container name')$ | CreateContainerError | the pod cannot start container c: failed to reserve container name
          a command that is not there          | $W(reason: 'RunContainerError', message: 'failed to create task: runc create failed: unable to start container process: exec: "/no": no such file or directory')$ | RunContainerError | the pod cannot start container c: exec: "/no": no such file or directory
          a reason that nobody knows           | $W(reason: 'NewError')$ | NewError | the pod cannot start container c: NewError
          a container that is being made       | $W(reason: 'ContainerCreating')$ | - | -
          a crash that is backed off from      | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 1, reason: 'Error'}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 1
          the same while it runs again         | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$UP}, lastState: {terminated: {exitCode: 1, reason: 'Error'}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 1
          the same at its end                  | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {terminated: {exitCode: 1, reason: 'Error'}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 1
          the same when it is ready for a moment | {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}], containerStatuses: [{name: 'c', ready: true, restartCount: 3, state: {$UP}, lastState: {terminated: {exitCode: 1}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 1
          a crash of long ago                  | {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}], containerStatuses: [{name: 'c', ready: true, restartCount: 3, state: {running: {startedAt: '2026-01-01T00:00:00Z'}}, lastState: {terminated: {exitCode: 1}}}]} | - | -
          a crash without a code               | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes
          a signal                             | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 139}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 139 (SIGSEGV)
          a shell without the command          | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 127}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 127 (the command is not found)
          a program with last words            | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 2, message: 'one\\ntwo\\n'}}}]} | CrashLoopBackOff | the pod cannot stay up: container c crashes with exit code 2; it says: "two"
          a program that ends by itself        | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 0, reason: 'Completed'}}}]} | CrashLoopBackOff | the pod cannot stay up: container c ends by itself (exit code 0), but has to run on
          too little memory                    | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 137, reason: 'OOMKilled'}}}]} | OOMKilled | the pod cannot stay up: container c is killed, since it uses more memory than its limit of 64Mi
          a program that never began           | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 128, reason: 'StartError', message: 'runc create failed: unable to start container process: exec: "x": not found'}}}]} | StartError | the pod cannot start container c: exec: "x": not found
          an init container that crashes       | {phase: 'Pending', initContainerStatuses: [{name: 'i', restartCount: 2, state: {$BACK}, lastState: {terminated: {exitCode: 3}}}], containerStatuses: [{name: 'c', state: {waiting: {reason: 'PodInitializing'}}}]} | CrashLoopBackOff | the pod cannot stay up: init container i crashes with exit code 3
          an init container without its image  | {phase: 'Pending', initContainerStatuses: [{name: 'i', state: {waiting: {reason: 'ImagePullBackOff', message: 'not found'}}}], containerStatuses: [{name: 'c', state: {waiting: {reason: 'PodInitializing'}}}]} | ImagePullBackOff | the pod cannot pull example.org/i:1 (not found)
          an init container that is done       | {phase: 'Pending', initContainerStatuses: [{name: 'i', restartCount: 1, state: {terminated: {exitCode: 0}}}], containerStatuses: [{name: 'c', state: {waiting: {reason: 'PodInitializing'}}}]} | - | -
          what the scheduler says              | {phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'}]} | Unschedulable | the pod cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu
          a scheduling gate                    | {phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked'}]} | SchedulingGated | the pod cannot be scheduled before somebody removes the scheduling gate example.org/hold
          a claim that is not bound            | {phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: x'}]} | NotBound | the pod cannot be scheduled: a PersistentVolumeClaim is not bound
          a probe that has not succeeded       | {$R, containerStatuses: [{name: 'c', ready: false, started: true, state: {$UP}}]} | ReadinessProbeFailed | the pod cannot become ready before the readiness probe of container c succeeds
          a startup probe                      | {$R, containerStatuses: [{name: 'c', ready: false, started: false, state: {$UP}}]} | StartupProbeFailed | the pod cannot become ready before the startup probe of container c succeeds
          a readiness gate                     | {phase: 'Running', conditions: [{type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: 'corresponding condition of pod readiness gate "x/y" does not exist.'}]} | ReadinessGatesNotReady | the pod cannot become ready: corresponding condition of pod readiness gate "x/y" does not exist.
          a node that does not report          | {$R, containerStatuses: [{name: 'c', ready: true, state: {running: {}}}]} | NodeNotReady | the pod cannot be reached: node n1 does not report
          a node that is lost                  | {phase: 'Unknown'} | NodeLost | the pod cannot be reached: node n1 does not report
          a pod that was thrown out            | {phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.'} | Evicted | the pod cannot run on node n1: The node was low on resource: memory.
          a pod that is ready                  | {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}], containerStatuses: [{name: 'c', ready: true, state: {running: {}}}]} | - | -
          a pod of which nothing is known      | {} | - | -
          """)
  void tellsWhatIsWrongWithAPod(String name, String status, String reason, String words) {
    Optional<Finding> finding =
        Diagnosis.of(deployment(1, List.of(), List.of(pod("p", "new", expand(status)))))
            .finding(Evidence.NONE);

    if (reason.equals("-")) {
      assertThat(finding).isEmpty();
    } else {
      assertThat(finding.map(Finding::reason)).contains(reason);
      assertThat(message(finding)).startsWith(words + "; ");
    }
  }

  @Test
  void tellsHowManyPodsAndWhoServesMeanwhile() {
    List<Json.Obj> pods = new ArrayList<>();
    IntStream.range(0, 3).forEach(i -> pods.add(pod("a" + i, "new", expand(pulls()))));
    pods.add(
        pod(
            "b",
            "new",
            "{phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node'}]}"));
    pods.add(pod("c", "old", "{phase: 'Running', conditions: [{type: 'Ready', status: 'True'}]}"));

    Optional<Finding> finding =
        Diagnosis.of(deployment(4, List.of(replicaSet("old", 1, 2)), pods)).finding(Evidence.NONE);

    assertThat(message(finding))
        .isEqualTo(
            "3 of 4 new pods cannot pull example.org/c:1 (not found); 1 cannot be scheduled: no"
                + " node; 2 old pods keep serving main@77aa0b1");
    assertThat(finding.orElseThrow().field())
        .isEqualTo("spec.template.spec.containers[name=\"c\"].image");
  }

  @Test
  void aCommitIsNamedOnlyIfItsPodsAreOlderThanItsBeingGood() {
    Optional<Finding> finding =
        Diagnosis.of(
                deployment(
                    1, List.of(replicaSet("old", 1, 1)), List.of(pod("a", "new", expand(pulls())))))
            .finding(Evidence.NONE);

    assertThat(finding.orElseThrow().message(_ -> Optional.empty()))
        .isEqualTo("the new pod cannot pull example.org/c:1 (not found); 1 old pod keeps serving");
    assertThat(finding.orElseThrow().serving().orElseThrow().oldSince())
        .isEqualTo(Instant.parse("2026-01-01T00:10:00Z"));
  }

  @Test
  void podsThatAnotherControlsAreNobodysBusiness() {
    Optional<Finding> finding =
        Diagnosis.of(deployment(1, List.of(), List.of(pod("p", "another", expand(pulls())))))
            .finding(Evidence.NONE);

    assertThat(finding).isEmpty();
  }

  @Test
  void whatKeepsPodsFromBeingCreatedIsToldWithoutTheirNames() {
    Json.Obj refused =
        with(
            replicaSet("new", 2, 0),
            "status",
            "{conditions: [{type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods \"web-7d-x2x4z\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0'}]}");
    Facts facts = facts(workload("Deployment", 2), List.of(refused), List.of());

    Optional<Finding> finding = Diagnosis.of(facts).finding(Evidence.NONE);

    assertThat(finding.map(Finding::reason)).contains("FailedCreate");
    assertThat(message(finding))
        .isEqualTo(
            "pods cannot be created: exceeded quota: small, requested: pods=1, used: pods=0,"
                + " limited: pods=0; no pod serves");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"StatefulSet", "DaemonSet", "Job"})
  void whatHasNoConditionForItIsToldByEvents(String kind) {
    Diagnosis diagnosis = Diagnosis.of(facts(workload(kind, 2), List.of(), List.of()));
    List<Json.Obj> events =
        List.of(
            event("SuccessfulCreate", "create Pod web-0", "2026-01-01T00:10:00Z"),
            event(
                "FailedCreate",
                "create Pod web-1 in StatefulSet web failed error: pods \"web-1\" is forbidden: exceeded quota: small",
                "2026-01-01T00:20:00Z"));

    Question question = diagnosis.question(Optional.empty());
    Optional<Finding> finding =
        diagnosis.finding(new Evidence(events, Optional.empty(), Optional.empty()));

    assertThat(question.eventsOf()).isEqualTo("it");
    assertThat(message(finding)).startsWith("pods cannot be created: exceeded quota: small");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a pull that an event explains | {phase: 'Pending', containerStatuses: [{name: 'c', state: {waiting: {reason: 'ImagePullBackOff', message: 'Back-off'}}}]} | Failed | Failed to pull image "x": not found | the pod cannot pull example.org/c:1 (not found)
          a readiness probe             | {$R, containerStatuses: [{name: 'c', ready: false, started: true, state: {$UP}}]} | Unhealthy | Readiness probe failed: HTTP probe failed with statuscode: 503 | the pod cannot become ready before the readiness probe of container c succeeds: HTTP probe failed with statuscode: 503
          a probe of another kind       | {$R, containerStatuses: [{name: 'c', ready: false, started: true, state: {$UP}}]} | Unhealthy | Liveness probe failed: x | the pod cannot become ready before the readiness probe of container c succeeds
          a pod's address is its own    | {$R, podIP: '10.0.0.7', containerStatuses: [{name: 'c', ready: false, started: true, state: {$UP}}]} | Unhealthy | Readiness probe failed: dial tcp 10.0.0.7:80: connect: connection refused | the pod cannot become ready before the readiness probe of container c succeeds: dial tcp POD:80: connect: connection refused
          a liveness probe              | {$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState: {terminated: {exitCode: 137, reason: 'Error'}}}]} | Unhealthy | Liveness probe failed: timeout | the pod cannot stay up: container c is killed, since its liveness probe fails: timeout
          a volume that cannot be mounted | {phase: 'Pending', containerStatuses: [{name: 'c', state: {waiting: {reason: 'ContainerCreating'}}}]} | FailedMount | MountVolume.SetUp failed for volume "d" : configmap "d" not found | the pod cannot be started: MountVolume.SetUp failed for volume "d" : configmap "d" not found
          a sandbox that cannot be made | {phase: 'Pending'} | FailedCreatePodSandBox | failed to setup network for sandbox "0123456789abcdef0123456789abcdef01": no addresses | the pod cannot be started: failed to setup network for sandbox …: no addresses
          """)
  void tellsWhatEventsAdd(String name, String status, String reason, String text, String words) {
    Diagnosis diagnosis =
        Diagnosis.of(deployment(1, List.of(), List.of(pod("p", "new", expand(status)))));
    List<Json.Obj> events = List.of(event(reason, text, "2026-01-01T00:20:00Z"));

    Optional<Finding> finding =
        diagnosis.finding(new Evidence(events, Optional.empty(), Optional.empty()));

    assertThat(diagnosis.question(Optional.empty()).eventsOf()).isEqualTo("uid-p");
    assertThat(message(finding)).isEqualTo(words + "; no pod serves");
  }

  @Test
  void theLastLogLineIsAskedForOnceAndKept() {
    Facts facts = deployment(1, List.of(), List.of(pod("p", "new", expand(crashes(1)))));
    Diagnosis first = Diagnosis.of(facts);
    Question question = first.question(Optional.empty());
    Finding told =
        first
            .finding(new Evidence(List.of(), Optional.of("12:00 no database"), Optional.empty()))
            .orElseThrow();

    Diagnosis second = Diagnosis.of(facts);
    Question again = second.question(Optional.of(told));
    Finding steady = second.finding(Evidence.NONE).orElseThrow().steadied(told);

    assertThat(question.log()).contains(new Diagnosis.Log("p", "c", true));
    assertThat(told.message(_ -> Optional.empty()))
        .isEqualTo(
            "the pod cannot stay up: container c crashes with exit code 1; its last log line:"
                + " \"12:00 no database\"; no pod serves");
    assertThat(again.log()).isEmpty();
    assertThat(steady).isEqualTo(told);
  }

  @Test
  void anotherExitCodeIsAnotherStory() {
    Finding one =
        Diagnosis.of(deployment(1, List.of(), List.of(pod("p", "new", expand(crashes(1))))))
            .finding(new Evidence(List.of(), Optional.of("one"), Optional.empty()))
            .orElseThrow();

    Diagnosis two =
        Diagnosis.of(deployment(1, List.of(), List.of(pod("p", "new", expand(crashes(2))))));

    assertThat(two.question(Optional.of(one)).log()).isPresent();
    assertThat(two.finding(Evidence.NONE).orElseThrow().steadied(one).detail()).isEmpty();
  }

  @Test
  void onlyNumbersThatDifferAreNoOtherWords() {
    Finding before = Finding.plain("R", "x", ": read tcp 1.2.3.4:4711: reset", NOW);

    assertThat(Finding.plain("R", "x", ": read tcp 1.2.3.4:4712: reset", NOW).steadied(before))
        .isEqualTo(before);
    assertThat(
            Finding.plain("R", "x", ": write tcp 1.2.3.4:1: reset", NOW).steadied(before).detail())
        .isEqualTo(": write tcp 1.2.3.4:1: reset");
  }

  @Test
  void aClaimOfAPodIsNamedWithWhy() {
    Diagnosis diagnosis =
        Diagnosis.of(
            deployment(
                1,
                List.of(),
                List.of(
                    pod(
                        "p",
                        "new",
                        "{phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'pod has unbound immediate PersistentVolumeClaims'}]}"))));
    Optional<String> why =
        Diagnosis.unbound(
            ShortJson.object("{metadata: {name: 'data'}, status: {phase: 'Pending'}}"),
            List.of(
                event(
                    "ProvisioningFailed",
                    "storageclass.storage.k8s.io \"fast\" not found",
                    "2026-01-01T00:20:00Z")));

    assertThat(diagnosis.question(Optional.empty()).claims()).containsExactly("data");
    assertThat(message(diagnosis.finding(new Evidence(List.of(), Optional.empty(), why))))
        .isEqualTo(
            "the pod cannot be scheduled: PersistentVolumeClaim data is not bound:"
                + " storageclass.storage.k8s.io \"fast\" not found; no pod serves");
    assertThat(Diagnosis.unbound(ShortJson.object("{status: {phase: 'Bound'}}"), List.of()))
        .isEmpty();
  }

  @Test
  void aClaimItselfIsToldByItsEvents() {
    Diagnosis diagnosis =
        Diagnosis.of(facts(workload("PersistentVolumeClaim", 0), List.of(), List.of()));
    List<Json.Obj> events =
        List.of(event("FailedBinding", "no storage class is set", "2026-01-01T00:20:00Z"));

    assertThat(diagnosis.question(Optional.empty()).eventsOf()).isEqualTo("it");
    assertThat(message(diagnosis.finding(new Evidence(events, Optional.empty(), Optional.empty()))))
        .isEqualTo("is not bound: no storage class is set");
    assertThat(diagnosis.finding(Evidence.NONE)).isEmpty();
  }

  @Test
  void aPodByItselfNeedsNoSubject() {
    Json.Obj pod = with(pod("p", "", expand(pulls())), "kind", "'Pod'");

    Optional<Finding> finding =
        Diagnosis.of(facts(pod, List.of(), List.of())).finding(Evidence.NONE);

    assertThat(message(finding)).isEqualTo("cannot pull example.org/c:1 (not found)");
    assertThat(finding.orElseThrow().field()).isEqualTo("spec.containers[name=\"c\"].image");
  }

  @Test
  void aJobThatFailedTellsOfItsPod() {
    Json.Obj pod =
        pod(
            "p",
            "it",
            "{phase: 'Failed', containerStatuses: [{name: 'c', state: {terminated: {exitCode: 7, reason: 'Error'}}}]}");
    Diagnosis diagnosis = Diagnosis.of(facts(workload("Job", 1), List.of(), List.of(pod)));

    assertThat(diagnosis.question(Optional.empty()).log())
        .contains(new Diagnosis.Log("p", "c", false));
    assertThat(message(diagnosis.finding(Evidence.NONE)))
        .isEqualTo("the pod cannot finish: container c ended with exit code 7");
  }

  @Test
  void aStatefulSetTellsNewPodsByItsRevision() {
    Json.Obj set =
        with(workload("StatefulSet", 2), "status", "{updateRevision: 'r2', readyReplicas: 1}");
    List<Json.Obj> pods =
        List.of(
            labelled(pod("web-1", "it", expand(pulls())), "controller-revision-hash", "r2"),
            labelled(
                pod(
                    "web-0",
                    "it",
                    "{phase: 'Running', conditions: [{type: 'Ready', status: 'True'}]}"),
                "controller-revision-hash",
                "r1"));

    assertThat(message(Diagnosis.of(facts(set, List.of(), pods)).finding(Evidence.NONE)))
        .isEqualTo(
            "the new pods cannot pull example.org/c:1 (not found); 1 old pod keeps serving"
                + " main@77aa0b1");
  }

  @Test
  void aPodThatDoesNotEndHoldsTheOthersUp() {
    Json.Obj old = pod("web-old", "old", "{phase: 'Running'}");
    old =
        with(
            old,
            "metadata",
            "{name: 'web-old', uid: 'u', deletionTimestamp: '2026-01-01T00:30:00Z', finalizers: ['x/y'], ownerReferences: [{uid: 'old', controller: true}]}");

    Optional<Finding> finding =
        Diagnosis.of(deployment(1, List.of(replicaSet("old", 1, 0)), List.of(old)))
            .finding(Evidence.NONE);

    assertThat(message(finding))
        .startsWith("pod web-old cannot end although deleted: finalizers hold it (x/y)");
  }

  @Test
  void aDeploymentThatIsPausedSaysSo() {
    Json.Obj paused = with(workload("Deployment", 1), "spec", "{replicas: 1, paused: true}");

    assertThat(message(Diagnosis.of(facts(paused, List.of(), List.of())).finding(Evidence.NONE)))
        .isEqualTo("is paused by spec.paused, so that the change is not rolled out");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          labels                | {matchLabels: {app: 'web', tier: 'x'}}                                          | app=web,tier=x
          expressions           | {matchExpressions: [{key: 'a', operator: 'In', values: ['b', 'c']}, {key: 'd', operator: 'NotIn', values: ['e']}, {key: 'f', operator: 'Exists'}, {key: 'g', operator: 'DoesNotExist'}]} | a in (b,c),d notin (e),f,!g
          an operator of later  | {matchExpressions: [{key: 'a', operator: 'Like', values: ['b']}]}                | -
          none selects nothing  | {}                                                                              | -
          """)
  void writesSelectors(String name, String selector, String expected) {
    Optional<String> written =
        LabelSelector.of(ShortJson.object("{spec: {selector: " + selector + "}}"));

    assertThat(written.orElse("-")).isEqualTo(expected);
  }

  @Test
  void tidiesWhatOthersWrote() {
    assertThat(Tidy.line("  a\n\tb\u001b[31mred\u001b[0m\u0000\u202e c ", 80))
        .isEqualTo("a bred c");
    assertThat(Tidy.line("abcdef", 3)).isEqualTo("abc…");
    assertThat(Tidy.lastLine("one\ntwo\n\n")).contains("two");
    assertThat(Tidy.lastLine("\n")).isEmpty();
  }

  private static String message(Optional<Finding> finding) {
    return finding.orElseThrow().message(_ -> Optional.of("main@77aa0b1"));
  }

  private static String pulls() {
    return "$W(reason: 'ErrImagePull', message: 'not found')$";
  }

  private static String crashes(int code) {
    return "{$R, containerStatuses: [{name: 'c', restartCount: 3, state: {$BACK}, lastState:"
        + " {terminated: {exitCode: "
        + code
        + "}}}]}";
  }

  private static Facts deployment(int replicas, List<Json.Obj> older, List<Json.Obj> pods) {
    List<Json.Obj> replicaSets = new ArrayList<>(older);
    replicaSets.add(replicaSet("new", 2, 0));
    return facts(workload("Deployment", replicas), replicaSets, pods);
  }

  private static Facts facts(Json.Obj object, List<Json.Obj> replicaSets, List<Json.Obj> pods) {
    return new Facts(object, replicaSets, pods, false, NOW, text -> Tidy.line(text, 200));
  }

  private static Json.Obj workload(String kind, int replicas) {
    String group =
        kind.equals("Job") ? "batch/v1" : kind.equals("PersistentVolumeClaim") ? "v1" : "apps/v1";
    return ShortJson.object(
        "{apiVersion: '%s', kind: '%s', metadata: {uid: 'it', annotations:".formatted(group, kind)
            + " {'deployment.kubernetes.io/revision': '2'}}, spec: {replicas: "
            + replicas
            + ", parallelism: 1}, status: {desiredNumberScheduled: "
            + replicas
            + "}}");
  }

  private static Json.Obj replicaSet(String uid, int revision, int ready) {
    return ShortJson.object(
        ("{metadata: {uid: '%s', creationTimestamp: '2026-01-01T00:10:00Z', annotations:"
                + " {'deployment.kubernetes.io/revision': '%d'}, ownerReferences: [{uid: 'it',"
                + " controller: true}]}, status: {readyReplicas: %d}}")
            .formatted(uid, revision, ready));
  }

  private static Json.Obj pod(String name, String owner, String status) {
    return ShortJson.object(
        ("{apiVersion: 'v1', metadata: {name: '%s', uid: 'uid-%s', creationTimestamp:"
                + " '2026-01-01T00:40:00Z', ownerReferences: [{uid: '%s', controller: true}]}, spec:"
                + " %s, status: %s}")
            .formatted(name, name, owner, SPEC, status));
  }

  private static Json.Obj labelled(Json.Obj object, String label, String value) {
    Json.Obj metadata = object.object("metadata").orElseThrow();
    return object.with(
        "metadata",
        metadata.with("labels", ShortJson.object("{'" + label + "': '" + value + "'}")));
  }

  private static Json.Obj event(String reason, String message, String at) {
    return ShortJson.object(
            "{type: 'Warning', reason: '" + reason + "', lastTimestamp: '" + at + "'}")
        .with("message", Json.of(message));
  }

  private static Json.Obj with(Json.Obj object, String member, String json) {
    Json value = ShortJson.object("{x: " + json + "}").get("x").orElseThrow();
    return object.with(member, value);
  }
}
