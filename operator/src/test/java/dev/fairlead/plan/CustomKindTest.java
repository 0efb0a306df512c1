package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.SyncClient;
import dev.fairlead.model.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CustomKindTest {
  private static Json.Obj definition(String scope, String versions, String conditions) {
    return SyncClient.parse(
        """
        {"spec": {"group": "example.org", "scope": "%s", "names": {"plural": "things", "kind": "Thing"},
          "versions": [%s]}, "status": {"conditions": [%s]}}
        """
            .formatted(scope, versions, conditions));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "one | '{\"name\":\"v1\",\"served\":true}' | things.v1.example.org",
        "the second | '{\"name\":\"v1\",\"served\":false},{\"name\":\"v2\",\"served\":true}' | things.v2.example.org",
        "two | '{\"name\":\"v1\",\"served\":true},{\"name\":\"v2\",\"served\":true}' | 'things.v1.example.org, things.v2.example.org'",
        "none | '{\"name\":\"v1\",\"served\":false}' | ''",
        "nothing said | '{\"name\":\"v1\"}' | ''",
      })
  void the_versions_that_are_served(String name, String versions, String served) {
    assertThat(CustomKind.served(definition("Cluster", versions, "")))
        .extracting(Object::toString)
        .containsExactly(served.isEmpty() ? new String[0] : served.split(", "));
  }

  @ParameterizedTest
  @CsvSource({"Namespaced, true", "Cluster, false"})
  void its_scope(String scope, boolean namespaced) {
    assertThat(
            CustomKind.served(definition(scope, "{\"name\":\"v1\",\"served\":true}", ""))
                .getFirst()
                .namespaced())
        .isEqualTo(namespaced);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'' | false",
        "'{\"type\":\"Established\",\"status\":\"True\"}' | true",
        "'{\"type\":\"Established\",\"status\":\"False\"}' | false",
        "'{\"type\":\"NamesAccepted\",\"status\":\"True\"}' | false",
        "'{\"type\":\"NamesAccepted\",\"status\":\"True\"},{\"type\":\"Established\",\"status\":\"True\"}' | true",
      })
  void whether_it_is_established(String conditions, boolean established) {
    assertThat(CustomKind.isEstablished(definition("Cluster", "", conditions)))
        .isEqualTo(established);
  }
}
