package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.KubectlTable.Expected;
import dev.fairlead.manifest.KubectlTable.Row;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.Seed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("the real kubectl reads YAML as we do")
final class YamlDifferentialIT {
  private static final int BATCHES = 20;
  private static final int FILES_A_BATCH = 100;
  private static final int MAX_REFUSALS_ASKED = 40;

  private final Kubectl kubectl = Kubectl.find();

  /** What kubectl reads of the rows that it should read, asked once for all of them. */
  private static Map<Row, Json.Obj> readable = Map.of();

  @BeforeAll
  static void askKubectlForAllReadableRows() throws Exception {
    List<Row> rows =
        KubectlTable.ROWS.stream().filter(r -> r.expected() instanceof Expected.Read).toList();
    Optional<List<Json.Obj>> all =
        Kubectl.find().read(String.join("---\n", rows.stream().map(Row::file).toList()));
    Map<Row, Json.Obj> read = new HashMap<>();
    for (int i = 0; all.isPresent() && i < all.get().size(); i++) {
      read.put(rows.get(i), all.get().get(i));
    }
    readable = Map.copyOf(read);
  }

  static Stream<Row> rows() {
    return KubectlTable.ROWS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void kubectlAgreesWithTheTable(Row row) throws Exception {
    Json.Obj known = readable.get(row);
    Optional<List<Json.Obj>> read =
        known == null ? kubectl.read(row.file()) : Optional.of(List.of(known));

    switch (row.expected()) {
      case Expected.Read expected ->
          assertThat(read)
              .hasValueSatisfying(objects ->
                  assertThat(objects)
                      .singleElement()
                      .satisfies(o -> assertThat(o.get("spec")).contains(parsed(expected))));
      case Expected.Refused _ -> assertThat(read).isEmpty();
      case Expected.RefusedByUs _ -> assertThat(read).isPresent();
    }
  }

  @Test
  void randomFilesMeanTheSameToBoth() throws Exception {
    long seed = Seed.of(YamlDifferentialIT.class);
    RandomYaml random = new RandomYaml(new Random(seed));
    List<String> refused = new ArrayList<>();
    List<String> differing = new ArrayList<>();
    int agreed = 0;
    for (int batch = 0; batch < Seed.cases(BATCHES); batch++) {
      List<String> readable = new ArrayList<>();
      for (int i = 0; i < FILES_A_BATCH; i++) {
        String file = KubectlTable.HEAD + random.spec();
        (ours(file).isPresent() ? readable : refused).add(file);
      }
      agreed += compare(readable, differing);
    }
    for (String file : refused.subList(0, Math.min(MAX_REFUSALS_ASKED, refused.size()))) {
      if (kubectl.read(file).isPresent() && !oursToRefuse(file)) {
        differing.add("only we refuse, with " + read(file).findings() + ":\n" + file);
      }
    }

    assertThat(differing).as("seed %d", seed).isEmpty();
    assertThat(agreed).as("files that were read, seed %d", seed).isGreaterThan(1_000);
    System.out.println(
        "YamlDifferentialIT: " + agreed + " files read alike, " + refused.size() + " refused");
  }

  /** Compares all at once, and one by one only if that differs. */
  private int compare(List<String> files, List<String> differing) throws Exception {
    Optional<List<Json.Obj>> all = kubectl.read(String.join("---\n", files));
    if (all.isPresent() && all.get().equals(files.stream().map(f -> ours(f).get()).toList())) {
      return files.size();
    }
    int alike = 0;
    for (String file : files) {
      Optional<List<Json.Obj>> theirs = kubectl.read(file);
      if (theirs.isPresent() && theirs.get().equals(List.of(ours(file).get()))) {
        alike++;
      } else {
        differing.add(
            "kubectl: %s%nours: %s%n%s"
                .formatted(
                    theirs.map(o -> o.getFirst().toJson()), ours(file).get().toJson(), file));
      }
    }
    return alike;
  }

  private static boolean oursToRefuse(String file) {
    return read(file).findings().stream()
        .anyMatch(f ->
            f.message().contains("is already set")
                || f.message().contains("needs a space after it"));
  }

  private static Optional<Json> ours(String file) {
    Documents documents = read(file);
    return documents.findings().isEmpty()
        ? Optional.of(documents.documents().getFirst().value())
        : Optional.empty();
  }

  private static Documents read(String file) {
    return YamlReader.read("f.yaml", file.getBytes(UTF_8), Limits.DEFAULT);
  }

  private static Json parsed(Expected.Read expected) {
    try {
      return JsonReader.parse(expected.json().getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError("the table holds no JSON", e);
    }
  }
}
