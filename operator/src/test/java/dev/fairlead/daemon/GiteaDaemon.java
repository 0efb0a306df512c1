package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.Gitea;
import dev.fairlead.testbed.GiteaRepository;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;

/** One daemon and one Gitea for all tests of a class; each test makes repositories of its own. */
abstract class GiteaDaemon extends OneDaemon {
  final Gitea gitea;

  GiteaDaemon(String prefix, ControlPlane cluster, Path directory) {
    super(prefix, cluster, directory);
    this.gitea = Gitea.start(directory.resolve("gitea"));
  }

  @AfterAll
  void end() {
    gitea.close();
  }

  /** Makes the ConfigMap {@code a} have that value, and pushes it. */
  static String push(GiteaRepository into, String value) {
    return into.push(Map.of("a.yaml", configMap("a", value)), "Value " + value);
  }

  /** A GitSync of any url, whose objects go to this test's namespace. */
  void sync(String name, String url, String... spec) {
    String[] all = Arrays.copyOf(spec, spec.length + 1);
    all[spec.length] = "defaultNamespace: " + namespace;
    syncs.apply(name, url, all);
  }
}
