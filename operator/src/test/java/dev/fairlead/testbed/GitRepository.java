package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TagBuilder;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A bare repository of a {@link GitServer}, changed from the server's side, without a clone: what a
 * push would have brought is there when a method returns.
 *
 * <p>Guarantees: refs move by force, as a test wants it; every commit is by the author "Fairlead
 * Tests" and has a date of its own, a second after the one before. Calls are taken one after
 * another.
 */
public final class GitRepository implements AutoCloseable {

  /** The branch that HEAD points at in a new repository. */
  public static final String MAIN = "main";

  private final String url;
  private final Repository repository;
  private Instant clock = Instant.now().minusSeconds(86_400);

  private GitRepository(String url, Repository repository) {
    this.url = url;
    this.repository = repository;
  }

  static GitRepository create(Path directory, String url) throws IOException {
    Repository repository =
        new FileRepositoryBuilder().setGitDir(directory.toFile()).setBare().build();
    repository.create(true);
    repository.getConfig().setBoolean("http", null, "receivepack", true);
    repository.getConfig().save();
    repository.updateRef(Constants.HEAD, true).link(Constants.R_HEADS + MAIN);
    return new GitRepository(url, repository);
  }

  /** Where a client finds it. */
  public String url() {
    return url;
  }

  /** The repository itself, for objects that the methods here do not make. */
  public Repository jgit() {
    return repository;
  }

  /**
   * Commits files (path to content) on top of main, whose other files stay, and returns the
   * commit's hash.
   */
  public String commit(Map<String, String> files, String message) {
    List<GitChange> changes = new ArrayList<>();
    files.forEach((path, content) -> changes.add(new GitChange.Write(path, content)));
    return commit(MAIN, message, changes);
  }

  /** Commits the removal of files or directories on main, and returns the commit's hash. */
  public String delete(String message, String... paths) {
    List<GitChange> changes = new ArrayList<>();
    for (String path : paths) {
      changes.add(new GitChange.Delete(path));
    }
    return commit(MAIN, message, changes);
  }

  /** Commits changes on top of a branch, which begins with this commit where it does not exist. */
  public synchronized String commit(String branch, String message, List<GitChange> changes) {
    return doing(() -> {
      ObjectId parent = repository.resolve(Constants.R_HEADS + branch);
      try (ObjectInserter inserter = repository.newObjectInserter()) {
        ObjectId tree = changedTree(inserter, parent, changes);
        return commit(inserter, branch, parent, tree, message);
      }
    });
  }

  /**
   * Commits, on top of a branch, exactly the tree of another commit: with a commit's parent, this
   * reverts it.
   */
  public synchronized String restore(String branch, String commit, String message) {
    return doing(() -> {
      ObjectId parent = repository.resolve(Constants.R_HEADS + branch);
      try (ObjectInserter inserter = repository.newObjectInserter();
          RevWalk walk = new RevWalk(repository)) {
        ObjectId tree = walk.parseCommit(ObjectId.fromString(commit)).getTree();
        return commit(inserter, branch, parent, tree, message);
      }
    });
  }

  /**
   * Commits, on top of a branch, a tree that was made by hand, and may be one that no Git client
   * would make.
   */
  public synchronized String commitTree(String branch, ObjectId tree, String message) {
    return doing(() -> {
      ObjectId parent = repository.resolve(Constants.R_HEADS + branch);
      try (ObjectInserter inserter = repository.newObjectInserter()) {
        return commit(inserter, branch, parent, tree, message);
      }
    });
  }

  /** Points a branch, new or not, at a commit: a force-push. */
  public synchronized void branch(String branch, String commit) {
    point(Constants.R_HEADS + branch, ObjectId.fromString(commit));
  }

  public synchronized void deleteBranch(String branch) {
    deleteRef(Constants.R_HEADS + branch);
  }

  /** Points a lightweight tag, new or not, at a commit. */
  public synchronized void tag(String tag, String commit) {
    point(Constants.R_TAGS + tag, ObjectId.fromString(commit));
  }

  /** Makes or moves an annotated tag: an object of its own that points at the commit. */
  public synchronized void annotatedTag(String tag, String commit, String message) {
    doing(() -> {
      TagBuilder builder = new TagBuilder();
      builder.setTag(tag);
      builder.setObjectId(ObjectId.fromString(commit), Constants.OBJ_COMMIT);
      builder.setTagger(author());
      builder.setMessage(message);
      try (ObjectInserter inserter = repository.newObjectInserter()) {
        ObjectId id = inserter.insert(builder);
        inserter.flush();
        point(Constants.R_TAGS + tag, id);
        return id;
      }
    });
  }

  public synchronized void deleteTag(String tag) {
    deleteRef(Constants.R_TAGS + tag);
  }

  /** The hash of a branch's, a tag's or HEAD's commit. */
  public synchronized String resolve(String ref) {
    return doing(() -> {
      ObjectId id = repository.resolve(ref + "^{commit}");
      if (id == null) {
        throw new AssertionError("no " + ref + " in " + url);
      }
      return id.name();
    });
  }

  @Override
  public void close() {
    repository.close();
  }

  private ObjectId changedTree(
      ObjectInserter inserter, @Nullable ObjectId parent, List<GitChange> changes)
      throws IOException {
    DirCache index = DirCache.newInCore();
    if (parent != null) {
      try (ObjectReader reader = repository.newObjectReader();
          RevWalk walk = new RevWalk(reader)) {
        RevCommit commit = walk.parseCommit(parent);
        DirCacheBuilder builder = index.builder();
        builder.addTree(new byte[0], DirCacheEntry.STAGE_0, reader, commit.getTree());
        builder.finish();
      }
    }
    DirCacheEditor editor = index.editor();
    for (GitChange change : changes) {
      editor.add(edit(inserter, change));
      if (change instanceof GitChange.Delete(String path)) {
        editor.add(new DirCacheEditor.DeleteTree(path));
      }
    }
    editor.finish();
    return index.writeTree(inserter);
  }

  private static DirCacheEditor.PathEdit edit(ObjectInserter inserter, GitChange change)
      throws IOException {
    return switch (change) {
      case GitChange.Write write ->
          entry(
              write.path(),
              FileMode.REGULAR_FILE,
              inserter.insert(Constants.OBJ_BLOB, write.bytes()));
      case GitChange.Symlink(String path, String target) ->
          entry(
              path, FileMode.SYMLINK, inserter.insert(Constants.OBJ_BLOB, target.getBytes(UTF_8)));
      case GitChange.Submodule(String path, String commit) ->
          entry(path, FileMode.GITLINK, ObjectId.fromString(commit));
      case GitChange.Delete(String path) -> new DirCacheEditor.DeletePath(path);
    };
  }

  private static DirCacheEditor.PathEdit entry(String path, FileMode mode, ObjectId id) {
    return new DirCacheEditor.PathEdit(path) {
      @Override
      public void apply(DirCacheEntry entry) {
        entry.setFileMode(mode);
        entry.setObjectId(id);
      }
    };
  }

  private String commit(
      ObjectInserter inserter,
      String branch,
      @Nullable ObjectId parent,
      ObjectId tree,
      String message)
      throws IOException {
    CommitBuilder builder = new CommitBuilder();
    builder.setTreeId(tree);
    if (parent != null) {
      builder.setParentId(parent);
    }
    PersonIdent author = author();
    builder.setAuthor(author);
    builder.setCommitter(author);
    builder.setMessage(message);
    ObjectId id = inserter.insert(builder);
    inserter.flush();
    point(Constants.R_HEADS + branch, id);
    return id.name();
  }

  private PersonIdent author() {
    clock = clock.plusSeconds(1);
    return new PersonIdent("Fairlead Tests", "tests@example.org", clock, ZoneOffset.UTC);
  }

  private void point(String ref, ObjectId id) {
    doing(() -> {
      RefUpdate update = repository.updateRef(ref);
      update.setNewObjectId(id);
      update.disableRefLog();
      return expect(ref, update.forceUpdate());
    });
  }

  private void deleteRef(String ref) {
    doing(() -> {
      RefUpdate update = repository.updateRef(ref);
      update.setForceUpdate(true);
      return expect(ref, update.delete());
    });
  }

  private static RefUpdate.Result expect(String ref, RefUpdate.Result result) {
    return switch (result) {
      case NEW, FORCED, FAST_FORWARD, NO_CHANGE -> result;
      case NOT_ATTEMPTED,
          LOCK_FAILURE,
          REJECTED,
          REJECTED_CURRENT_BRANCH,
          REJECTED_MISSING_OBJECT,
          REJECTED_OTHER_REASON,
          IO_FAILURE,
          RENAMED ->
          throw new AssertionError(ref + ": " + result);
    };
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private static <T> T doing(Step<T> step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
