package dev.fairlead.daemon;

import dev.fairlead.testbed.ContainerTweaks;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.OciImage;
import dev.fairlead.testbed.PodContainer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The image itself, not the jar: unpacked, installed, and run by runc as the pod that the installed
 * Deployment asks for. {@code make test-image} builds it and runs these tests; {@code make test}
 * leaves them out.
 */
@ExtendWith(ControlPlaneExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageDaemon {
  final ControlPlane cluster;
  final GitServer git;
  final OciImage image;
  private final Path directory;
  private int count;

  ImageDaemon(ControlPlane cluster, Path directory) {
    this.cluster = cluster;
    this.directory = directory;
    git = GitServer.start(directory.resolve("git"));
    image = ImageUnderTest.unpack(directory.resolve("image"));
  }

  @AfterAll
  void stop() {
    git.close();
  }

  PodContainer start(Installation installation, ContainerTweaks tweaks) {
    count++;
    return PodContainer.start(
        cluster, installation.namespace, image, List.of(git.url()), place(), tweaks);
  }

  /** The directory of the container that was started last. */
  Path place() {
    return directory.resolve("run-" + count);
  }
}
