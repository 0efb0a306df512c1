package dev.fairlead.git;

import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SemVersion;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;

/**
 * Requires that a commit carries a signature that counts; where a tag is followed, the tag's own
 * one will do, for it is about the commit too. Reads nothing but the commit and its tags.
 */
final class Verification {
  private static final int MAX_BYTES = 1024 * 1024;

  private final Store store;
  private final Signers signers;
  private final Instant now;

  Verification(Store store, Signers signers, Instant now) {
    this.store = store;
    this.signers = signers;
    this.now = now;
  }

  /**
   * @throws GitException SIGNATURE_INVALID: what is wrong with each signature
   */
  void require(ObjectId commit, RefSelector ref) throws GitException, IOException {
    List<String> wrong = new ArrayList<>();
    try (ObjectReader reader = store.repository().newObjectReader()) {
      List<Signed> candidates = new ArrayList<>();
      for (Store.Tag tag : store.tagsOf(commit)) {
        if (isFollowed(tag.name(), ref)) {
          candidates.add(Signed.tag(tag.name(), raw(reader, tag.id(), Constants.OBJ_TAG)));
        }
      }
      candidates.add(Signed.commit(commit.name(), raw(reader, commit, Constants.OBJ_COMMIT)));
      for (Signed signed : candidates) {
        try {
          signers.verify(signed, now);
          return;
        } catch (Rejected e) {
          wrong.add(signed.what() + " " + e.getMessage());
        }
      }
    }
    throw Signers.invalid(
        String.join("; ", wrong)
            + (wrong.stream().allMatch(w -> w.endsWith(" is not signed"))
                ? ", and spec.verify wants a signature: git commit -S"
                : ""));
  }

  /** A signed tag counts under its own name only, or an old one could be shown as a new one. */
  private static boolean isFollowed(String name, RefSelector ref) {
    return switch (ref) {
      case RefSelector.Tag tag -> tag.name().equals(name);
      case RefSelector.Semver semver ->
          SemVersion.ofTag(name).filter(semver.range()::contains).isPresent();
      case RefSelector.Name full -> full.ref().equals(Constants.R_TAGS + name);
      case RefSelector.Head _, RefSelector.Branch _, RefSelector.Hash _ -> false;
    };
  }

  private static byte[] raw(ObjectReader reader, ObjectId id, int type)
      throws GitException, IOException {
    if (reader.getObjectSize(id, type) > MAX_BYTES) {
      throw Signers.invalid(
          id.name().substring(0, 7)
              + " is larger than "
              + Text.size(MAX_BYTES)
              + ", and its signature is not checked for that");
    }
    return reader.open(id, type).getCachedBytes(MAX_BYTES);
  }
}
