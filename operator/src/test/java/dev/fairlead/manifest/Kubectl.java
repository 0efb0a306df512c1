package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The real kubectl as an oracle for what a file means; it asks no server for that. */
final class Kubectl {
  private static final String MARK = "probe.example.org/read";

  private final Path binary;

  private Kubectl(Path binary) {
    this.binary = binary;
  }

  /** The testbed's kubectl, or the one of {@code KUBEBUILDER_ASSETS}. */
  static Kubectl find() {
    Optional<Path> assets = Optional.ofNullable(System.getenv("KUBEBUILDER_ASSETS")).map(Path::of);
    return Stream.of(
            assets, Optional.of(Path.of("testbed/bin")), Optional.of(Path.of("../testbed/bin")))
        .flatMap(Optional::stream)
        .map(folder -> folder.resolve("kubectl"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Kubectl::new)
        .orElseThrow(() ->
            new IllegalStateException(
                "kubectl is neither in testbed/bin nor in KUBEBUILDER_ASSETS; run make testbed"));
  }

  /**
   * The objects that kubectl sees in a file, without the annotation that makes it print them.
   *
   * @return nothing when it refuses the file
   */
  Optional<List<Json.Obj>> read(byte[] file) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("kubectl");
    Path input = folder.resolve("f.yaml");
    Path output = folder.resolve("out.json");
    try {
      Files.write(input, file);
      Process process =
          new ProcessBuilder(
                  binary.toString(),
                  "annotate",
                  "--local",
                  "-o",
                  "json",
                  "-f",
                  input.toString(),
                  MARK + "=x")
              .redirectOutput(output.toFile())
              .redirectError(folder.resolve("err.txt").toFile())
              .start();
      if (process.waitFor() != 0) {
        return Optional.empty();
      }
      List<Json.Obj> objects = new ArrayList<>();
      for (Documents.Document document :
          JsonReader.read(
                  "out", Files.readAllBytes(output), unlimited(), ManifestMemory.unlimited())
              .documents()) {
        objects.add(withoutMark((Json.Obj) document.value()));
      }
      return Optional.of(objects);
    } catch (Unreadable e) {
      throw new IllegalStateException("kubectl printed no JSON: " + e.because(), e);
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file1 : files.toList()) {
          Files.delete(file1);
        }
      }
      Files.delete(folder);
    }
  }

  Optional<List<Json.Obj>> read(String file) throws IOException, InterruptedException {
    return read(file.getBytes(UTF_8));
  }

  private static Limits unlimited() {
    return new Limits(
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        1_000,
        Integer.MAX_VALUE,
        Long.MAX_VALUE);
  }

  private static Json.Obj withoutMark(Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElseThrow();
    Json.Obj annotations = metadata.object("annotations").orElseThrow().without(MARK);
    Json.Obj cleaned =
        annotations.members().isEmpty()
            ? metadata.without("annotations")
            : metadata.with("annotations", annotations);
    return object.with("metadata", cleaned);
  }
}
