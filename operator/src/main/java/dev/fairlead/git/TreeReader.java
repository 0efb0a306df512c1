package dev.fairlead.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/**
 * Reads the directories and small files of one commit. What is no proper directory, or too large,
 * is refused by its path, before it is in memory. For one thread.
 */
final class TreeReader {
  /** What Git refuses too, and JGit's checker does not: a stream of that directory. */
  private static final Pattern GIT_ON_NTFS = Pattern.compile("(?i)([.]git|git~1)[ .]*:.*");

  private final ObjectReader reader;
  private final ObjectId root;
  private final int bytes;
  private final ObjectChecker checker =
      new ObjectChecker().setAllowLeadingZeroFileMode(true).setAllowInvalidPersonIdent(true);

  /**
   * @param bytes of one directory
   */
  TreeReader(ObjectReader reader, ObjectId root, int bytes) {
    this.reader = reader;
    this.root = root;
    this.bytes = bytes;
  }

  ObjectId root() {
    return root;
  }

  /**
   * @param path of the directory, for messages
   */
  List<TreeEntry> load(ObjectId id, String path) throws GitException, IOException {
    String place = path.isEmpty() ? "the root directory" : TreePath.shown(path);
    byte[] raw;
    try {
      if (reader.getObjectSize(id, Constants.OBJ_TREE) > bytes) {
        throw TreeProblems.bad(place + " has more entries than fit into " + Text.size(bytes));
      }
      raw = reader.open(id, Constants.OBJ_TREE).getCachedBytes(bytes);
      checker.reset();
      checker.checkTree(id, raw);
    } catch (MissingObjectException e) {
      throw new AbsentObject(path, id, e);
    } catch (IncorrectObjectTypeException e) {
      throw TreeProblems.bad(
          place + " is not a proper Git directory (the object is of another type)");
    } catch (LargeObjectException e) {
      throw TreeProblems.bad(place + " is too large a directory");
    } catch (CorruptObjectException e) {
      throw TreeProblems.bad(place + " is not a proper Git directory (" + reasonOf(e, id) + ")");
    }
    List<TreeEntry> listing = new ArrayList<>();
    var parser = new CanonicalTreeParser();
    for (parser.reset(raw); !parser.eof(); parser.next(1)) {
      String name = name(parser);
      if (GIT_ON_NTFS.matcher(name).matches()) {
        throw TreeProblems.bad(
            TreePath.shown(path.isEmpty() ? name : path + "/" + name)
                + ": rename it, Windows takes it for the directory of Git itself");
      }
      listing.add(new TreeEntry(name, parser.getEntryRawMode(), parser.getEntryObjectId()));
    }
    return listing;
  }

  private static String reasonOf(CorruptObjectException e, ObjectId id) {
    String text = e.getMessage() == null ? "" : e.getMessage();
    return Text.cut(text.replace(id.name(), "").replaceFirst("^(Object|object)[ :]+", ""), 120);
  }

  /** What is not UTF-8 becomes U+FFFD, which makes the name an odd one. */
  private static String name(CanonicalTreeParser parser) {
    int length = parser.getNameLength();
    int start = parser.getEntryPathLength() - length;
    return new String(parser.getEntryPathBuffer(), start, length, StandardCharsets.UTF_8);
  }

  /**
   * How many bytes a file has.
   *
   * @param path for messages
   */
  long size(TreeEntry file, String path) throws IOException {
    try {
      return reader.getObjectSize(file.id(), Constants.OBJ_BLOB);
    } catch (MissingObjectException e) {
      throw new AbsentObject(path, file.id(), e);
    }
  }

  /** A file's, or a link's, content; empty when it has more bytes than that. */
  Optional<byte[]> content(TreeEntry file, String path, int most) throws GitException, IOException {
    if (size(file, path) > most) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.open(file.id(), Constants.OBJ_BLOB).getCachedBytes(most));
    } catch (MissingObjectException e) {
      throw new AbsentObject(path, file.id(), e);
    } catch (IncorrectObjectTypeException e) {
      throw noFile(path);
    }
  }

  /** Where a directory has a file or a link, and the object is something else. */
  static GitException noFile(String path) {
    return TreeProblems.bad(
        TreePath.shown(path)
            + ": the directory that it is in says that it is a file, and the object is of another"
            + " type: remove it and add it again");
  }

  /** What is at a path, without following anything. */
  Optional<TreeEntry> find(String path) throws GitException, IOException {
    var at = new TreeEntry("", FileMode.TREE.getBits(), root);
    String walked = "";
    for (String segment : TreePath.segments(path)) {
      if (!at.isDirectory()) {
        return Optional.empty();
      }
      Optional<TreeEntry> next =
          load(at.id(), walked).stream().filter(e -> e.name().equals(segment)).findFirst();
      if (next.isEmpty()) {
        return Optional.empty();
      }
      walked = TreePath.join(walked, segment);
      at = next.get();
    }
    return Optional.of(at);
  }
}
