package dev.fairlead.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real file system of a few MiB, that a test can fill and make read-only. One has to be allowed
 * to mount for it.
 *
 * <p>Guarantees: it is no longer there after {@link #close}, whoever has files open on it. For one
 * thread.
 */
public final class SmallDisk implements AutoCloseable {
  private final Path directory;
  private boolean readOnly;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts one, empty, and empty where that is not allowed.
   *
   * @param directory is made where it is not there
   */
  public static Optional<SmallDisk> mount(Path directory, int mebibytes) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", directory + "")
        ? Optional.of(new SmallDisk(directory))
        : Optional.empty();
  }

  /** Leaves so many bytes at most. */
  public void fill(long left) {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (Files.getFileStore(directory).getUsableSpace() > left) {
        out.write(block);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes away what {@link #fill} has brought. */
  public void makeRoom() {
    try {
      Files.delete(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path ballast() {
    return directory.resolve("ballast");
  }

  /** Takes no writes from now on, or says that this is not allowed. */
  public boolean makeReadOnly() {
    // A bind mount on top, for a file that is open to be written to hinders the other way.
    readOnly = run("mount", "--bind", directory + "", directory + "");
    return readOnly && run("mount", "-o", "remount,ro,bind", directory + "");
  }

  /** Ends {@link #makeReadOnly}. */
  public void makeWritable() {
    if (readOnly) {
      run("umount", "-l", directory + "");
      readOnly = false;
    }
  }

  @Override
  public void close() {
    makeWritable();
    run("umount", "-l", directory + "");
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      // There is no such program.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
