package dev.fairlead.daemon;

import dev.fairlead.testbed.OciImage;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code make image} built for the processor of this machine. */
final class ImageUnderTest {
  private ImageUnderTest() {}

  static OciImage unpack(Path directory) {
    Path tar = tar();
    if (!Files.isRegularFile(tar)) {
      throw new AssertionError(tar + " is not there: make image");
    }
    return OciImage.unpack(tar, directory);
  }

  static Path tar() {
    String processor = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    return tar(processor);
  }

  /** {@code amd64} or {@code arm64}. */
  static Path tar(String processor) {
    return Path.of("..", "target", "fairlead-image-" + processor + ".tar").toAbsolutePath();
  }
}
