package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/**
 * The wanted files of one commit below one path. Immutable and readable by any thread, as long as
 * the mirror is open and keeps the commit.
 */
public final class Snapshot {
  private static final byte[] LFS =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);

  private final List<Part> parts;
  private final String commit;
  private final List<TreeFile> files;
  private final boolean ignoring;
  private final ReadingTime time;

  /**
   * A repository that has a part of the files.
   *
   * @param path of the submodule that it is, {@code ""} for that of the commit itself
   */
  record Part(String path, String commit, Store store) {
    boolean has(String file) {
      return path.isEmpty() || file.startsWith(path + "/");
    }
  }

  /**
   * @param reading the time that {@link #read} may take of all files together
   */
  Snapshot(Store store, String commit, List<TreeFile> files, boolean ignoring, Duration reading) {
    this(List.of(new Part("", commit, store)), commit, files, ignoring, reading);
  }

  /** What lies in two parts is the inner one's. */
  Snapshot(
      List<Part> parts, String commit, List<TreeFile> files, boolean ignoring, Duration reading) {
    this.parts =
        parts.stream().sorted(Comparator.comparingInt((Part p) -> -p.path().length())).toList();
    this.commit = commit;
    this.files = List.copyOf(files);
    this.ignoring = ignoring;
    this.time = new ReadingTime(reading);
  }

  /** 40 hex digits. */
  public String commit() {
    return commit;
  }

  /** Sorted by path, at most {@link GitLimits.Tree#files}. */
  public List<TreeFile> files() {
    return files;
  }

  /** Whether anything was left out because a pattern says so. */
  public boolean ignoring() {
    return ignoring;
  }

  /**
   * A file's content.
   *
   * @throws GitException BUILD_FAILED when it is larger than {@code maxBytes} or only a pointer to
   *     Git LFS, or what the repository has is no file; FETCH_FAILED when the mirror lost it, or
   *     reading takes longer than {@link GitLimits.Tree#reading}
   */
  public byte[] read(TreeFile file, int maxBytes) throws GitException {
    ObjectId id = ObjectId.fromString(file.blobId());
    Part part = parts.stream().filter(p -> p.has(file.path())).findFirst().orElseThrow();
    byte[] content;
    try {
      content = part.store().read(() -> read(part.store(), file, id, maxBytes));
    } catch (LargeObjectException e) {
      throw bad(file, "it is over the limit of " + Text.size(maxBytes));
    } catch (IncorrectObjectTypeException e) {
      throw TreeReader.noFile(file.path());
    } catch (MissingObjectException e) {
      throw part.store().unreadable(part.commit(), new AbsentObject(file.path(), id, e));
    } catch (IOException e) {
      throw part.store().unreadable(part.commit(), e);
    }
    if (startsWith(content, LFS)) {
      throw bad(file, "a pointer to Git LFS, which is not supported: keep manifests in Git itself");
    }
    return content;
  }

  private byte[] read(Store store, TreeFile file, ObjectId id, int maxBytes)
      throws GitException, IOException {
    try (var reader = store.repository().turnedReader(time)) {
      // Before open(), which unpacks a loose object whole, whatever its size.
      long size = reader.getObjectSize(id, Constants.OBJ_BLOB);
      if (size > maxBytes) {
        throw bad(file, Text.size(size) + " is over the limit of " + Text.size(maxBytes));
      }
      return reader.open(id, Constants.OBJ_BLOB).getCachedBytes(maxBytes);
    }
  }

  private static boolean startsWith(byte[] content, byte[] prefix) {
    return content.length >= prefix.length
        && Arrays.equals(content, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static GitException bad(TreeFile file, String what) {
    return new GitException(Reason.BUILD_FAILED, Text.cut(file.path(), 200) + ": " + what);
  }
}
