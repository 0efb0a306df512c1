package dev.fairlead.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
  private static final Json.Obj WEB =
      object(
          "name", Json.of("web"),
          "replicas", Json.of(3),
          "paused", Json.of(false),
          "nothing", Json.Null.NULL,
          "ports", Json.of(List.of(Json.of(80), Json.of(443))),
          "labels", object("app", Json.of("web")));

  @Test
  void membersAreWrittenInTheirOrderAndNothingIsLeftOut() {
    Json.Obj empties = WEB.with("map", Json.Obj.empty()).with("list", Json.of(List.of()));

    assertThat(empties.toJson())
        .isEqualTo(
            """
            {"name":"web","replicas":3,"paused":false,"nothing":null,"ports":[80,443],\
            "labels":{"app":"web"},"map":{},"list":[]}\
            """);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a plain text stays as it is             | web         | "web"
          a quotation mark is escaped             | a"b         | "a\\"b"
          a backslash is escaped                  | a\\b        | "a\\\\b"
          ends of lines and tabs have short forms | <A><D><9>   | "\\n\\r\\t"
          other control characters are numbered   | <0>x<1f>    | "\\u0000x\\u001f"
          what is beyond ASCII stays as it is     | é<1F600>    | "é<1F600>"
          an empty text is two quotation marks    | ~~          | ""
          """)
  void textsAreQuoted(String sentence, String text, String written) {
    assertThat(Json.of(characters(text)).toJson()).isEqualTo(characters(written));
  }

  @Test
  void bytesAreUtf8() {
    assertThat(Json.of("é").toBytes()).isEqualTo("\"é\"".getBytes(UTF_8));
  }

  @Test
  void aNumberIsWrittenAsItWasRead() {
    assertThat(new Json.Num("1e+21", 0, 0).toJson()).isEqualTo("1e+21");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({
    "0, 0",
    "-7, -7",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, ",
    "1.5, ",
    "1e3, "
  })
  void aNumberIsWholeOnlyWhenItIsWrittenSoAndFits(String literal, Long whole) {
    assertThat(object("n", new Json.Num(literal, 0, 0)).integer("n").orElse(null)).isEqualTo(whole);
  }

  @Test
  void aMemberIsFoundByItsType() {
    assertThat(WEB.string("name")).contains("web");
    assertThat(WEB.integer("replicas")).contains(3L);
    assertThat(WEB.bool("paused")).contains(false);
    assertThat(WEB.object("labels").flatMap(l -> l.string("app"))).contains("web");
    assertThat(WEB.items("ports")).containsExactly(Json.of(80), Json.of(443));
    assertThat(WEB.get("nothing")).contains(Json.Null.NULL);
  }

  @Test
  void aMemberOfAnotherTypeOrNoneIsNotFound() {
    assertThat(WEB.string("replicas")).isEmpty();
    assertThat(WEB.integer("name")).isEmpty();
    assertThat(WEB.bool("name")).isEmpty();
    assertThat(WEB.object("ports")).isEmpty();
    assertThat(WEB.items("labels")).isEmpty();
    assertThat(WEB.get("missing")).isEmpty();
    assertThat(WEB.string("nothing")).isEmpty();
  }

  @Test
  void aMemberIsReplacedInItsPlaceAndAddedAtTheEnd() {
    Json.Obj changed = WEB.with("name", Json.of("api")).with("new", Json.of(true)).without("ports");

    assertThat(changed.members().keySet())
        .containsExactly("name", "replicas", "paused", "nothing", "labels", "new");
    assertThat(changed.string("name")).contains("api");
    assertThat(WEB.string("name")).contains("web");
    assertThat(WEB.without("missing")).isSameAs(WEB);
  }

  @Test
  void placesDoNotCountInComparisonsAndSurviveChanges() {
    Json.Obj placed = WEB.at(12, 3);

    assertThat(placed).isEqualTo(WEB).hasSameHashCodeAs(WEB);
    assertThat(placed.with("a", Json.of(1)).line()).isEqualTo(12);
    assertThat(placed.without("name").column()).isEqualTo(3);
    assertThat(Json.of("a").at(1, 2)).isEqualTo(Json.of("a")).hasSameHashCodeAs(Json.of("a"));
    assertThat(Json.of(1).at(1, 2)).isEqualTo(Json.of(1)).hasSameHashCodeAs(Json.of(1));
    assertThat(Json.of(true).at(1, 2)).isEqualTo(Json.of(true)).hasSameHashCodeAs(Json.of(true));
    assertThat(Json.Null.NULL.at(1, 2)).isEqualTo(Json.Null.NULL);
    assertThat(Json.of(List.of()).at(1, 2)).isEqualTo(Json.of(List.of()));
  }

  @Test
  void theOrderOfMembersDoesNotCountButThatOfItemsDoes() {
    assertThat(object("a", Json.of(1), "b", Json.of(2)))
        .isEqualTo(object("b", Json.of(2), "a", Json.of(1)));
    assertThat(Json.of(List.of(Json.of(1), Json.of(2))))
        .isNotEqualTo(Json.of(List.of(Json.of(2), Json.of(1))));
  }

  @Test
  void aTextIsNeverANumber() {
    assertThat(Json.of("1")).isNotEqualTo(Json.of(1));
    assertThat(Json.of("true")).isNotEqualTo(Json.of(true));
  }

  @Test
  void whoeverMadeItCannotChangeItLater() {
    Map<String, Json> members = new LinkedHashMap<>(Map.of("a", Json.of(1)));
    List<Json> items = new ArrayList<>(List.of(Json.of(1)));
    Json.Obj object = Json.of(members);
    Json.Arr list = Json.of(items);
    members.clear();
    items.clear();

    assertThat(object.toJson()).isEqualTo("{\"a\":1}");
    assertThat(list.toJson()).isEqualTo("[1]");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> object.members().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> list.items().clear());
  }

  @ParameterizedTest
  @MethodSource
  void whatALogWouldShowOfAValueDoesNotHoldTheValue(Json value) {
    assertThat(value.toString()).doesNotContain("hunter2", "271828", "true");
  }

  static List<Json> whatALogWouldShowOfAValueDoesNotHoldTheValue() {
    return List.of(
        Json.of("hunter2"),
        Json.of(271_828),
        Json.of(true),
        object("hunter2", Json.of("hunter2")),
        Json.of(List.of(Json.of("hunter2"))));
  }

  /** Reads {@code <1f>} as the character of that number. */
  private static String characters(String text) {
    StringBuilder out = new StringBuilder();
    int done = 0;
    for (int open = text.indexOf('<'); open >= 0; open = text.indexOf('<', done)) {
      int close = text.indexOf('>', open);
      out.append(text, done, open)
          .appendCodePoint(Integer.parseInt(text.substring(open + 1, close), 16));
      done = close + 1;
    }
    return out.append(text.substring(done)).toString();
  }

  private static Json.Obj object(Object... members) {
    Map<String, Json> map = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      map.put((String) members[i], (Json) members[i + 1]);
    }
    return Json.of(map);
  }
}
