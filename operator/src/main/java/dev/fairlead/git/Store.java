package dev.fairlead.git;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.file.GC;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.jspecify.annotations.Nullable;

/**
 * A bare repository on disk that holds single commits, each without its history and each under a
 * ref of its own, {@code refs/fairlead/<hash>}. Reading is for any thread at any time; {@link
 * #tidy}, {@link #keep} and {@link #collect} are for one thread at a time, which the owner's lock
 * ensures.
 */
final class Store implements AutoCloseable {
  private static final String REFS = "refs/fairlead/";

  /** The annotated tags of a commit: {@code refs/fairlead-tag/<commit>/<tag>}. */
  private static final String TAG_REFS = "refs/fairlead-tag/";

  /** Of a tag that was found under another name than its own. */
  private static final String MISNAMED = "-misnamed";

  private static final Pattern PACK = Pattern.compile("pack-[0-9a-f]{40}[.](pack|idx)");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}\n");

  private static final int TAGS_OF_ONE_COMMIT = 16;

  /** The part of a mirror's bound that may come before it is repacked. */
  private static final int LOOSE = 8;

  private static final int AUTHOR = 100;
  private static final int SUBJECT = 200;

  private final Path directory;
  private final GitLimits limits;
  private final Absences absences;
  private final BoundedRepository repository;
  private final CacheBudget.Account account;
  private final ReentrantReadWriteLock packs = new ReentrantReadWriteLock();
  private final AtomicInteger repacks = new AtomicInteger();
  private final byte[] config;
  private volatile boolean damaged;

  private Store(
      Path directory,
      GitLimits limits,
      Absences absences,
      BoundedRepository repository,
      CacheBudget.Account account)
      throws IOException {
    this.directory = directory;
    this.limits = limits;
    this.absences = absences;
    this.repository = repository;
    this.account = account;
    this.config = Files.readAllBytes(directory.resolve(Constants.CONFIG));
  }

  /** Something is not as this class leaves it. */
  static final class Damaged extends IOException {
    Damaged(String message) {
      super(message);
    }
  }

  static Store create(Path directory, GitLimits limits, CacheBudget budget, Turns turns)
      throws IOException {
    return create(directory, limits, budget, turns, new Absences());
  }

  /**
   * @param absences of all the stores that there were of the same repository
   */
  static Store create(
      Path directory, GitLimits limits, CacheBudget budget, Turns turns, Absences absences)
      throws IOException {
    DiskTree.delete(directory);
    Files.createDirectories(directory);
    CacheBudget.Account account = budget.open();
    var repository = new BoundedRepository(directory, limits, account, turns);
    try {
      repository.create(true);
      StoredConfig config = repository.getConfig();
      config.setInt("gc", null, "auto", 0);
      config.setInt("gc", null, "autoPackLimit", 0);
      config.setBoolean("gc", null, "autoDetach", false);
      config.setString("gc", null, "pruneExpire", "now");
      config.setString("gc", null, "prunePackExpire", "now");
      config.setString("core", null, ConfigConstants.CONFIG_KEY_LOGALLREFUPDATES, "false");
      config.setString("http", null, "followRedirects", "false");
      config.setBoolean("http", null, "saveCookies", false);
      config.setInt("protocol", null, "version", 2);
      config.save();
      var store = new Store(directory, limits, absences, repository, account);
      store.settle();
      return store;
    } catch (IOException e) {
      repository.close();
      account.close();
      // Each attempt has a directory of its own, and a full disk sees many.
      try {
        DiskTree.delete(directory);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /** Counts what it takes on the disk; what cannot be read is taken for unchanged. */
  void settle() {
    long bytes;
    try {
      bytes = DiskTree.bytes(directory);
    } catch (IOException e) {
      bytes = account.bytes();
    }
    account.settle(bytes);
    if (repository.getObjectDatabase().getPacks().size() <= 1) {
      account.packed();
    }
  }

  CacheBudget.Account account() {
    return account;
  }

  BoundedRepository repository() {
    return repository;
  }

  /** Something that is read, and may have to be read a second time. */
  interface Read<T> {
    T take() throws GitException, IOException;
  }

  /**
   * Reads; once more when a repack took a pack away meanwhile, which is no damage. JGit looks for
   * an object in all packs that it knew, and fails at the first whose index it had not loaded
   * before the file went.
   *
   * @throws IOException it cannot be read, and nothing was repacked
   */
  <T> T read(Read<T> read) throws GitException, IOException {
    int before = repacks.get();
    try {
      return read.take();
    } catch (IOException e) {
      // Waits for a repack that is at work.
      packs.readLock().lock();
      try {
        if (repacks.get() == before) {
          throw e;
        }
        // In none of the packs, so all are looked into, and those that went are forgotten.
        boolean _ = repository.getObjectDatabase().has(ObjectId.zeroId());
        return read.take();
      } finally {
        packs.readLock().unlock();
      }
    }
  }

  /**
   * What to say when something of a commit could not be read. Marks the store as damaged, but not
   * for an object that the one before lacked too.
   */
  GitException unreadable(String commit, IOException e) {
    if (e instanceof AbsentObject absent && absences.again(commit, absent.id(), directory)) {
      return new GitException(
          Reason.BUILD_FAILED,
          (absent.path().isEmpty() ? "the root directory" : TreePath.shown(absent.path()))
              + ": the repository lacks its object "
              + absent.id().name()
              + "; 'git fsck' there says what else is missing, and a new commit from a whole clone"
              + " brings it back",
          e);
    }
    if (e instanceof ReadingTime.Over) {
      return new GitException(
          Reason.FETCH_FAILED,
          "what the repository sent as commit " + Text.cut(commit, 7) + ": " + e.getMessage(),
          e);
    }
    markDamaged(e);
    return Failures.givenUp(e)
        ? new GitException(
            Reason.FETCH_FAILED, "reading commit " + Text.cut(commit, 7) + " was given up", e)
        : lost(commit, e);
  }

  static GitException lost(String commit, @Nullable Throwable cause) {
    return new GitException(
        Reason.FETCH_FAILED,
        "commit "
            + Text.cut(commit, 7)
            + " is not, or no longer, readable in the mirror; the next"
            + " look fetches it again",
        cause);
  }

  /** The same, unless whoever read was interrupted, which says nothing of the files. */
  void markDamaged(Throwable failure) {
    if (!Failures.givenUp(failure)) {
      markDamaged();
    }
  }

  /** Something of it could not be read: it is to be built anew. */
  void markDamaged() {
    damaged = true;
  }

  /** Whether it must be built anew, also because someone took its files away. */
  boolean unusable() {
    return damaged
        || !isDirectory("")
        || !isDirectory("objects")
        || !isDirectory("objects/pack")
        || !isDirectory("refs")
        || Files.isSymbolicLink(directory.resolve("refs/fairlead"))
        || !isConfigured();
  }

  /** Links are nothing that anybody would have made here in good faith. */
  private boolean isDirectory(String name) {
    return Files.isDirectory(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  private boolean isConfigured() {
    try {
      return Arrays.equals(config, Files.readAllBytes(directory.resolve(Constants.CONFIG)));
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether that commit is here whole, and stays. */
  boolean holds(ObjectId commit) throws IOException {
    return repository.exactRef(REFS + commit.name()) != null
        && repository.getObjectDatabase().has(commit);
  }

  /** An annotated tag, by the name that it has itself and was found under. */
  record Tag(String name, ObjectId id) {}

  /** Whether {@link #keepTag} has kept it. */
  boolean holdsTag(ObjectId commit, ObjectId tag) throws IOException {
    String name = TAG_REFS + commit.name() + "/" + tag.name();
    return (repository.exactRef(name) != null || repository.exactRef(name + MISNAMED) != null)
        && repository.getObjectDatabase().has(tag);
  }

  /** The tags of a commit that were found under their own names. */
  List<Tag> tagsOf(ObjectId commit) throws IOException {
    String prefix = TAG_REFS + commit.name() + "/";
    List<Tag> tags = new ArrayList<>();
    try (var walk = new RevWalk(repository)) {
      for (Ref ref : repository.getRefDatabase().getRefsByPrefix(prefix)) {
        if (!ref.getName().endsWith(MISNAMED)) {
          ObjectId tag = ObjectId.fromString(ref.getName().substring(prefix.length()));
          tags.add(new Tag(walk.parseTag(tag).getTagName(), tag));
        }
      }
    }
    return tags;
  }

  /**
   * Keeps an annotated tag for as long as its commit is kept.
   *
   * @param found the name that it was found under
   */
  void keepTag(ObjectId commit, ObjectId tag, String found) throws IOException {
    String prefix = TAG_REFS + commit.name() + "/";
    List<Ref> former = repository.getRefDatabase().getRefsByPrefix(prefix);
    if (former.size() >= TAGS_OF_ONE_COMMIT) {
      for (Ref ref : former) {
        delete(ref.getName());
      }
    }
    try (var walk = new RevWalk(repository)) {
      boolean own = walk.parseTag(tag).getTagName().equals(found);
      point(prefix + tag.name() + (own ? "" : MISNAMED), tag);
    }
  }

  /** What people want to know of a commit that is here. */
  Commit describe(ObjectId id, String ref) throws IOException {
    try (var walk = new RevWalk(repository)) {
      RevCommit commit = walk.parseCommit(id);
      PersonIdent author = commit.getAuthorIdent();
      String name = author == null ? "" : Text.cut(author.getName(), AUTHOR - 3);
      return new Commit(
          new Revision(ref, id.name()),
          name,
          Text.cut(commit.getFirstMessageLine(), SUBJECT - 3),
          Instant.ofEpochSecond(Integer.toUnsignedLong(commit.getCommitTime())));
    }
  }

  /** The commit's root directory. */
  ObjectId rootTree(ObjectId id) throws IOException {
    try (var walk = new RevWalk(repository)) {
      return walk.parseCommit(id).getTree().copy();
    }
  }

  /** Keeps a commit that was just fetched until {@link #collect} is told otherwise. */
  void keep(ObjectId commit) throws IOException {
    point(REFS + commit.name(), commit);
  }

  private void delete(String ref) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setForceUpdate(true);
    update.delete();
  }

  private void point(String ref, ObjectId id) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setNewObjectId(id);
    update.disableRefLog();
    RefUpdate.Result result = update.update();
    switch (result) {
      case NEW, FORCED, FAST_FORWARD, NO_CHANGE -> {}
      case NOT_ATTEMPTED,
          LOCK_FAILURE,
          REJECTED,
          REJECTED_CURRENT_BRANCH,
          REJECTED_MISSING_OBJECT,
          REJECTED_OTHER_REASON,
          IO_FAILURE,
          RENAMED ->
          throw new Damaged("the mirror's ref of the commit could not be written: " + result);
    }
  }

  /**
   * Removes what an interrupted or killed fetch left behind, which would make the next one fail,
   * and makes the list of shallow commits right: each commit here has no parents here.
   */
  void tidy() throws IOException {
    try {
      DiskTree.deleteFiles(directory, this::leftover);
      rewriteShallow(false);
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      markDamaged(e);
      throw e;
    }
  }

  /** Of a pack and its index one alone is no use; nothing else is at work while this is asked. */
  private boolean leftover(Path file) {
    String name = file.getFileName().toString();
    if (file.startsWith(directory.resolve("objects/pack"))) {
      return !PACK.matcher(name).matches()
          || !Files.isRegularFile(file.resolveSibling(name.replaceFirst("[.].*", ".pack")))
          || !Files.isRegularFile(file.resolveSibling(name.replaceFirst("[.].*", ".idx")));
    }
    if (file.startsWith(directory.resolve("refs"))) {
      return !isRef(file);
    }
    return name.endsWith(".lock")
        || name.equals("gc.pid")
        || name.equals("gc.log")
        || name.startsWith("incoming_")
        || name.startsWith("noz");
  }

  private static boolean isRef(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.size(file) == Constants.OBJECT_ID_STRING_LENGTH + 1
          && HASH.matcher(Files.readString(file, StandardCharsets.ISO_8859_1)).lookingAt();
    } catch (IOException e) {
      return false;
    }
  }

  private List<ObjectId> commits() throws IOException {
    return repository.getRefDatabase().getRefsByPrefix(REFS).stream()
        .map(ref -> ObjectId.fromString(ref.getName().substring(REFS.length())))
        .toList();
  }

  private Set<ObjectId> shallowOfRefs() throws IOException {
    Set<ObjectId> boundary = new HashSet<>();
    try (var walk = new RevWalk(repository)) {
      for (ObjectId commit : commits()) {
        // Raw, for the walk itself takes the parents off where the list is right.
        byte[] raw = walk.getObjectReader().open(commit, Constants.OBJ_COMMIT).getCachedBytes();
        if (RevCommit.parse(raw).getParentCount() > 0) {
          boundary.add(commit);
        }
      }
    }
    return boundary;
  }

  /** {@code exactly}: also drops commits that are no longer under a ref, after a collection. */
  private void rewriteShallow(boolean exactly) throws IOException {
    ObjectDatabase objects = repository.getObjectDatabase();
    Set<ObjectId> right = shallowOfRefs();
    Set<ObjectId> current = objects.getShallowCommits();
    if (!exactly) {
      for (ObjectId id : current) {
        if (objects.has(id)) {
          right.add(id.copy());
        }
      }
    }
    if (!right.equals(current)) {
      objects.setShallowCommits(right);
    }
  }

  /** Whether there is so much in so many packs that it is time to {@link #collect}. */
  boolean crowded() {
    return repository.getObjectDatabase().getPacks().size() >= limits.disk().packs()
        || account.loose() > limits.disk().mirrorBytes() / LOOSE;
  }

  /** Whether a repack would take something away that need not be kept. */
  boolean wasteful(Set<String> kept) {
    try {
      return repository.getObjectDatabase().getPacks().size() > 1
          || !commits().stream().map(ObjectId::name).allMatch(kept::contains);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether any of these commits is in it. */
  boolean holdsAny(Set<String> some) throws IOException {
    return commits().stream().map(ObjectId::name).anyMatch(some::contains);
  }

  /**
   * Puts these commits into one pack and deletes all else. {@link #read} is not disturbed.
   *
   * @return false: the disk has no room for the new pack beside the old ones, and nothing was done
   */
  boolean collect(Set<String> kept) throws IOException {
    if (!account.copy(account.bytes())) {
      return false;
    }
    packs.writeLock().lock();
    try (Turns.Turn _ = repository.reading()) {
      repository.requireFree(account.bytes());
      repack(kept);
      return true;
    } catch (OverBound e) {
      return false;
    } finally {
      repacks.incrementAndGet();
      packs.writeLock().unlock();
      settle();
    }
  }

  private void repack(Set<String> kept) throws IOException {
    tidy();
    for (ObjectId commit : commits()) {
      if (!kept.contains(commit.name())) {
        delete(REFS + commit.name());
      }
    }
    for (Ref tag : repository.getRefDatabase().getRefsByPrefix(TAG_REFS)) {
      if (!kept.contains(tag.getName().substring(TAG_REFS.length()).split("/", 2)[0])) {
        delete(tag.getName());
      }
    }
    rewriteShallow(true);
    var gc = new GC(repository);
    gc.setPackConfig(smallHeap());
    try {
      // Done when it returns: it was not told to work in the background.
      gc.gc().join();
    } catch (ParseException | GitAPIException e) {
      throw new IOException("the mirror could not be repacked", e);
    }
  }

  /** What was fetched is compressed already; looking for better deltas costs heap and time. */
  private PackConfig smallHeap() {
    var config = new PackConfig(repository);
    config.setThreads(1);
    config.setDeltaCompress(false);
    config.setBuildBitmaps(false);
    return config;
  }

  /** Closes and deletes it. Whoever still reads meets missing objects. */
  void discard() throws IOException {
    close();
    try {
      DiskTree.delete(directory);
      account.close();
    } catch (IOException e) {
      settle();
      throw e;
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}
