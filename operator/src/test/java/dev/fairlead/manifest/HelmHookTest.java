package dev.fairlead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HelmHookTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "applied",
      textBlock =
          """
          an object without the annotation is applied     | ''                        | applied
          so is one with an empty one                     | helm.sh/hook=             | applied
          a test is not                                   | helm.sh/hook=test         | test
          nor by its older names                          | helm.sh/hook=test-success | test-success
          nor one that is to fail                         | helm.sh/hook=test-failure | test-failure
          what runs before a deletion is not              | helm.sh/hook=pre-delete   | pre-delete
          nor what runs after it                          | helm.sh/hook=post-delete  | post-delete
          nor what runs before or after a rollback        | 'helm.sh/hook=pre-rollback, post-rollback' | 'pre-rollback, post-rollback'
          what runs before an installation is             | helm.sh/hook=pre-install  | applied
          and after it                                    | helm.sh/hook=post-install | applied
          and before and after an upgrade                 | 'helm.sh/hook=pre-upgrade,post-upgrade' | applied
          what runs at a rollback and an upgrade is       | 'helm.sh/hook=post-rollback,post-upgrade' | applied
          a definition of an older chart is               | helm.sh/hook=crd-install  | applied
          what no Helm knows is taken for no hook         | helm.sh/hook=whenever     | applied
          another annotation of Helm's is none            | helm.sh/resource-policy=keep | applied
          """)
  void decides(String sentence, String annotation, String hooks) throws Exception {
    String annotations =
        annotation.isEmpty() ? "" : "\"%s\":\"%s\"".formatted((Object[]) annotation.split("=", 2));
    Json.Obj object =
        (Json.Obj)
            JsonReader.parse(
                "{\"metadata\":{\"name\":\"x\",\"annotations\":{%s}}}"
                    .formatted(annotations)
                    .getBytes(StandardCharsets.UTF_8));

    assertThat(HelmHook.ofOtherTimes(object).orElse(null)).isEqualTo(hooks);
  }
}
