package dev.fairlead.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * Takes the signatures out of the jars in a directory: the JVM would check them at each start,
 * class by class, and keeps classes of a signed jar out of an AppCDS archive. Maven checked the
 * jars when it fetched them. A jar without signatures is not touched, so its time stays.
 *
 * <p>Run as a source file by the build; single-threaded.
 */
final class Unsign {
  private Unsign() {}

  public static void main(String[] arguments) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
      for (Path jar : files.filter(f -> f.toString().endsWith(".jar")).sorted().toList()) {
        unsign(jar);
      }
    }
  }

  private static void unsign(Path jar) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      Path metadata = zip.getPath("META-INF");
      if (!Files.isDirectory(metadata)) {
        return;
      }
      List<Path> signatures;
      try (Stream<Path> files = Files.list(metadata)) {
        signatures = files.filter(Unsign::isSignature).toList();
      }
      if (signatures.isEmpty()) {
        return;
      }
      for (Path signature : signatures) {
        Files.delete(signature);
      }
      withoutDigests(metadata.resolve("MANIFEST.MF"));
    }
  }

  /** The manifest of a signed jar has a section with a digest for each file. */
  private static void withoutDigests(Path file) throws IOException {
    Manifest manifest;
    try (InputStream in = Files.newInputStream(file)) {
      manifest = new Manifest(in);
    }
    manifest.getEntries().clear();
    try (OutputStream out = Files.newOutputStream(file)) {
      manifest.write(out);
    }
  }

  private static boolean isSignature(Path file) {
    String name = file.getFileName().toString().toUpperCase(Locale.ROOT);
    return Stream.of(".SF", ".RSA", ".DSA", ".EC").anyMatch(name::endsWith);
  }
}
