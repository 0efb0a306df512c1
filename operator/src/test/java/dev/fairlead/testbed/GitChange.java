package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** One change that a commit makes to the tree of the commit before it. */
public sealed interface GitChange {

  /** Where, relative to the repository's root, with slashes. */
  String path();

  /** A regular file with this content, new or overwritten. */
  record Write(String path, ByteBuffer content) implements GitChange {
    public Write {
      content = ByteBuffer.wrap(bytes(content)).asReadOnlyBuffer();
    }

    public Write(String path, String content) {
      this(path, UTF_8.encode(content));
    }

    byte[] bytes() {
      return bytes(content);
    }

    private static byte[] bytes(ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
  }

  /** A symbolic link to a target, which need not exist. */
  record Symlink(String path, String target) implements GitChange {}

  /** A submodule (gitlink) at a commit, 40 hex digits, of some other repository. */
  record Submodule(String path, String commit) implements GitChange {}

  /** No such file, or no such directory with all that is in it. */
  record Delete(String path) implements GitChange {}
}
