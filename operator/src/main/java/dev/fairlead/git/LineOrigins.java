package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevFlag;
import org.eclipse.jgit.revwalk.RevWalk;

/**
 * Goes back from the lines of one file to the commits that wrote them: what a commit shares with a
 * parent is the parent's, what is left is its own. Parts of the file go their own ways at merges,
 * and meet again.
 *
 * <p>Guarantees to hold two versions of the file at a time, and to count what it holds in its work.
 * For one thread, and one file.
 */
final class LineOrigins implements AutoCloseable {
  /** Parts of the file that went different ways. */
  private static final int MOST_PARTS = 10_000;

  /** What is held of one, with what is told of it in the end. */
  private static final int PART = 256;

  /** What the walk holds of a commit, and of each of its parents. */
  private static final int COMMIT = 128;

  /** A commit's own text, and what is cut out of it. */
  private static final int TEXT = 4;

  private static final int AUTHOR = 100;
  private static final int SUBJECT = 200;

  private final BlameWork work;
  private final ObjectReader reader;
  private final RevWalk walk;
  private final RevFlag counted;
  private final LineDiff diff;
  private final RenameSearch renames;
  private final Set<ObjectId> oldest;
  private final int depth;

  private final PriorityQueue<Version> queue =
      new PriorityQueue<>(
          Comparator.comparingInt((Version v) -> v.commit.getCommitTime())
              .reversed()
              .thenComparingLong(v -> v.number));
  private final Map<Place, Version> queued = new HashMap<>();
  private final Map<ObjectId, Content> contents = new LinkedHashMap<>(4, 0.75f, true);
  private final List<Blame.Lines> found = new ArrayList<>();
  private long number;
  private int parts;

  private record Place(ObjectId commit, String path) {}

  private record Content(RawText text, long held) {}

  /** A version of the file, and the parts that are its own or older. */
  private static final class Version {
    final RevCommit commit;
    final Spot spot;
    final long number;
    List<LinePart> parts;

    Version(RevCommit commit, Spot spot, long number, List<LinePart> parts) {
      this.commit = commit;
      this.spot = spot;
      this.number = number;
      this.parts = parts;
    }

    Place place() {
      return new Place(commit, spot.path());
    }
  }

  /**
   * @param depth how far the history goes back, in commits
   */
  LineOrigins(BlameWork work, BoundedRepository repository, int depth) throws IOException {
    this.work = work;
    this.reader = work.reader(repository);
    this.walk = new RevWalk(reader);
    this.counted = walk.newFlag("counted");
    this.diff = new LineDiff(work);
    this.renames = new RenameSearch(work, repository);
    this.oldest = repository.getObjectDatabase().getShallowCommits();
    this.depth = depth;
    walk.setRetainBody(false);
  }

  /** The file at a commit; empty when there is none. */
  Optional<Spot> find(ObjectId commit, String path) throws IOException {
    return Spot.find(reader, parsed(walk.lookupCommit(commit)).getTree(), path, null);
  }

  /** All its lines, in any order. */
  List<Blame.Lines> of(ObjectId commit, Spot spot) throws IOException {
    RevCommit newest = walk.lookupCommit(commit);
    int lines = text(newest, spot, BlameWork.BYTES).size();
    if (lines > 0) {
      parts(1);
      push(newest, spot, List.of(new LinePart(0, 0, lines)));
    }
    for (Version next = queue.poll(); next != null; next = queue.poll()) {
      queued.remove(next.place());
      work.spend();
      follow(next);
    }
    return found;
  }

  private RevCommit parsed(RevCommit commit) throws IOException {
    walk.parseHeaders(commit);
    if (!commit.has(counted)) {
      commit.add(counted);
      work.hold((long) COMMIT * (1 + commit.getParentCount()));
    }
    return commit;
  }

  private void parts(int more) throws IOException {
    parts += more;
    if (parts > MOST_PARTS) {
      throw new BlameWork.Over(
          Reason.BUILD_FAILED, "has lines from more than " + MOST_PARTS + " places");
    }
    work.hold((long) PART * more);
  }

  private void push(RevCommit commit, Spot spot, List<LinePart> some) throws IOException {
    var version = new Version(commit, spot, number++, some);
    Version other = queued.get(version.place());
    if (other != null) {
      int before = other.parts.size() + some.size();
      other.parts = LinePart.merged(other.parts, some);
      parts(other.parts.size() - before);
    } else {
      queued.put(version.place(), version);
      queue.add(version);
    }
  }

  private void follow(Version version) throws IOException {
    RevCommit commit = version.commit;
    Spot here = version.spot;
    List<Optional<Spot>> spots = new ArrayList<>();
    for (RevCommit parent : commit.getParents()) {
      Optional<Spot> spot = Spot.find(reader, parsed(parent).getTree(), here.path(), here);
      if (same(spot, here)) {
        push(parent, spot.get(), version.parts);
        return;
      }
      spots.add(spot);
    }
    for (int i = 0; i < spots.size(); i++) {
      if (spots.get(i).isEmpty()) {
        RevCommit parent = commit.getParent(i);
        Optional<Spot> spot = renames.before(parent, commit, here);
        if (same(spot, here)) {
          push(parent, spot.get(), version.parts);
          return;
        }
        spots.set(i, spot);
      }
    }
    share(version, spots);
  }

  private static boolean same(Optional<Spot> one, Spot other) {
    return one.isPresent() && one.get().blob().equals(other.blob());
  }

  private void share(Version version, List<Optional<Spot>> parents) throws IOException {
    List<LinePart> left = version.parts;
    for (int i = 0; i < parents.size() && !left.isEmpty(); i++) {
      if (parents.get(i).isEmpty()) {
        continue;
      }
      RevCommit parent = version.commit.getParent(i);
      Spot spot = parents.get(i).get();
      RawText after = text(version.commit, version.spot, BlameWork.OLDER_BYTES);
      RawText before = text(parent, spot, BlameWork.OLDER_BYTES);
      var split = LinePart.split(left, diff.compare(before, after));
      parts(split.older().size() + split.own().size() - left.size());
      left = split.own();
      if (!split.older().isEmpty()) {
        push(parent, spot, split.older());
      }
    }
    if (!left.isEmpty()) {
      tell(version.commit, version.spot.path(), left);
    }
  }

  /** The two that were wanted last stay. */
  private RawText text(RevCommit commit, Spot spot, int most) throws IOException {
    Content known = contents.get(spot.blob());
    if (known != null) {
      return known.text;
    }
    long size = reader.getObjectSize(spot.blob(), Constants.OBJ_BLOB);
    if (size > most) {
      throw tooLarge(commit, Text.size(size), "files up to " + Text.size(most));
    }
    if (contents.size() > 1) {
      ObjectId eldest = contents.keySet().iterator().next();
      work.release(Objects.requireNonNull(contents.remove(eldest)).held);
    }
    work.hold(size);
    byte[] bytes = reader.open(spot.blob(), Constants.OBJ_BLOB).getCachedBytes(most);
    int lines = bytes.length == 0 || bytes[bytes.length - 1] == '\n' ? 0 : 1;
    for (byte b : bytes) {
      lines += b == '\n' ? 1 : 0;
    }
    if (lines > BlameWork.LINES) {
      throw tooLarge(commit, lines + " lines", "files up to " + BlameWork.LINES + " lines");
    }
    // JGit doubles the list of where they begin.
    long starts = 3L * Integer.BYTES * lines;
    work.hold(starts);
    var text = new RawText(bytes);
    contents.put(spot.blob(), new Content(text, size + starts));
    return text;
  }

  private static BlameWork.Over tooLarge(RevCommit commit, String has, String told) {
    return new BlameWork.Over(
        Reason.BUILD_FAILED,
        "has %s in commit %s, and the history of %s is told"
            .formatted(has, commit.name().substring(0, 7), told));
  }

  private void tell(RevCommit commit, String path, List<LinePart> own) throws IOException {
    if (oldest.contains(commit)) {
      for (LinePart part : own) {
        found.add(new Blame.Lines(part.at() + 1, part.count(), Optional.empty(), depth));
      }
      return;
    }
    long size = TEXT * reader.getObjectSize(commit, Constants.OBJ_COMMIT);
    work.hold(size);
    walk.parseBody(commit);
    PersonIdent author = commit.getAuthorIdent();
    String name = author == null ? "" : Text.cut(author.getName(), AUTHOR - 3);
    Instant when =
        author == null
            ? Instant.ofEpochSecond(Integer.toUnsignedLong(commit.getCommitTime()))
            : author.getWhenAsInstant();
    String subject = Text.cut(commit.getFirstMessageLine(), SUBJECT - 3);
    commit.disposeBody();
    work.release(size);
    String file = Text.cut(path, 1000);
    for (LinePart part : own) {
      var change = new Blame.Change(commit.name(), name, when, subject, file, part.before() + 1);
      found.add(new Blame.Lines(part.at() + 1, part.count(), Optional.of(change), 0));
    }
  }

  @Override
  public void close() {
    walk.close();
  }
}
