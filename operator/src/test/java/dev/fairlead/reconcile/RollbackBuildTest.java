package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objects are words: {@code Service/web=1} is the Service web with the content 1. */
class RollbackBuildTest {
  private static final String CRD = "CustomResourceDefinition.apiextensions.k8s.io";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          what the failed commit changed is as before         | Service/a=1           | Service/a=2           | -          | Service/a=1           | -
          what it removed is wanted again                     | Service/a=1 Pod/b=1   | Service/a=1           | -          | Service/a=1 Pod/b=1   | -
          what it added goes                                  | Service/a=1           | Service/a=1 Pod/b=1   | -          | Service/a=1           | Pod/b
          but not a Namespace                                 | Service/a=1           | Service/a=1 Namespace/b=1 | -      | Service/a=1 Namespace/b=1 | -
          nor a claim                                         | Service/a=1           | PersistentVolumeClaim/b=1 | -      | Service/a=1 PersistentVolumeClaim/b=1 | -
          nor a volume                                        | Service/a=1           | PersistentVolume/b=1  | -          | Service/a=1 PersistentVolume/b=1 | -
          a claim stays as it was changed                     | PersistentVolumeClaim/b=1 | PersistentVolumeClaim/b=2 | -  | PersistentVolumeClaim/b=2 | -
          unless it was not written yet                       | PersistentVolumeClaim/b=1 | PersistentVolumeClaim/b=2 | unwritten | PersistentVolumeClaim/b=1 | -
          nor is a new one that was not written yet           | Service/a=1           | Service/a=1 Namespace/b=1 | unwritten | Service/a=1       | -
          a claim that it removed is still wanted             | PersistentVolumeClaim/b=1 | Service/a=1       | -          | PersistentVolumeClaim/b=1 | Service/a
          what it let go of and another has is another's      | Service/a=1 Pod/b=1   | Service/a=1           | others     | Service/a=1           | -
          what it did not let go of is the sync's             | Service/a=1           | Service/a=2           | others     | Service/a=1           | -
          """)
  void wants(
      String sentence, String good, String failed, String how, String desired, String added) {
    RollbackBuild build =
        RollbackBuild.of(
            build("a", good),
            build("b", failed),
            object -> !"unwritten".equals(how),
            key -> "others".equals(how));

    assertThat(build.build().desired()).containsExactlyElementsOf(objects(desired));
    assertThat(build.added()).isEqualTo(keys(added));
  }

  @Test
  void aDefinitionStaysAsItWasLeftAndSaysSo() {
    RollbackBuild build =
        RollbackBuild.of(
            build("a", CRD + "/things=1 Pod/x=1"),
            build("b", CRD + "/things=2 " + CRD + "/others=1"),
            object -> true,
            key -> key.kind().equals("Pod"));

    assertThat(build.build().desired())
        .containsExactlyElementsOf(objects(CRD + "/things=2 " + CRD + "/others=1"));
    assertThat(build.kept()).isEqualTo(keys(CRD + "/others"));
    assertThat(build.notes())
        .extracting(Warning::toString)
        .containsExactly(
            "deploy/things.yaml:3: CustomResourceDefinition apps/things: stays as bbbbbbb left it,"
                + " and is not rolled back",
            "deploy/x.yaml:3: Pod apps/x: is another GitSync's since bbbbbbb, and stays so",
            "deploy/others.yaml:3: CustomResourceDefinition apps/others: stays although bbbbbbb is"
                + " rolled back");
  }

  @Test
  void noCommitOfTheSameTreeIsTakenForIt() {
    RollbackBuild build =
        RollbackBuild.of(build("a", "Pod/a=1"), build("b", "Pod/a=2"), o -> true, k -> false);

    assertThat(build.build().tree()).isEmpty();
    assertThat(build.build().target().commit()).startsWith("a");
  }

  private static List<DesiredObject> objects(String words) {
    return Arrays.stream(words.split(" ", -1))
        .map(w -> w.split("[/=]", -1))
        .map(w -> desired(w[0], w[1], w[2]))
        .toList();
  }

  private static Set<ObjectKey> keys(String words) {
    return words == null
        ? Set.of()
        : Arrays.stream(words.split(" ", -1))
            .map(w -> w.split("/", -1))
            .map(w -> Examples.key(w[0], w[1]))
            .collect(Collectors.toSet());
  }

  private static Build build(String letter, String words) {
    return new Build(
        new Target(letter.repeat(40), 1),
        "tree",
        "print",
        objects(words),
        Map.of(),
        Set.of(),
        List.of(),
        Map.of());
  }
}
