package dev.fairlead.git;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PackParser;

/**
 * A bare repository that takes no pack over its limits and never collects garbage by itself (JGit
 * would write a full pack after each fetch and keep the old ones). Any thread may use it.
 */
final class BoundedRepository extends FileRepository {
  private static final int PACK_HEADER = 12;

  private final GitLimits limits;

  BoundedRepository(Path directory, GitLimits limits) throws IOException {
    super(new FileRepositoryBuilder().setGitDir(directory.toFile()).setBare().setup());
    this.limits = limits;
  }

  /** A pack is larger, or says that it holds more objects, than is allowed. */
  static final class PackTooLarge extends IOException {
    PackTooLarge(String message) {
      super(message);
    }
  }

  @Override
  public void autoGC(ProgressMonitor monitor) {}

  @Override
  public ObjectInserter newObjectInserter() {
    ObjectInserter unbounded = super.newObjectInserter();
    return new ObjectInserter.Filter() {
      @Override
      protected ObjectInserter delegate() {
        return unbounded;
      }

      @Override
      public PackParser newPackParser(InputStream in) throws IOException {
        PackParser parser = delegate().newPackParser(bounded(in));
        parser.setMaxObjectSizeLimit(limits.pack().objectBytes());
        return parser;
      }
    };
  }

  /** JGit makes room for as many objects as the header claims, so the header is looked at first. */
  private InputStream bounded(InputStream in) throws IOException {
    var pack = new PushbackInputStream(new Limited(in, limits.pack().bytes()), PACK_HEADER);
    byte[] header = pack.readNBytes(PACK_HEADER);
    if (header.length < PACK_HEADER) {
      throw new EOFException("the pack ends within its header");
    }
    long objects = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(8));
    if (objects > limits.pack().objects()) {
      throw new PackTooLarge(
          "it has " + objects + " objects, and " + limits.pack().objects() + " are allowed");
    }
    pack.unread(header);
    return pack;
  }

  /** Fails when more than so many bytes were read. */
  private static final class Limited extends FilterInputStream {
    private final long limit;
    private long left;

    Limited(InputStream in, long limit) {
      super(in);
      this.limit = limit;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      if (b >= 0) {
        count(1);
      }
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      if (n > 0) {
        count(n);
      }
      return n;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    private void count(int n) throws PackTooLarge {
      left -= n;
      if (left < 0) {
        throw new PackTooLarge("it is larger than the allowed " + Text.size(limit));
      }
    }
  }
}
