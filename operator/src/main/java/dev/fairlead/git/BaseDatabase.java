package dev.fairlead.git;

import java.io.IOException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;

/** A repository's objects as the bases of a pack, counted in its memory while they are read. */
final class BaseDatabase extends ObjectDatabase {
  private final BoundedRepository repository;
  private final ObjectDatabase objects;
  private final PackMemory memory;

  BaseDatabase(BoundedRepository repository, PackMemory memory) {
    this.repository = repository;
    this.objects = repository.getObjectDatabase();
    this.memory = memory;
  }

  @Override
  public ObjectReader newReader() {
    ObjectReader reader = objects.newReader();
    return new ObjectReader.Filter() {
      @Override
      protected ObjectReader delegate() {
        return reader;
      }

      @Override
      public ObjectLoader open(AnyObjectId id, int type) throws IOException {
        long needed = Math.max(repository.readingHolds(), reader.getObjectSize(id, OBJ_ANY));
        memory.hold(needed);
        try {
          return super.open(id, type);
        } finally {
          memory.release(needed);
        }
      }

      @Override
      public ObjectLoader open(AnyObjectId id) throws IOException {
        return open(id, OBJ_ANY);
      }
    };
  }

  @Override
  public ObjectInserter newInserter() {
    return objects.newInserter();
  }

  @Override
  public long getApproximateObjectCount() {
    return objects.getApproximateObjectCount();
  }

  /** The repository's own are not closed with it. */
  @Override
  public void close() {}
}
