package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {
  /**
   * KEP-3659: {@code applyset-<base64(sha256(name.namespace.kind.group))>-v1}, in the alphabet for
   * urls and without padding. The values come from {@code printf
   * name.namespace.GitSync.fairlead.dev | sha256sum | cut -d' ' -f1 | xxd -r -p | base64 | tr '+/'
   * '-_' | tr -d '='}.
   */
  @ParameterizedTest
  @CsvSource({
    "fairlead-system, portfolio, applyset-XhU6kt4kiHWlyEXNm1hbBcyPqSu4yb4mQ9bFhEMPN8o-v1",
    "b, a10, applyset-_r-fIzVEBiefb0RgREMFTV3NkyfMk_Err5h4lCu5YAA-v1"
  })
  void theIdOfAnApplySetIsThatOfTheStandard(String namespace, String name, String id) {
    assertThat(Labels.applySetId(new SyncKey(namespace, name))).isEqualTo(id);
    assertThat(id).as("a label's value").hasSizeLessThanOrEqualTo(63);
  }
}
