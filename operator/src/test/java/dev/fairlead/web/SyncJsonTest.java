package dev.fairlead.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/api.md promises, byte by byte but for the line breaks. */
final class SyncJsonTest {
  private static final String WEB =
      "\"group\":\"apps\",\"kind\":\"Deployment\",\"namespace\":\"portfolio\",\"name\":\"web\"";
  private static final String SETTINGS =
      "\"group\":\"\",\"kind\":\"ConfigMap\",\"namespace\":\"portfolio\",\"name\":\"settings\"";
  private static final String OLD =
      "\"group\":\"\",\"kind\":\"ConfigMap\",\"namespace\":\"portfolio\",\"name\":\"old\"";

  @Test
  void everything_is_told_of_one() throws IOException {
    String expected =
        """
        {"apiVersion":"v1","kind":"GitSync","namespace":"fairlead-system","name":"portfolio",
        "uid":"a1b2","generation":3,"suspended":false,"deleting":false,
        "status":{"observedGeneration":3},
        "problems":[
        {"object":"Deployment portfolio/web","file":"deploy/web.yaml","line":21,
        "reason":"ImagePullBackOff","message":"no \\"image\\"","since":"2026-01-01T12:00:00Z"},
        {"reason":"FetchFailed","message":"no route to host","since":"2026-01-01T12:00:00Z"}],
        "warnings":[
        {"object":"Deployment portfolio/web","file":"deploy/web.yaml","line":14,
        "message":"duplicate port definition"},
        {"file":"deploy/all.yaml","message":"is empty"}],
        "pendingPrune":{"digest":"0123456789abcdef","message":"the prune waits for approval",
        "count":1,"objects":[{%3$s}],
        "kept":[{"group":"","kind":"PersistentVolumeClaim","namespace":"portfolio","name":"disk",
        "because":"its annotation says so"}]},
        "plan":{"revision":"main@sha1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","generation":3,
        "startedAt":"2026-01-01T12:00:00Z","endedAt":"2026-01-01T12:00:02Z","reason":"Succeeded",
        "create":[{%1$s}],"update":[{%2$s}],"unchanged":[],"prune":[{%3$s}],"refused":[]},
        "objects":[
        {%1$s,"version":"v1","origin":{"file":"deploy/web.yaml","line":12,"document":1},
        "state":"Contested",
        "problem":{"reason":"Contested","message":"to and fro","since":"2026-01-01T12:00:00Z"},
        "work":{"what":"Repair","due":"2026-01-01T12:01:00Z"},
        "repairs":{"count":5,"managers":["kubectl-edit"]},
        "owner":{"manager":"fairlead/fairlead-system/portfolio",
        "others":["kube-controller-manager"]},
        "health":{"state":"Failed","reason":"ImagePullBackOff","message":"cannot pull"},
        "uid":"uid-1","resourceVersion":"1201","appliedAt":"2026-01-01T12:00:00Z"},
        {%2$s,"version":"v1","origin":{"file":"deploy/settings.json","document":0},
        "state":"Unverified","work":{"what":"Verify"},
        "owner":{"manager":"fairlead/fairlead-system/portfolio"}},
        {%3$s,"state":"Leftover",
        "owner":{"manager":"fairlead/fairlead-system/portfolio","others":[]},
        "health":{"state":"Terminating","message":"is being deleted"},
        "uid":"uid-3","resourceVersion":"1203"}]}
        """
            .formatted(WEB, SETTINGS, OLD);

    assertThat(written(SyncExamples.full())).isEqualTo(joined(expected));
  }

  @Test
  void lists_are_there_even_when_they_are_empty() throws IOException {
    assertThat(written(SyncExamples.bare(List.of())))
        .isEqualTo(
            joined(
                """
                {"apiVersion":"v1","kind":"GitSync","namespace":"fairlead-system",
                "name":"portfolio","generation":0,"suspended":true,"deleting":true,
                "status":{},"problems":[],"warnings":[],"objects":[]}
                """));
  }

  @Test
  void a_list_says_how_to_go_on() throws IOException {
    SyncKey key = SyncExamples.PORTFOLIO;
    List<SyncViews.Summary> items =
        List.of(
            new SyncViews.Summary(
                key, "False", "Progressing", "applying", "main@sha1:a", false, false),
            new SyncViews.Summary(key, "Unknown", "Progressing", "", "", true, true));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonOut json = new JsonOut(out);

    SyncJson.list(json, items, Optional.of(key));
    json.finish();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            joined(
                """
                {"apiVersion":"v1","kind":"GitSyncList","items":[
                {"namespace":"fairlead-system","name":"portfolio","ready":"False",
                "reason":"Progressing","message":"applying","revision":"main@sha1:a",
                "suspended":false,"deleting":false},
                {"namespace":"fairlead-system","name":"portfolio","ready":"Unknown",
                "reason":"Progressing","suspended":true,"deleting":true}],
                "continue":"fairlead-system/portfolio"}
                """));
  }

  @Test
  void objects_are_written_as_they_are_made() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] lag = {0};
    int[] made = {0};
    Iterable<ObjectView> objects =
        () -> {
          Iterator<Integer> numbers = IntStream.range(0, 5_000).iterator();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return numbers.hasNext();
            }

            @Override
            public ObjectView next() {
              int size = out.size();
              lag[0] = Math.max(lag[0], made[0] * 300 - size);
              made[0]++;
              return SyncExamples.object(numbers.next());
            }
          };
        };

    JsonOut json = new JsonOut(out);
    SyncJson.sync(json, SyncExamples.bare(objects));
    json.finish();

    assertThat(out.size()).isGreaterThan(5_000 * 300);
    assertThat(lag[0]).as("bytes that were held back").isLessThan(16 << 10);
  }

  @Test
  void the_page_about_the_api_shows_exactly_these_members() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "api.md"));
    List<String> examples =
        Stream.of(page.split("```json\n", -1))
            .skip(1)
            .map(part -> part.substring(0, part.indexOf("```")))
            .toList();

    // Of the list and of one GitSync; the status has a page of its own.
    assertThat(members(examples.get(1)))
        .containsExactlyInAnyOrder(
            "apiVersion",
            "kind",
            "items",
            "items.namespace",
            "items.name",
            "items.ready",
            "items.reason",
            "items.message",
            "items.revision",
            "items.suspended",
            "items.deleting",
            "continue");
    assertThat(members(examples.get(2)))
        .containsExactlyInAnyOrderElementsOf(members(written(SyncExamples.full())));
  }

  private static Set<String> members(String json) throws IOException {
    Set<String> paths = new TreeSet<>();
    collect("", JsonReader.parse(json.getBytes(StandardCharsets.UTF_8)), paths);
    return paths;
  }

  private static void collect(String prefix, Json value, Set<String> paths) {
    switch (value) {
      case Json.Obj object ->
          object
              .members()
              .forEach((name, member) -> {
                paths.add(prefix + name);
                if (!name.equals("status")) {
                  collect(prefix + name + ".", member, paths);
                }
              });
      case Json.Arr list -> list.items().forEach(item -> collect(prefix, item, paths));
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> {}
    }
  }

  private static String written(SyncView view) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonOut json = new JsonOut(out);
    SyncJson.sync(json, view);
    json.finish();
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String joined(String text) {
    return text.replace("\n", "") + "\n";
  }
}
