package dev.fairlead.git;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.TagBuilder;
import org.eclipse.jgit.lib.TreeFormatter;

/** A repository that others push to: commits are made in it directly, also impossible ones. */
final class Origin implements AutoCloseable {
  static final Instant WHEN = Instant.parse("2026-11-23T10:00:00Z");

  private final FileRepository repository;

  Origin(Path directory) throws IOException {
    QuietSystem.install();
    repository = new FileRepository(directory.toFile());
    repository.create(true);
    RefUpdate head = repository.updateRef(Constants.HEAD);
    head.link("refs/heads/main");
  }

  FileRepository repository() {
    return repository;
  }

  /** Commits exactly these files onto a branch; a path with slashes makes directories. */
  String commit(String branch, String message, Map<String, String> files) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId tree = tree(inserter, files);
      inserter.flush();
      return commitTree(branch, message, tree, true);
    }
  }

  /** Commits a tree; {@code onTop} or in place of all history. */
  String commitTree(String branch, String message, ObjectId tree, boolean onTop)
      throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      var commit = new CommitBuilder();
      commit.setTreeId(tree);
      var who = new PersonIdent("Fairlead Tests", "tests@example.org", WHEN, ZoneOffset.UTC);
      commit.setAuthor(who);
      commit.setCommitter(who);
      commit.setMessage(message);
      Ref before = repository.exactRef(Constants.R_HEADS + branch);
      if (onTop && before != null) {
        commit.setParentId(before.getObjectId());
      }
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      point(Constants.R_HEADS + branch, id);
      return id.name();
    }
  }

  void point(String ref, ObjectId id) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setNewObjectId(id);
    update.setForceUpdate(true);
    update.update();
  }

  void delete(String ref) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setForceUpdate(true);
    update.delete();
  }

  String annotatedTag(String name, String target) throws IOException {
    return annotatedTag(name, target, Constants.OBJ_COMMIT);
  }

  /** A tag of any object; returns its hash. */
  String annotatedTag(String name, String target, int type) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      var tag = new TagBuilder();
      tag.setTag(name);
      tag.setObjectId(ObjectId.fromString(target), type);
      tag.setMessage("release");
      tag.setTagger(new PersonIdent("Fairlead Tests", "tests@example.org", WHEN, ZoneOffset.UTC));
      ObjectId id = inserter.insert(tag);
      inserter.flush();
      point(Constants.R_TAGS + name, id);
      return id.name();
    }
  }

  ObjectId blob(String content) throws IOException {
    return blob(content.getBytes(StandardCharsets.UTF_8));
  }

  ObjectId blob(byte[] content) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId id = inserter.insert(Constants.OBJ_BLOB, content);
      inserter.flush();
      return id;
    }
  }

  /** A directory of any content, in the order given: octal mode, name, object. */
  ObjectId rawTree(Object... modeNameId) throws IOException {
    var raw = new ByteArrayOutputStream();
    for (int i = 0; i < modeNameId.length; i += 3) {
      raw.writeBytes(((String) modeNameId[i]).getBytes(StandardCharsets.US_ASCII));
      raw.write(' ');
      raw.writeBytes(((String) modeNameId[i + 1]).getBytes(StandardCharsets.UTF_8));
      raw.write(0);
      byte[] id = new byte[Constants.OBJECT_ID_LENGTH];
      ((ObjectId) modeNameId[i + 2]).copyRawTo(id, 0);
      raw.writeBytes(id);
    }
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId id = inserter.insert(Constants.OBJ_TREE, raw.toByteArray());
      inserter.flush();
      return id;
    }
  }

  private static ObjectId tree(ObjectInserter inserter, Map<String, String> files)
      throws IOException {
    var formatter = new TreeFormatter();
    var entries = new TreeMap<String, Runnable>();
    var directories = new TreeMap<String, Map<String, String>>();
    for (var file : files.entrySet()) {
      int slash = file.getKey().indexOf('/');
      if (slash < 0) {
        ObjectId blob =
            inserter.insert(Constants.OBJ_BLOB, file.getValue().getBytes(StandardCharsets.UTF_8));
        entries.put(
            file.getKey(), () -> formatter.append(file.getKey(), FileMode.REGULAR_FILE, blob));
      } else {
        directories
            .computeIfAbsent(file.getKey().substring(0, slash), _ -> new TreeMap<>())
            .put(file.getKey().substring(slash + 1), file.getValue());
      }
    }
    for (var directory : directories.entrySet()) {
      ObjectId id = tree(inserter, directory.getValue());
      entries.put(
          directory.getKey() + "/", () -> formatter.append(directory.getKey(), FileMode.TREE, id));
    }
    entries.values().forEach(Runnable::run);
    return inserter.insert(formatter);
  }

  @Override
  public void close() {
    repository.close();
  }
}
