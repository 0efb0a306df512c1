package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.OpenSsh;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./fairlead install} at a terminal, which {@code script} of util-linux makes: keys are
 * typed, and what appears is read, with the line ends of a terminal.
 */
@ExtendWith(ControlPlaneExtension.class)
final class InstallTerminalIT {
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";
  private static final String ESCAPE = "\u001b[";

  private final ControlPlane cluster;
  private final GitServer git;
  private final OpenSsh ssh;
  private final String home;
  private final String command;

  InstallTerminalIT(ControlPlane cluster, @TempDir Path directory) {
    OpenSsh.requireAvailable();
    this.cluster = cluster;
    this.git = GitServer.start(directory.resolve("git"));
    this.ssh = OpenSsh.start(directory.resolve("ssh"));
    GitRepository repository = git.create("portfolio");
    this.home = cluster.createNamespace("terminal");
    this.command = "install --url " + ssh.url(repository) + " --operator-namespace " + home;
  }

  @AfterEach
  void stop() {
    ssh.close();
    git.close();
  }

  /**
   * What one command showed.
   *
   * @param code what it ended with
   */
  private record Shown(int code, String screen) {}

  /** Types keys when a question is there; nothing where {@code keys} is empty. */
  private Shown type(String arguments, String keys, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("script", "--quiet", "--return", "--command"));
    words.add("stty cols 60; exec " + Path.of("..", "fairlead") + " " + arguments);
    words.add("/dev/null");
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().remove("NO_COLOR");
    builder.environment().put("TERM", "xterm");
    builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    StringBuilder screen = new StringBuilder();
    try (Reader reader = process.inputReader(StandardCharsets.UTF_8)) {
      boolean typed = keys.isEmpty();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        screen.append((char) c);
        if (!typed && screen.toString().endsWith("[y/N] ")) {
          process.outputWriter(StandardCharsets.UTF_8).append(keys).flush();
          typed = true;
        }
      }
      return new Shown(process.waitFor(), screen.toString());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void whoever_does_not_agree_to_the_host_key_has_changed_nothing() throws Exception {
    Shown no = type(command, "n\n", Map.of());
    assertThat(no.screen())
        .contains("shows the host key ssh-ed25519 " + ssh.fingerprint())
        .endsWith(
            "Is it the same? [y/N] n\r\nfairlead: the host's key was not confirmed: nothing was"
                + " done\r\n");
    assertThat(no.code()).isEqualTo(1);

    Shown ended = type(command, CTRL_D, Map.of());
    assertThat(ended.screen())
        .endsWith(
            "Is it the same? [y/N] \r\nfairlead: the host's key was not confirmed: nothing was"
                + " done\r\n");
    assertThat(ended.code()).isEqualTo(1);

    Shown stopped = type(command, CTRL_C, Map.of());
    assertThat(stopped.screen()).endsWith("Is it the same? [y/N] ^C");
    assertThat(stopped.code()).isEqualTo(130);

    assertThat(cluster.kubectl("get", "deployments,secrets", "-n", home, "-o", "name")).isEmpty();
  }

  @Test
  void colours_are_for_a_terminal_that_has_them_and_people_who_want_them() throws Exception {
    assertThat(type("install --help", "", Map.of()).screen()).contains(ESCAPE);
    assertThat(type("install --help", "", Map.of("NO_COLOR", "1")).screen())
        .contains("--known-hosts")
        .doesNotContain(ESCAPE);
    assertThat(type("install --help", "", Map.of("TERM", "dumb")).screen())
        .contains("--known-hosts")
        .doesNotContain(ESCAPE);
  }
}
