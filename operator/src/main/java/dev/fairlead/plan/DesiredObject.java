package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Digest;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;

/**
 * One object that a commit wants, without its body: that is read from Git again when it is needed,
 * so that thousands of objects cost little memory.
 *
 * @param key with its namespace resolved
 * @param digest of the body as it is sent, without what is left to others
 * @param origin where it is written
 * @param blob the Git object that holds the file
 * @param treatment how it is treated, as Git and the spec say
 */
public record DesiredObject(
    ObjectKey key,
    GroupVersionKind gvk,
    Digest digest,
    Origin origin,
    String blob,
    Treatment treatment) {
  public DesiredObject {
    requireNonNull(key);
    requireNonNull(gvk);
    requireNonNull(digest);
    requireNonNull(origin);
    requireNonNull(blob);
    requireNonNull(treatment);
  }

  /** An object that is treated like every one. */
  public DesiredObject(
      ObjectKey key, GroupVersionKind gvk, Digest digest, Origin origin, String blob) {
    this(key, gvk, digest, origin, blob, Treatment.PLAIN);
  }

  /** Whether applying this one writes the same as applying the other. */
  public boolean sameContentAs(DesiredObject other) {
    return digest.equals(other.digest)
        && gvk.equals(other.gvk)
        && treatment.equals(other.treatment);
  }
}
