package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GroupKindTest {
  @ParameterizedTest
  @CsvSource({
    "ConfigMap, '', ConfigMap",
    "Deployment.apps, apps, Deployment",
    "Certificate.cert-manager.io, cert-manager.io, Certificate"
  })
  void isReadAsItIsWritten(String text, String group, String kind) {
    assertThat(GroupKind.parse(text)).isEqualTo(new GroupKind(group, kind)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".apps"})
  void aKindIsNeverEmpty(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> GroupKind.parse(text));
  }

  @Test
  void theCoreGroupComesFirst() {
    assertThat(
            Stream.of("Role.rbac.authorization.k8s.io", "Secret", "Deployment.apps", "ConfigMap")
                .map(GroupKind::parse)
                .sorted()
                .map(GroupKind::toString))
        .containsExactly(
            "ConfigMap", "Secret", "Deployment.apps", "Role.rbac.authorization.k8s.io");
  }
}
