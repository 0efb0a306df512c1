package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.KubectlTable.Expected;
import dev.fairlead.manifest.KubectlTable.Row;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("YAML is read as kubectl reads it")
final class YamlReaderTest {
  static Stream<Row> rows() {
    return KubectlTable.ROWS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void theTableOfKubectlHolds(Row row) throws IOException {
    Documents documents = read(row.file());

    switch (row.expected()) {
      case Expected.Read read -> {
        assertThat(documents.findings()).isEmpty();
        Json.Obj body = (Json.Obj) documents.documents().getFirst().value();
        Json expected = JsonReader.parse(read.json().getBytes(UTF_8));
        assertThat(body.get("spec").orElseThrow().toJson()).isEqualTo(expected.toJson());
      }
      case Expected.Refused refused -> assertRefused(documents, refused.message());
      case Expected.RefusedByUs refused -> assertRefused(documents, refused.message());
    }
  }

  private static void assertRefused(Documents documents, String message) {
    assertThat(documents.documents()).isEmpty();
    assertThat(documents.findings())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.message()).containsPattern(message);
          assertThat(finding.message()).doesNotContain("yaml.", "Exception", "snake", "tools.");
          assertThat(finding.origin().line()).isGreaterThanOrEqualTo(5);
        });
  }

  @Test
  void everyValueKnowsTheLineOfItsKey() {
    Json.Obj body =
        only(
            """
            # a comment
            a:
              b: 1
              c:
                - x
                - k: 2
            'd': &d {e: 1}
            f: *d
            """);

    Json.Obj a = body.object("a").orElseThrow();
    List<Json> items = a.items("c");
    assertThat(places(body, a, member(a, "b"), member(a, "c")))
        .containsExactly("2:1", "2:1", "3:3", "4:3");
    assertThat(places(items.get(0), items.get(1), member((Json.Obj) items.get(1), "k")))
        .containsExactly("5:7", "6:7", "6:7");
    assertThat(places(member(body, "d"), member(body, "f"))).containsExactly("7:1", "8:1");
    assertThat(member(body.object("f").orElseThrow(), "e")).extracting(Json::line).isEqualTo(7);
  }

  @Test
  void linesGoOnThroughTheDocumentsOfAFile() {
    Documents documents = read("# only a comment\n---\na: 1\n--- # second\n---\r\nb: 2\r\nc: 3\n");

    assertThat(documents.documents())
        .extracting(d -> d.index() + ":" + d.value().line())
        .containsExactly("0:3", "1:5", "2:6");
    Json.Obj last = (Json.Obj) documents.documents().getLast().value();
    assertThat(member(last, "c")).extracting(Json::line).isEqualTo(7);
  }

  @Test
  void oneBrokenDocumentLeavesTheOthersReadable() {
    Documents documents = read("a: 1\n---\nb: [\n---\nc: 1\nc: 2\nd: .inf\n---\ne: 1\n");

    assertThat(documents.documents()).extracting(Documents.Document::index).containsExactly(0, 3);
    assertThat(documents.findings())
        .extracting(Finding::toString)
        .satisfiesExactly(
            first -> assertThat(first).startsWith("f.yaml:3: invalid YAML: "),
            second -> assertThat(second).isEqualTo("f.yaml:6: key \"c\" is already set in line 5"),
            third -> assertThat(third).startsWith("f.yaml:7: infinity"));
  }

  @Test
  void textAfterTheEndOfADocumentIsRefused() {
    assertThat(read("a: 1\n...\nb: 2\n").findings())
        .extracting(Finding::toString)
        .containsExactly(
            "f.yaml:3: invalid YAML: text after the end of a document; put --- between two");
    assertThat(read("a: 1\n---x\nb: 2\n").findings())
        .extracting(Finding::toString)
        .containsExactly(
            "f.yaml:2: invalid YAML: a line that begins with --- separates documents and must hold"
                + " nothing else");
  }

  private static Json member(Json.Obj object, String name) {
    return object.get(name).orElseThrow();
  }

  private static List<String> places(Json... values) {
    return Stream.of(values).map(v -> v.line() + ":" + v.column()).toList();
  }

  private static Json.Obj only(String yaml) {
    Documents documents = read(yaml);
    assertThat(documents.findings()).isEmpty();
    return (Json.Obj) documents.documents().getFirst().value();
  }

  private static Documents read(String yaml) {
    return YamlReader.read("f.yaml", yaml.getBytes(UTF_8), Limits.DEFAULT);
  }
}
