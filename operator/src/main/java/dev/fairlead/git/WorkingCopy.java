package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.dircache.DirCacheIterator;
import org.eclipse.jgit.dircache.InvalidPathException;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.FileTreeIterator;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.WorkingTreeIterator;

/**
 * A directory that somebody works in, as the commit that {@code git add -A} would make of it:
 * tracked files as they are now and new ones, but not what {@code .gitignore} leaves out. A
 * directory outside of any repository is taken whole. The directory itself is not written to.
 */
public final class WorkingCopy {
  /** The branch of the commit. */
  public static final String BRANCH = "work-tree";

  private static final int TRACKED = 0;

  private static final int FILES = 1;

  private final Path root;
  private final boolean repository;

  private WorkingCopy(Path root, boolean repository) {
    this.root = root;
    this.repository = repository;
  }

  /** The working copy that a directory lies in; the directory itself where it lies in none. */
  public static WorkingCopy around(Path directory) throws IOException {
    Path real = directory.toRealPath();
    for (Path at = real; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(Constants.DOT_GIT), LinkOption.NOFOLLOW_LINKS)) {
        return new WorkingCopy(at, true);
      }
    }
    return new WorkingCopy(real, false);
  }

  /** Its uppermost directory. */
  public Path root() {
    return root;
  }

  /** The path of a directory in it from the root, with slashes; empty for the root itself. */
  public String pathOf(Path directory) throws IOException {
    return root.relativize(directory.toRealPath()).toString().replace('\\', '/');
  }

  /**
   * Writes the commit into a new bare repository.
   *
   * @param bare a directory that does not exist yet
   * @return the commit's hash
   */
  public String commitTo(Path bare) throws IOException {
    QuietSystem.install();
    try (Repository to = new FileRepositoryBuilder().setGitDir(bare.toFile()).setBare().build()) {
      to.create(true);
      try (ObjectInserter inserter = to.newObjectInserter()) {
        ObjectId tree = repository ? ofRepository(inserter) : ofDirectory(to, inserter);
        CommitBuilder commit = new CommitBuilder();
        commit.setTreeId(tree);
        PersonIdent nobody = new PersonIdent("nobody", "", Instant.EPOCH, ZoneOffset.UTC);
        commit.setAuthor(nobody);
        commit.setCommitter(nobody);
        commit.setMessage("The working copy");
        ObjectId id = inserter.insert(commit);
        inserter.flush();
        RefUpdate update = to.updateRef(Constants.R_HEADS + BRANCH);
        update.setNewObjectId(id);
        RefUpdate.Result result = update.update();
        if (result != RefUpdate.Result.NEW) {
          throw new IOException("the working copy cannot be taken: " + result);
        }
        return id.name();
      }
    }
  }

  private ObjectId ofRepository(ObjectInserter inserter) throws IOException {
    FileRepositoryBuilder builder =
        new FileRepositoryBuilder().setWorkTree(root.toFile()).findGitDir(root.toFile());
    try (Repository from = builder.build();
        TreeWalk walk = new TreeWalk(from)) {
      walk.addTree(new DirCacheIterator(from.readDirCache()));
      walk.addTree(new FileTreeIterator(from));
      return take(walk, Optional.of(from), inserter);
    }
  }

  private ObjectId ofDirectory(Repository to, ObjectInserter inserter) throws IOException {
    try (TreeWalk walk = new TreeWalk(to)) {
      walk.addTree(new org.eclipse.jgit.treewalk.EmptyTreeIterator());
      walk.addTree(
          new FileTreeIterator(
              root.toFile(),
              to.getFS(),
              to.getConfig().get(org.eclipse.jgit.treewalk.WorkingTreeOptions.KEY)));
      return take(walk, Optional.empty(), inserter);
    }
  }

  private static ObjectId take(TreeWalk walk, Optional<Repository> from, ObjectInserter inserter)
      throws IOException {
    DirCache cache = DirCache.newInCore();
    DirCacheBuilder entries = cache.builder();
    walk.setRecursive(false);
    while (walk.next()) {
      WorkingTreeIterator file = walk.getTree(FILES, WorkingTreeIterator.class);
      if (file == null) {
        // It was deleted.
        continue;
      }
      boolean tracked = walk.getRawMode(TRACKED) != 0;
      if (from.isPresent() && !tracked && file.isEntryIgnored()) {
        continue;
      }
      FileMode mode = file.getEntryFileMode();
      if (FileMode.TREE.equals(mode)) {
        walk.enterSubtree();
        continue;
      }
      add(walk.getPathString(), mode, file, inserter, entries);
    }
    entries.finish();
    return cache.writeTree(inserter);
  }

  private static void add(
      String path,
      FileMode mode,
      WorkingTreeIterator file,
      ObjectInserter inserter,
      DirCacheBuilder entries)
      throws IOException {
    DirCacheEntry entry;
    try {
      entry = new DirCacheEntry(path);
    } catch (InvalidPathException e) {
      throw new IOException(path + " cannot be in Git: rename it", e);
    }
    entry.setFileMode(mode);
    if (FileMode.GITLINK.equals(mode)) {
      entry.setObjectId(file.getEntryObjectId());
    } else {
      try (InputStream content = file.openEntryStream()) {
        byte[] bytes = content.readAllBytes();
        entry.setObjectId(inserter.insert(Constants.OBJ_BLOB, bytes));
      }
    }
    entries.add(entry);
  }
}
