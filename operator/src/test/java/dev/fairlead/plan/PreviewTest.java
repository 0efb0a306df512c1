package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.model.PlannedObject.Action;
import dev.fairlead.model.PlannedObject.Field;
import dev.fairlead.model.SyncStatus.PlanSummary;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PreviewTest {
  private static final Origin WEB = new Origin("deploy/web.yaml", 0, 12);

  private static PlannedObject object(
      String name, Action action, boolean drifted, String note, Field... fields) {
    boolean inGit = action != Action.PRUNE && action != Action.RELEASE;
    return new PlannedObject(
        new ObjectKey("apps", "Deployment", "portfolio", name),
        inGit ? Optional.of(WEB) : Optional.empty(),
        action,
        drifted,
        true,
        note,
        List.of(fields),
        0);
  }

  private static Field image(String... holders) {
    return new Field(
        "spec.template.spec.containers[name=\"web\"].image",
        WEB.atLine(21),
        Optional.of("\"a\""),
        Optional.of("\"b\""),
        List.of(holders));
  }

  @Test
  void each_object_counts_once_and_what_cannot_be_had_back_comes_first() {
    Preview preview =
        new Preview(
            List.of(
                object("new", Action.CREATE, false, ""),
                object("web", Action.UPDATE, false, "", image(), image()),
                object("hand", Action.UPDATE, true, "", image("kubectl-edit")),
                object("lost", Action.CREATE, true, ""),
                object("job", Action.REPLACE, false, "spec.template cannot be changed in place"),
                object("same", Action.UNCHANGED, false, ""),
                object("left", Action.LEAVE_ALONE, false, ""),
                object("bad", Action.REFUSED, false, ""),
                object("old", Action.PRUNE, false, ""),
                object("kept", Action.RELEASE, false, "spec.prune is false")));
    assertThat(preview.summary())
        .isEqualTo(
            new PlanSummary(
                1,
                3,
                1,
                2,
                List.of(
                    "prune Deployment portfolio/old",
                    "deploy/web.yaml:12: replace Deployment portfolio/job: spec.template cannot be changed in place",
                    "deploy/web.yaml:21: Deployment portfolio/web:"
                        + " spec.template.spec.containers[web].image: \"a\" -> \"b\" (and 1 more)",
                    "deploy/web.yaml:21: Deployment portfolio/hand: drifted:"
                        + " spec.template.spec.containers[web].image: \"a\" -> \"b\" (by kubectl-edit)",
                    "release Deployment portfolio/kept: spec.prune is false",
                    "deploy/web.yaml:12: create Deployment portfolio/new",
                    "deploy/web.yaml:12: Deployment portfolio/lost: was deleted")));
    assertThat(preview.isEmpty()).isFalse();
  }

  @Test
  void what_is_unchanged_left_alone_or_refused_is_no_change() {
    assertThat(
            new Preview(
                    List.of(
                        object("same", Action.UNCHANGED, false, ""),
                        object("left", Action.LEAVE_ALONE, false, ""),
                        object("bad", Action.REFUSED, false, "")))
                .isEmpty())
        .isTrue();
  }

  @Test
  void lines_and_fields_are_bounded() {
    List<PlannedObject> many =
        IntStream.range(0, 200)
            .mapToObj(i ->
                object(
                    "x".repeat(400) + i,
                    Action.UPDATE,
                    false,
                    "",
                    IntStream.range(0, 100).mapToObj(f -> image()).toArray(Field[]::new)))
            .toList();
    Preview preview = new Preview(many);
    assertThat(preview.summary().first()).hasSize(10);
    assertThat(preview.summary().first().getFirst()).hasSize(Preview.MAX_LINE);
    assertThat(preview.objects().stream().mapToInt(o -> o.fields().size()).sum())
        .isEqualTo(Preview.MAX_FIELDS);
    assertThat(preview.objects().getLast().more()).isEqualTo(100);
    assertThat(preview.summary().update()).isEqualTo(200);
  }
}
