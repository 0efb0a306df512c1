package dev.fairlead.git;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.api.errors.CanceledException;
import org.eclipse.jgit.diff.DiffConfig;
import org.eclipse.jgit.diff.DiffEntry;
import org.eclipse.jgit.diff.RenameDetector;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a file was called before a commit that added it, as {@code git blame} does: among the
 * files which the same commit deleted, by their content. Where a commit added or deleted more than
 * {@link #FILES}, one with the very same content; where the directories that it changed are
 * together larger than one may be, none. For one thread.
 */
final class RenameSearch {
  /** JGit compares each with each, and lists all that have the same content with each other. */
  private static final int FILES = 128;

  /** What is held of each file that is listed. */
  private static final int LISTED = 1024;

  /** Of a file of so many bytes each block of a few is remembered, of two files at a time. */
  private static final long CONTENT = 128 * 1024;

  private static final int REMEMBERED = 2 * 32;

  private final BlameWork work;
  private final ObjectReader reader;
  private final DiffConfig config;
  private long directories;

  RenameSearch(BlameWork work, BoundedRepository repository) {
    this.work = work;
    this.reader = new Counting(work.reader(repository));
    this.config = repository.getConfig().get(DiffConfig.KEY);
  }

  /** Where the content of the added file lay in the parent; empty: it is new. */
  Optional<Spot> before(RevCommit parent, RevCommit commit, Spot added) throws IOException {
    long held = (long) FILES * LISTED + CONTENT * REMEMBERED;
    directories = 0;
    work.hold(held);
    try (var walk = new TreeWalk(reader)) {
      var changes = new Changes(added);
      walk.setRecursive(true);
      walk.setFilter(changes);
      walk.reset(parent.getTree(), commit.getTree());
      List<DiffEntry> listed = DiffEntry.scan(walk);
      Optional<String> path =
          changes.tooMany() ? Optional.ofNullable(changes.same) : like(listed, added.path());
      return path.isEmpty()
          ? Optional.empty()
          : Spot.find(reader, parent.getTree(), path.get(), null);
    } catch (TooLarge e) {
      return Optional.empty();
    } finally {
      work.release(held + directories);
    }
  }

  private Optional<String> like(List<DiffEntry> listed, String added) throws IOException {
    var detector = new RenameDetector(reader, config);
    detector.setRenameLimit(FILES);
    detector.setBigFileThreshold((int) CONTENT);
    detector.addAll(listed);
    try {
      for (DiffEntry entry : detector.compute(reader, NullProgressMonitor.INSTANCE)) {
        boolean moved =
            switch (entry.getChangeType()) {
              case RENAME, COPY -> true;
              case ADD, DELETE, MODIFY -> false;
            };
        if (moved && entry.getNewPath().equals(added)) {
          return Optional.of(entry.getOldPath());
        }
      }
    } catch (CanceledException e) {
      throw new IllegalStateException("nobody cancels it", e);
    }
    return Optional.empty();
  }

  /** The directories are too large to look for it. */
  private static final class TooLarge extends IOException {}

  /** Counts the directories: the walk holds one of each level, all of them at worst. */
  private final class Counting extends ObjectReader.Filter {
    private final ObjectReader delegate;

    Counting(ObjectReader delegate) {
      this.delegate = delegate;
    }

    @Override
    protected ObjectReader delegate() {
      return delegate;
    }

    @Override
    public ObjectReader newReader() {
      return this;
    }

    @Override
    public ObjectLoader open(AnyObjectId id, int type) throws IOException {
      if (type == Constants.OBJ_TREE) {
        long size = delegate.getObjectSize(id, type);
        if (directories + size > work.directoryBytes()) {
          throw new TooLarge();
        }
        work.hold(size);
        directories += size;
      }
      return delegate.open(id, type);
    }

    @Override
    public ObjectLoader open(AnyObjectId id) throws IOException {
      return open(id, OBJ_ANY);
    }
  }

  /** Lets through what was added and deleted, and no more of either than is compared. */
  private static final class Changes extends TreeFilter {
    private final Spot file;
    private int added;
    private int deleted;
    private @Nullable String same;

    Changes(Spot file) {
      this.file = file;
    }

    boolean tooMany() {
      return added > FILES || deleted > FILES;
    }

    @Override
    public boolean include(TreeWalk at) throws IOException {
      if (!ANY_DIFF.include(at)) {
        return false;
      }
      if (at.isSubtree()) {
        return true;
      }
      if (at.getRawMode(0) == 0) {
        return ++added <= FILES;
      }
      if (at.getRawMode(1) != 0) {
        return false;
      }
      if (same == null && at.getObjectId(0).equals(file.blob())) {
        same = at.getPathString();
      }
      return ++deleted <= FILES;
    }

    @Override
    public boolean shouldBeRecursive() {
      return false;
    }

    @Override
    public TreeFilter clone() {
      return this;
    }
  }
}
