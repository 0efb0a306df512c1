package dev.fairlead.daemon;

import dev.fairlead.testbed.OciImage;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code make image} built for the processor of this machine; or another one, which the
 * property {@code fairlead.image} names, a file in {@code target}.
 */
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
    String name = System.getProperty("fairlead.image", "fairlead-image-" + processor + ".tar");
    return Path.of("..", "target", name).toAbsolutePath();
  }
}
