package dev.fairlead.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;

/** Finds out that a repository names its objects by SHA-256, which JGit does not know of. */
final class ObjectFormat {
  private static final String SHA256 = "object-format=sha256";

  /** The capabilities stand at the beginning of what a server says. */
  private static final int WATCHED = 4096;

  private ObjectFormat() {}

  /** Those of the repository are not SHA-1 hashes. */
  static final class Unsupported extends IOException {
    Unsupported() {
      super("the object format sha256 is not supported");
    }
  }

  /** A server's answer; reading it ends in {@link Unsupported} where it says so. */
  static InputStream watched(InputStream answer) {
    return new FilterInputStream(answer) {
      private final StringBuilder seen = new StringBuilder();

      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read > 0 && seen.length() < WATCHED) {
          seen.append(
              new String(
                  into,
                  offset,
                  Math.min(read, WATCHED - seen.length()),
                  StandardCharsets.ISO_8859_1));
          if (seen.indexOf(SHA256) >= 0) {
            throw new Unsupported();
          }
        }
        return read;
      }
    };
  }

  /** Checks a repository on this machine, bare or with a work tree. */
  static void require(Path repository) throws IOException {
    Path inside = repository.resolve(".git");
    Path config = (Files.isDirectory(inside) ? inside : repository).resolve("config");
    if (!Files.isRegularFile(config)) {
      return;
    }
    try {
      var read = new FileBasedConfig(null, config.toFile(), FS.DETECTED);
      read.load();
      if ("sha256".equalsIgnoreCase(read.getString("extensions", null, "objectformat"))) {
        throw new Unsupported();
      }
    } catch (ConfigInvalidException e) {
      throw new IOException("the repository's configuration cannot be read", e);
    }
  }
}
