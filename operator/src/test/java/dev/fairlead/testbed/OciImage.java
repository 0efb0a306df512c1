package dev.fairlead.testbed;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * An OCI image out of a tar file with an OCI layout, unpacked as a container runtime would.
 *
 * @param root the root file system, with its owners
 * @param manifest as the layout has it
 * @param settings the image's own configuration: entry point, user, environment, labels
 */
public record OciImage(Path root, Json.Obj manifest, Json.Obj settings) {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String OWN =
      System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";

  /**
   * @param directory of its own
   */
  public static OciImage unpack(Path tar, Path directory) {
    try {
      Path layout = Files.createDirectories(directory.resolve("layout"));
      tar("--extract", "--file", tar.toString(), "--directory", layout.toString());
      Json.Obj descriptor = (Json.Obj) read(layout.resolve("index.json")).items("manifests").get(0);
      Json.Obj manifest = read(blob(layout, descriptor));
      Path root = Files.createDirectories(directory.resolve("root"));
      for (Json layer : manifest.items("layers")) {
        tar(
            "--extract",
            "--gzip",
            "--same-owner",
            "--numeric-owner",
            "--same-permissions",
            "--file",
            blob(layout, (Json.Obj) layer).toString(),
            "--directory",
            root.toString());
      }
      Json.Obj config = read(blob(layout, manifest.object("config").orElseThrow()));
      return new OciImage(root, manifest, config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void tar(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "tar";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    ProgramRun.of(List.of(command), Map.of(), "", LIMIT).orFail();
  }

  private static Path blob(Path layout, Json.Obj descriptor) {
    String digest = descriptor.string("digest").orElseThrow();
    return layout.resolve("blobs").resolve(digest.replace(':', '/'));
  }

  private static Json.Obj read(Path file) throws IOException {
    return (Json.Obj) JsonReader.parse(Files.readAllBytes(file));
  }

  /** What the runtime goes by: {@code Entrypoint}, {@code Env}, {@code User}. */
  public Json.Obj config() {
    return settings.object("config").orElseThrow();
  }

  /** Whether it is for another processor than this machine's; then it runs by Debian's qemu. */
  public boolean isForeign() {
    return !architecture().equals(OWN);
  }

  private String architecture() {
    return settings.string("architecture").orElseThrow();
  }

  /** The program that runs those of its processor, linked with nothing. */
  Path emulator() {
    String processor = architecture().equals("arm64") ? "aarch64" : "x86_64";
    Path emulator = Path.of("/usr/bin/qemu-" + processor + "-static");
    if (!Files.isExecutable(emulator)) {
      throw new AssertionError(emulator + " is missing: install qemu-user-static");
    }
    return emulator;
  }
}
