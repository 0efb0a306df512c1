package dev.fairlead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Manifest files within all other limits that want all of the heap or of a processor, in a process
 * that has the daemon's heap and flags.
 */
@Timeout(300)
final class ManifestHeapIT {
  private static final int LARGEST = Limits.DEFAULT.maxFileBytes() - 1_000;
  private static final int VALUES = 290_000;
  private static final String HEAD =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n";
  private static final String JSON =
      "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":";
  private static final String MEMORY = "take more than the * MiB of memory";

  @TempDir private Path directory;

  /** What each is, and what is said of it. */
  private static Map<String, Map.Entry<String, String>> files() {
    Map<String, Map.Entry<String, String>> files = new LinkedHashMap<>();
    files.put("good.yaml", Map.entry(HEAD + "data: {a: b}\n", "1 read"));
    files.put(
        "block.yaml",
        inData(
            " a: |\n" + "   text\n".repeat(LARGEST / 8),
            "more than the 3 MiB that the API server takes"));
    files.put("large.yaml", inData(" a: |\n" + "   text\n".repeat(200_000), "1 read"));
    files.put("word.yaml", inData(" a: " + "A".repeat(1_400_000), "1 read"));
    files.put("long-word.yaml", inData(" a: " + "A".repeat(LARGEST), MEMORY));
    files.put("quoted.yaml", inData(" a: \"\u4e2d" + "A".repeat(LARGEST) + '"', MEMORY));
    files.put("comment.yaml", inData("#" + "A".repeat(LARGEST), MEMORY));
    files.put("spaces.yaml", inData(" ".repeat(LARGEST) + "a: b", MEMORY));
    files.put("anchor.yaml", inData(" a: &" + "a".repeat(LARGEST) + " b", MEMORY));
    files.put("maps.yaml", inData(" a: [" + "{},".repeat(VALUES) + "]", MEMORY));
    files.put("lists.yaml", inData(" a: [" + "[[]],".repeat(VALUES / 2) + "]", MEMORY));
    files.put(
        "deep.yaml",
        inData(" a: [" + ("{a: ".repeat(190) + "}".repeat(190) + ",").repeat(1_500) + "]", MEMORY));
    files.put("keys.yaml", inData(many(" k%1$d: v%1$d\n"), MEMORY));
    files.put("anchors.yaml", inData(many(" k%1$d: &a%1$d v\n"), MEMORY));
    files.put("twice.yaml", inData(" a: 1\n".repeat(VALUES), "already set in line 5"));
    files.put(
        "numbers.yaml",
        Map.entry(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n name: a\n labels:\n" + many("  k%d: 1\n"),
            MEMORY));
    files.put(
        "texts.yaml",
        inData(" k: &a \"" + "A".repeat(1 << 20) + "\"\n" + many(" k%d: *a\n"), MEMORY));
    files.put(
        "names.yaml",
        inData(" k: &a \"" + "A ".repeat(1 << 20) + "\"\n" + " *a : 1\n".repeat(VALUES), MEMORY));
    files.put("documents.yaml", Map.entry("a: 1\n---\n".repeat(LARGEST / 9), MEMORY));
    files.put("separators.yaml", Map.entry("--- x\n".repeat(LARGEST / 6), "separates documents"));
    files.put("tags.yaml", Map.entry(many("%%TAG !a%d! tag:x\n") + "---\na: 1\n", MEMORY));
    files.put("underlines.yaml", inData(" a: .1" + "_1".repeat(500_000), "1 read"));
    files.put("maps.json", Map.entry(JSON + "[" + "{},".repeat(VALUES) + "1]}", MEMORY));
    files.put(
        "keys.json", Map.entry(JSON + "{" + many("\"k%1$d\":\"v%1$d\",") + "\"a\":1}}", MEMORY));
    files.put(
        "twice.json", Map.entry(JSON + "{" + "\"a\":1,\n".repeat(VALUES) + "\"b\":1}}", MEMORY));
    files.put(
        "string.json",
        Map.entry(
            JSON + "{\"a\":\"" + "A".repeat(LARGEST) + "\"}}", "a string is longer than 4 MiB"));
    files.put("values.json", Map.entry("{\"a\":1}".repeat(LARGEST / 8), MEMORY));
    return files;
  }

  private static Map.Entry<String, String> inData(String data, String said) {
    return Map.entry(HEAD + "data:\n" + data + "\n", said);
  }

  private static String many(String format) {
    IntFunction<String> one = i -> format.formatted(i);
    return IntStream.range(0, VALUES).mapToObj(one).collect(Collectors.joining());
  }

  @Test
  void files_that_would_take_all_memory_or_all_day_do_neither() throws Exception {
    Map<String, String> expected = new LinkedHashMap<>();
    for (var file : files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue().getKey());
      expected.put(file.getKey(), file.getValue().getValue());
    }

    String said = victim();

    assertThat(said).endsWith("alive\n");
    expected.forEach((file, words) ->
        assertThat(said.lines().filter(line -> line.startsWith(file + " -> ")))
            .as(file + " in\n" + said)
            .singleElement()
            .satisfies(line -> assertThat(line).containsPattern(words.replace("*", "\\d+"))));
  }

  private String victim() throws IOException, InterruptedException {
    Path flags = Path.of("").toAbsolutePath().resolve("jvm.options");
    assertThat(flags).exists();
    Path log = Files.createTempFile("victim", ".log");
    List<String> command =
        List.of(
            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
            "@" + flags,
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            YamlVictim.class.getName(),
            directory.toString());
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      boolean ended = process.waitFor(240, TimeUnit.SECONDS);
      String said = Files.readString(log, StandardCharsets.UTF_8);
      assertThat(ended).as("it has ended; it said\n" + said).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      return said;
    } finally {
      process.destroyForcibly();
      Files.delete(log);
    }
  }
}
