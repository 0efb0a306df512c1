package dev.fairlead.git;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of this process below the cache directory, which several processes may share: the
 * replicas of an installation on one volume.
 *
 * <p>Guarantees: no other process touches this directory while this one lives; directories of
 * processes that have ended, however they ended, are deleted by {@link #sweep}; a directory that
 * somebody deleted is made again by {@link #require}. Any thread may call.
 */
final class CacheDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheDirectory.class);

  /** Held for moments only: while a directory is made, or looked for. */
  private static final String LOCK = "lock";

  private static final String PROCESS = "process-";

  /** Of mirrors, which lay in the cache directory itself once. */
  private static final String MIRROR = "mirror-";

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Path root;
  private final Path own;
  private @Nullable FileChannel lock;
  private @Nullable Object identity;
  private boolean closed;

  /**
   * Makes it, and takes it.
   *
   * @throws IOException nothing can be written there, or locked
   */
  CacheDirectory(Path root) throws IOException {
    this.root = root;
    this.own = root.resolve(PROCESS + "%016x".formatted(new SecureRandom().nextLong()));
    try {
      require();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private IOException unusable(IOException e) {
    String why =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e instanceof FileAlreadyExistsException
                ? "it is no directory"
                : e instanceof AccessDeniedException
                    ? "this user may not write there"
                    : e instanceof FileSystemException || e.getMessage() == null
                        ? e.getClass().getSimpleName()
                        : e.getMessage();
    return new IOException(
        "the cache directory "
            + root
            + " cannot be used ("
            + Text.cut(why, 200)
            + "): --cache-dir may name another",
        e);
  }

  /** A file or directory in it. */
  Path resolve(String name) {
    return own.resolve(name);
  }

  /** Makes it, or makes it again where somebody has deleted it. */
  synchronized void require() throws IOException {
    if (closed || (lock != null && isOwn())) {
      return;
    }
    Files.createDirectories(root);
    try (FileChannel _ = lockAll()) {
      FileChannel former = lock;
      if (former != null) {
        LOG.atWarn()
            .addKeyValue("directory", own)
            .log("The directory of the mirrors was deleted and is made again");
        former.close();
      }
      if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
        DiskTree.delete(own);
      }
      Files.createDirectories(own);
      Path file = own.resolve(LOCK);
      lock = locked(file).orElseThrow(() -> new IOException("another process has locked " + file));
      identity = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }
  }

  private boolean isOwn() throws IOException {
    try {
      if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Object now = Files.readAttributes(own.resolve(LOCK), BasicFileAttributes.class).fileKey();
      return now == null || now.equals(identity);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private FileChannel lockAll() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<FileChannel> all = locked(root.resolve(LOCK));
      if (all.isPresent()) {
        return all.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "another process has held "
                + root.resolve(LOCK)
                + " for "
                + PATIENCE.toSeconds()
                + "s");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("another process held " + root.resolve(LOCK));
      }
    }
  }

  /** Empty when another process has it. */
  private static Optional<FileChannel> locked(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      taken = false;
    } finally {
      if (!taken) {
        channel.close();
      }
    }
    return taken ? Optional.of(channel) : Optional.empty();
  }

  /**
   * Deletes what processes left that have ended.
   *
   * @throws IOException it cannot be deleted
   */
  void sweep() throws IOException {
    List<Path> left = new ArrayList<>();
    List<FileChannel> locks = new ArrayList<>();
    try {
      try (FileChannel _ = lockAll();
          Stream<Path> entries = Files.list(root)) {
        for (Path entry : entries.toList()) {
          String name = entry.getFileName().toString();
          if (name.startsWith(MIRROR)) {
            left.add(entry);
          } else if (name.startsWith(PROCESS) && !entry.equals(own) && hasEnded(entry, locks)) {
            left.add(entry);
          }
        }
      }
      for (Path entry : left) {
        DiskTree.delete(entry);
      }
    } catch (IOException e) {
      throw unusable(e);
    } finally {
      for (FileChannel held : locks) {
        held.close();
      }
    }
  }

  /** No process is about to lock it: that is done while all is locked. */
  private static boolean hasEnded(Path process, List<FileChannel> locks) throws IOException {
    if (!Files.isRegularFile(process.resolve(LOCK))) {
      return true;
    }
    Optional<FileChannel> taken = locked(process.resolve(LOCK));
    taken.ifPresent(locks::add);
    return taken.isPresent();
  }

  /** Deletes it, and gives it free. Idempotent. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      DiskTree.delete(own);
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
  }
}
