package dev.fairlead.git;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.PushbackInputStream;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.internal.storage.file.Pack;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PackParser;

/**
 * A bare repository that takes no pack over its limits, nor one that the disk has no room for, and
 * never collects garbage by itself (JGit would write a full pack after each fetch and keep the old
 * ones). Any thread may use it; one at a time may fetch.
 */
final class BoundedRepository extends FileRepository {
  static final int PACK_HEADER = 12;

  /** What the index of a pack takes: for all, and for each object. */
  private static final int INDEX = 1100;

  /** The four letters that it begins with. */
  private static final int PACK = 0x5041434b;

  static final int INDEX_OF_OBJECT = 28;

  /** How much is written before the disk is asked again what is free. */
  private static final long PORTION = 1 << 20;

  private final Path objects;
  private final GitLimits limits;
  private final CacheBudget.Account account;
  private final Turns turns;
  private final AtomicLong readingHolds = new AtomicLong();

  BoundedRepository(Path directory, GitLimits limits, CacheBudget.Account account, Turns turns)
      throws IOException {
    super(new FileRepositoryBuilder().setGitDir(directory.toFile()).setBare().setup());
    this.objects = directory.resolve(Constants.OBJECTS);
    this.limits = limits;
    this.account = account;
    this.turns = turns;
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
        return new BoundedPackParser(
            BoundedRepository.this,
            limits,
            account,
            new PackMemory(limits.pack(), turns),
            new ArrivingPack(bounded(in)));
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
    if (ByteBuffer.wrap(header).getInt() != PACK) {
      throw new StreamCorruptedException("there is no pack where one should begin");
    }
    long count = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(8));
    if (count > limits.pack().objects()) {
      throw new PackTooLarge(
          "it has " + count + " objects, and " + limits.pack().objects() + " are allowed");
    }
    requireObjects(count);
    account.write(INDEX + count * INDEX_OF_OBJECT);
    pack.unread(header);
    return pack;
  }

  /** What reading one object may hold, that is not the object: of all that was fetched so far. */
  long readingHolds() {
    return readingHolds.get();
  }

  void readingHolds(long bytes) {
    readingHolds.accumulateAndGet(bytes, Math::max);
  }

  /** For the refs that its remote lists; to be closed. */
  RefList refList() {
    return turns.refList();
  }

  /** The turn to read what takes much of the heap; nothing to wait for where nothing does. */
  Turns.Turn reading() throws InterruptedIOException {
    return readingHolds() > limits.pack().share() ? PackMemory.turn(turns) : () -> {};
  }

  /**
   * Reads each object when it is its turn, for as long as there is time. Not {@link
   * #newObjectReader}, whose objects a repack copies without unpacking them.
   */
  ObjectReader turnedReader(ReadingTime time) {
    ObjectReader reader = newObjectReader();
    return new ObjectReader.Filter() {
      @Override
      protected ObjectReader delegate() {
        return reader;
      }

      @Override
      public ObjectLoader open(AnyObjectId id, int type) throws IOException {
        try (Turns.Turn _ = reading()) {
          return time.spend(() -> reader.open(id, type));
        }
      }

      @Override
      public ObjectLoader open(AnyObjectId id) throws IOException {
        return open(id, OBJ_ANY);
      }
    };
  }

  /**
   * Whether so many objects may come to those that are here, for a repack holds them all.
   *
   * @throws OverBound they may not
   */
  void requireObjects(long wanted) throws IOException {
    long here = 0;
    for (Pack pack : getObjectDatabase().getPacks()) {
      here += pack.getIndex().getObjectCount();
    }
    if (here > 0 && here + wanted > limits.pack().objects()) {
      throw new OverBound(OverBound.Kind.OBJECTS, limits.pack().objects(), here, wanted);
    }
  }

  /**
   * Whether the disk has as much left as it must.
   *
   * @throws OverBound it has less
   */
  void requireFree(long wanted) throws IOException {
    long free = Files.getFileStore(objects).getUsableSpace();
    long least = limits.disk().freeBytes();
    if (free - wanted < least) {
      throw new OverBound(OverBound.Kind.FREE, least, free, wanted);
    }
  }

  /** Fails when more than so many bytes were read, or the disk has no room for them. */
  private final class Limited extends FilterInputStream {
    private final long limit;
    private long left;
    private long portion;

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

    private void count(int n) throws IOException {
      left -= n;
      if (left < 0) {
        throw new PackTooLarge("it is larger than the allowed " + Text.size(limit));
      }
      account.write(n);
      portion += n;
      if (portion >= PORTION) {
        portion = 0;
        requireFree(0);
      }
    }
  }
}
