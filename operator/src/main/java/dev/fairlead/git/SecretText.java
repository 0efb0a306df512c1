package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of a Secret as text. What it throws says which key, and never a value.
 *
 * @param field of the spec that names the Secret
 */
record SecretText(Map<String, byte[]> secret, String field) {
  /** A value on one line, without the line end that editors leave behind it. */
  Optional<String> value(String key) throws GitException {
    byte @Nullable [] bytes = secret.get(key);
    if (bytes == null) {
      return Optional.empty();
    }
    String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst("[\r\n]+\\z", "");
    if (text.isEmpty()) {
      throw unusable("has an empty " + key);
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw unusable("has a line end or another control character within " + key);
    }
    return Optional.of(text);
  }

  /** The value of a key that holds a file of several lines. */
  Optional<String> file(String key) throws GitException {
    byte @Nullable [] bytes = secret.get(key);
    if (bytes == null) {
      return Optional.empty();
    }
    String text = new String(bytes, StandardCharsets.UTF_8).replace("\r\n", "\n");
    if (text.isBlank()) {
      throw unusable("has an empty " + key);
    }
    return Optional.of(text);
  }

  /** The names of its keys, for messages. */
  String keys() {
    return secret.isEmpty() ? "no keys" : String.join(", ", new TreeSet<>(secret.keySet()));
  }

  GitException unusable(String what) {
    return new GitException(Reason.AUTHENTICATION_FAILED, "the Secret of " + field + " " + what);
  }

  @Override
  public String toString() {
    return "SecretText[" + field + "]";
  }
}
