package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ContainerTweaks;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.PodContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Not so much a test: {@code make image-classes} takes from it the list of the classes that the
 * image's daemon loads, from which its AppCDS archive is made.
 */
final class ImageClassesIT extends ImageDaemon {
  private static final Path LIST = Path.of("..", "target", "image", "classes.txt");

  ImageClassesIT(ControlPlane cluster, @TempDir Path directory) {
    super(cluster, directory);
  }

  @Test
  void lists_the_classes_of_a_story() throws IOException {
    // No archive, which would hide what is loaded from it.
    ContainerTweaks listing =
        ContainerTweaks.NONE
            .withMemory("512Mi")
            .withJava("-Xshare:off", "-XX:DumpLoadedClassList=/tmp/classes.txt");
    try (Installation installation = Installation.ofInstallYaml(cluster);
        PodContainer pod = start(installation, listing)) {
      pod.awaitReady();
      String namespace = cluster.createTrustedNamespace("image");
      new ImageStory(cluster, namespace, git.create("classes"), "defaultNamespace: " + namespace)
          .run();
      pod.get("/metrics");
      pod.stop();

      Path written = place().resolve("volumes").resolve("tmp").resolve("classes.txt");
      List<String> classes = Files.readAllLines(written);
      assertThat(classes).anyMatch(line -> line.startsWith("dev/fairlead/app/Main "));
      Files.createDirectories(LIST.getParent());
      Files.copy(written, LIST, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
