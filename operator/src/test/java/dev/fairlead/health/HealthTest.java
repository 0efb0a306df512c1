package dev.fairlead.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

  /** What of a Deployment says that two of two replicas are there. */
  private static final String TWO =
      "replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2";

  private static final String DONE =
      "conditions: [{type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable'},"
          + " {type: 'Available', status: 'True'}]";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          without status none is created        | {}                                                          | PROGRESSING | LessReplicas  | 0 of 2 replicas are created
          fewer are updated than wanted         | {replicas: 2, updatedReplicas: 1}                           | PROGRESSING | LessUpdated   | 1 of 2 replicas are updated
          old ones are still there              | {replicas: 3, updatedReplicas: 2}                           | PROGRESSING | ExtraPods     | 1 old replica is still there
          updated ones are not available        | {replicas: 2, updatedReplicas: 2, availableReplicas: 1}     | PROGRESSING | LessAvailable | 1 of 2 replicas are available
          fewer are ready than wanted           | {replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 1} | PROGRESSING | LessReady | 1 of 2 replicas are ready
          no condition says that it progressed  | {$TWO}                                                      | PROGRESSING | ReplicaSetNotAvailable | waits for its new ReplicaSet to become available
          it is not Available                   | {$TWO, conditions: [{type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable'}]} | PROGRESSING | DeploymentNotAvailable | is not available yet
          all is there                          | {$TWO, $DONE}                                               | HEALTHY     | ""            | all 2 replicas are available
          a newer generation was not observed   | {$TWO, $DONE, observedGeneration: 6}                        | PROGRESSING | LatestGenerationNotObserved | its controller has not yet seen the latest change
          its deadline is exceeded              | {$TWO, conditions: [{type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'ReplicaSet has timed out'}]} | FAILED | ProgressDeadlineExceeded | ReplicaSet has timed out
          a quota keeps Pods from being created | {conditions: [{type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota'}]} | PROGRESSING | FailedCreate | "0 of 2 replicas are created: exceeded quota"
          """)
  void judgesDeployments(
      String name, String status, Health.State state, String reason, String message) {
    String whole = status.replace("$TWO", TWO).replace("$DONE", DONE);

    Health health =
        judge(
            "{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {generation: 7},"
                + " spec: {replicas: 2, progressDeadlineSeconds: 600}, status: "
                + whole
                + "}");

    assertThat(health).isEqualTo(new Health(state, reason, message));
  }

  @Test
  void aDeploymentWithoutDeadlineNeedsNoProgressingCondition() {
    Health health =
        judge(
            "{apiVersion: 'apps/v1', kind: 'Deployment', spec: {replicas: 0},"
                + " status: {conditions: [{type: 'Available', status: 'True'}]}}");

    assertThat(health.state()).isEqualTo(Health.State.HEALTHY);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          a Pod without phase is not observed      | {} | PROGRESSING | PodNotObserved
          a Pod that waits for its image is pending | {phase: 'Pending', containerStatuses: [{name: 'c', state: {waiting: {reason: 'ContainerCreating'}}}]} | PROGRESSING | PodPending
          a Pod whose image cannot be pulled says so | {phase: 'Pending', containerStatuses: [{name: 'c', state: {waiting: {reason: 'ImagePullBackOff', message: 'Back-off pulling image'}}}]} | PROGRESSING | ImagePullBackOff
          a Pod whose init container crashes says so | {phase: 'Pending', initContainerStatuses: [{name: 'i', state: {waiting: {reason: 'CrashLoopBackOff'}}}], containerStatuses: [{name: 'c', state: {waiting: {reason: 'PodInitializing'}}}]} | PROGRESSING | CrashLoopBackOff
          a Pod without its Secret says so         | {phase: 'Pending', containerStatuses: [{name: 'c', state: {waiting: {reason: 'CreateContainerConfigError', message: 'secret "s" not found'}}}]} | PROGRESSING | CreateContainerConfigError
          a Pod that has not long been unschedulable progresses | {phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False', reason: 'Unschedulable'}]} | PROGRESSING | Unschedulable
          a Pod that runs is not yet ready         | {phase: 'Running', conditions: [{type: 'Ready', status: 'False'}]} | PROGRESSING | PodRunningNotReady
          a Pod that is ready is healthy           | {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}]} | HEALTHY | ""
          a ready Pod is healthy though a sidecar crashes | {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}], containerStatuses: [{name: 'c', state: {waiting: {reason: 'CrashLoopBackOff'}}}]} | HEALTHY | ""
          a Pod whose container crashes has failed | {phase: 'Running', containerStatuses: [{name: 'a', state: {running: {}}}, {name: 'c', state: {waiting: {reason: 'CrashLoopBackOff'}}}]} | FAILED | CrashLoopBackOff
          a Pod that succeeded is healthy          | {phase: 'Succeeded'} | HEALTHY | ""
          a Pod that ended badly is what kstatus calls current | {phase: 'Failed'} | HEALTHY | ""
          a Pod of an unknown phase is unknown     | {phase: 'Unknown'} | UNKNOWN | UnknownPhase
          """)
  void judgesPods(String name, String status, Health.State state, String reason) {
    Health health =
        judge(
            "{apiVersion: 'v1', kind: 'Pod', metadata: {creationTimestamp: '2026-01-01T00:00:50Z'},"
                + " status: "
                + status
                + "}");

    assertThat(health.state()).isEqualTo(state);
    assertThat(health.reason()).isEqualTo(reason);
  }

  @Test
  void aPodThatIsUnschedulableForLongHasFailedWithTheSchedulersWords() {
    Health health =
        judge(
            "{apiVersion: 'v1', kind: 'Pod', metadata: {creationTimestamp: '2026-01-01T00:00:45Z'},"
                + " status: {phase: 'Pending', conditions: [{type: 'PodScheduled', status: 'False',"
                + " reason: 'Unschedulable', message: '0/3 nodes are available'}]}}");

    assertThat(health)
        .isEqualTo(new Health(Health.State.FAILED, "Unschedulable", "0/3 nodes are available"));
  }

  @Test
  void aCrashLoopNamesItsContainer() {
    Health health =
        judge(
            "{apiVersion: 'v1', kind: 'Pod', status: {phase: 'Running', containerStatuses: [{name:"
                + " 'web', state: {waiting: {reason: 'CrashLoopBackOff', message: 'back-off 5m0s"
                + " restarting failed container'}}}]}}");

    assertThat(health.message())
        .isEqualTo("container web: back-off 5m0s restarting failed container");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          a ReplicaSet whose Pods are refused      | {apiVersion: 'apps/v1', kind: 'ReplicaSet', status: {conditions: [{type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'm'}]}} | PROGRESSING | FailedCreate
          a ReplicaSet without replicas            | {apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: {replicas: 0}}   | HEALTHY | ""
          a ReplicaSet with too few labelled       | {apiVersion: 'apps/v1', kind: 'ReplicaSet', status: {replicas: 1}} | PROGRESSING | LessLabelled
          a StatefulSet that is updated by hand    | {apiVersion: 'apps/v1', kind: 'StatefulSet', spec: {updateStrategy: {type: 'OnDelete'}}} | HEALTHY | ""
          a StatefulSet with too few               | {apiVersion: 'apps/v1', kind: 'StatefulSet', spec: {replicas: 3}, status: {replicas: 2}} | PROGRESSING | LessReplicas
          a StatefulSet in a partitioned rollout   | {apiVersion: 'apps/v1', kind: 'StatefulSet', spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 1}}}, status: {replicas: 3, readyReplicas: 3, updatedReplicas: 1}} | PROGRESSING | PartitionRollout
          a StatefulSet whose partition is done    | {apiVersion: 'apps/v1', kind: 'StatefulSet', spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 1}}}, status: {replicas: 3, readyReplicas: 3, updatedReplicas: 2}} | HEALTHY | ""
          a StatefulSet between two revisions      | {apiVersion: 'apps/v1', kind: 'StatefulSet', status: {replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: 'a', updateRevision: 'b'}} | PROGRESSING | RevisionMismatch
          a DaemonSet that nobody has observed     | {apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: {generation: 1}} | PROGRESSING | NoObservedGeneration
          a DaemonSet on no node                   | {apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 0}} | HEALTHY | ""
          a DaemonSet on too few nodes             | {apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 1}} | PROGRESSING | LessUpdated
          a Job that has not started               | {apiVersion: 'batch/v1', kind: 'Job'} | PROGRESSING | JobNotStarted
          a Job that runs                          | {apiVersion: 'batch/v1', kind: 'Job', status: {startTime: 't', active: 1}} | HEALTHY | ""
          a Job that failed                        | {apiVersion: 'batch/v1', kind: 'Job', status: {startTime: 't', conditions: [{type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'm'}]}} | FAILED | BackoffLimitExceeded
          a Job that completed                     | {apiVersion: 'batch/v1', kind: 'Job', status: {conditions: [{type: 'Complete', status: 'True'}]}} | HEALTHY | ""
          a CronJob                                | {apiVersion: 'batch/v1', kind: 'CronJob'} | HEALTHY | ""
          a claim that is bound                    | {apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: {phase: 'Bound'}} | HEALTHY | ""
          a claim that is lost                     | {apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: {phase: 'Lost'}} | PROGRESSING | NotBound
          a Service                                | {apiVersion: 'v1', kind: 'Service', spec: {clusterIP: 'None'}} | HEALTHY | ""
          a Service that waits for its cluster IP  | {apiVersion: 'v1', kind: 'Service', spec: {type: 'LoadBalancer'}} | PROGRESSING | NoIPAssigned
          a Service whose balancer has no address, as kstatus has it | {apiVersion: 'v1', kind: 'Service', spec: {type: 'LoadBalancer', clusterIP: '10.0.0.1'}, status: {loadBalancer: {}}} | HEALTHY | ""
          an Ingress without address, as kstatus has it | {apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', status: {loadBalancer: {}}} | HEALTHY | ""
          a PodDisruptionBudget that was not observed | {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: {generation: 2}, status: {observedGeneration: 1}} | PROGRESSING | LatestGenerationNotObserved
          a PodDisruptionBudget that was observed  | {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: {generation: 2}, status: {observedGeneration: 2}} | HEALTHY | ""
          an autoscaler that cannot read metrics, as kstatus has it | {apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', status: {conditions: [{type: 'ScalingActive', status: 'False'}]}} | HEALTHY | ""
          an APIService that is not available, as kstatus has it | {apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', status: {conditions: [{type: 'Available', status: 'False'}]}} | HEALTHY | ""
          a Namespace that is going                | {apiVersion: 'v1', kind: 'Namespace', metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}, status: {phase: 'Terminating'}} | TERMINATING | ""
          a definition that is being installed     | {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', status: {conditions: [{type: 'Established', status: 'False', reason: 'Installing'}]}} | PROGRESSING | Installing
          a definition that is established         | {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', status: {conditions: [{type: 'NamesAccepted', status: 'True'}, {type: 'Established', status: 'True'}]}} | HEALTHY | ""
          a definition whose names are taken       | {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', status: {conditions: [{type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict', message: 'm'}]}} | FAILED | ListKindConflict
          a custom resource that says nothing      | {apiVersion: 'example.org/v1', kind: 'Thing'} | HEALTHY | ""
          a custom resource that is ready          | {apiVersion: 'example.org/v1', kind: 'Thing', status: {conditions: [{type: 'Ready', status: 'True'}]}} | HEALTHY | ""
          a custom resource that is not ready      | {apiVersion: 'example.org/v1', kind: 'Thing', status: {conditions: [{type: 'Ready', status: 'False', reason: 'DoesNotExist', message: 'm'}]}} | PROGRESSING | DoesNotExist
          a GitSync that was not looked at yet     | {apiVersion: 'fairlead.dev/v1alpha1', kind: 'GitSync', spec: {url: 'x'}} | PROGRESSING | NotSeen
          a suspended one may never be             | {apiVersion: 'fairlead.dev/v1alpha1', kind: 'GitSync', spec: {suspend: true}} | HEALTHY | ""
          a GitSync that is not ready              | {apiVersion: 'fairlead.dev/v1alpha1', kind: 'GitSync', status: {conditions: [{type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'm'}]}} | PROGRESSING | BuildFailed
          a GitSync that is ready                  | {apiVersion: 'fairlead.dev/v1alpha1', kind: 'GitSync', status: {conditions: [{type: 'Ready', status: 'True'}]}} | HEALTHY | ""
          a custom resource of unknown readiness   | {apiVersion: 'example.org/v1', kind: 'Thing', status: {conditions: [{type: 'Ready', status: 'Unknown'}]}} | PROGRESSING | NotReady
          Reconciling wins over Ready              | {apiVersion: 'example.org/v1', kind: 'Thing', status: {conditions: [{type: 'Ready', status: 'True'}, {type: 'Reconciling', status: 'True', reason: 'Busy'}]}} | PROGRESSING | Busy
          Stalled is failed                        | {apiVersion: 'example.org/v1', kind: 'Thing', status: {conditions: [{type: 'Stalled', status: 'True', reason: 'Stuck', message: 'm'}]}} | FAILED | Stuck
          Stalled wins over a kind's own rule      | {apiVersion: 'batch/v1', kind: 'CronJob', status: {conditions: [{type: 'Stalled', status: 'True', reason: 'Stuck', message: 'm'}]}} | FAILED | Stuck
          an unobserved generation wins over Ready | {apiVersion: 'example.org/v1', kind: 'Thing', metadata: {generation: 2}, status: {observedGeneration: 1, conditions: [{type: 'Ready', status: 'True'}]}} | PROGRESSING | LatestGenerationNotObserved
          deletion wins over everything            | {apiVersion: 'example.org/v1', kind: 'Thing', metadata: {generation: 'x', deletionTimestamp: '2026-01-01T00:00:00Z'}, status: 5} | TERMINATING | ""
          a status that is no object               | {apiVersion: 'example.org/v1', kind: 'Thing', status: 'fine'} | UNKNOWN | Misshapen
          conditions that are no list              | {apiVersion: 'example.org/v1', kind: 'Thing', status: {conditions: {Ready: true}}} | UNKNOWN | Misshapen
          a generation that is no number           | {apiVersion: 'example.org/v1', kind: 'Thing', metadata: {generation: '1'}} | UNKNOWN | Misshapen
          another kind of a known name is custom   | {apiVersion: 'example.org/v1', kind: 'Deployment'} | HEALTHY | ""
          metadata alone                           | {apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: {generation: 3}} | HEALTHY | ""
          an object without anything               | {} | HEALTHY | ""
          """)
  void judgesOtherKinds(String name, String object, Health.State state, String reason) {
    Health health = judge(object);

    assertThat(health.state()).isEqualTo(state);
    assertThat(health.reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ConfigMap",
        "Secret",
        "ServiceAccount",
        "Role.rbac.authorization.k8s.io",
        "ClusterRoleBinding.rbac.authorization.k8s.io",
        "NetworkPolicy.networking.k8s.io",
        "PriorityClass.scheduling.k8s.io",
        "StorageClass.storage.k8s.io",
        "Ingress.networking.k8s.io",
        "CronJob.batch"
      })
  void metadataTellsAllOfAKindWithoutMeaningfulStatus(String kind) {
    assertThat(HealthRules.needsStatus(GroupKind.parse(kind))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Pod",
        "Service",
        "PersistentVolumeClaim",
        "Namespace",
        "Deployment.apps",
        "Job.batch",
        "PodDisruptionBudget.policy",
        "HorizontalPodAutoscaler.autoscaling",
        "CustomResourceDefinition.apiextensions.k8s.io",
        "APIService.apiregistration.k8s.io",
        "ConfigMap.example.org",
        "Certificate.cert-manager.io"
      })
  void theWholeObjectIsNeededForAKindThatTellsHowItIs(String kind) {
    assertThat(HealthRules.needsStatus(GroupKind.parse(kind))).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          a Job that completed is finished       | Job | {conditions: [{type: 'SuccessCriteriaMet', status: 'True'}, {type: 'Complete', status: 'True'}]} | COMPLETE
          a Job that failed is finished          | Job | {conditions: [{type: 'FailureTarget', status: 'True'}, {type: 'Failed', status: 'True'}]} | FAILED
          a Job about to fail is not             | Job | {conditions: [{type: 'FailureTarget', status: 'True'}]} | ""
          a Job whose condition is false is not  | Job | {conditions: [{type: 'Complete', status: 'False'}]} | ""
          a Job that runs is not                 | Job | {active: 1} | ""
          another kind never is                  | CronJob | {conditions: [{type: 'Complete', status: 'True'}]} | ""
          """)
  void tellsHowAJobEnded(String name, String kind, String status, String expected) {
    assertThat(
            HealthRules.finished(
                    ShortJson.object(
                        "{apiVersion: 'batch/v1', kind: '" + kind + "', status: " + status + "}"))
                .map(Enum::name)
                .orElse(""))
        .isEqualTo(expected);
  }

  private static Health judge(String object) {
    return Health.of(ShortJson.object(object), NOW);
  }
}
