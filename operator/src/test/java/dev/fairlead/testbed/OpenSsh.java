package dev.fairlead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The real OpenSSH server, from Debian's package, on a port of the loopback address, with the real
 * git behind it. It runs without any rights and has one user, {@code git}, which is made up for it:
 * nothing is installed. For one thread.
 */
public final class OpenSsh implements AutoCloseable {
  /** Whom it runs as where the tests are root, as whom it would want the machine prepared. */
  private static final int NOBODY = 12345;

  private static final String PROGRAM = Path.of("..", "testbed", "openssh").toString();

  private final Path directory;
  private final int port;
  private final int uid;
  private @Nullable Process process;

  private OpenSsh(Path directory, int port, int uid) {
    this.directory = directory;
    this.port = port;
    this.uid = uid;
  }

  /**
   * @param directory of its own; it, and those above it, become readable for all
   */
  public static OpenSsh start(Path directory) {
    try {
      Files.createDirectories(directory);
      openUp(directory);
      copyPrograms(directory);
      var server = new OpenSsh(directory, freePort(), uidOf(directory));
      Files.writeString(
          directory.resolve("passwd"),
          "git:x:%d:%d::%s:/bin/sh\n".formatted(server.uid, server.uid, directory));
      Files.writeString(directory.resolve("group"), "git:x:%d:\n".formatted(server.uid));
      Files.writeString(directory.resolve("authorized_keys"), "");
      server.changeHostKey();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Fetches the package if it has not been yet.
   *
   * @throws TestAbortedException it cannot be had on this machine
   */
  public static void requireAvailable() {
    try {
      run(PROGRAM);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void openUp(Path directory) throws IOException {
    for (Path p = directory.toAbsolutePath(); p != null; p = p.getParent()) {
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(p);
      if (rights.add(PosixFilePermission.OTHERS_EXECUTE)) {
        rights.add(PosixFilePermission.OTHERS_READ);
        Files.setPosixFilePermissions(p, rights);
      }
    }
  }

  /** The cache is in somebody's home, where only they may look. */
  private static void copyPrograms(Path directory) throws IOException {
    Path cache = Path.of(run(PROGRAM).strip());
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            directory.resolve("programs").resolve(cache.relativize(file)),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static String run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() == 3) {
        throw new TestAbortedException("the OpenSSH server cannot be had on this machine");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed: " + said);
    }
    return said;
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static int uidOf(Path directory) throws IOException {
    int mine = (Integer) Files.getAttribute(directory, "unix:uid");
    return mine == 0 ? NOBODY : mine;
  }

  /** The address of a repository of a {@link GitServer}, which it serves too. */
  public String url(GitRepository repository) {
    return "ssh://git@127.0.0.1:" + port + repository.jgit().getDirectory().getAbsolutePath();
  }

  /** Lets in whoever has this key, in the form of a {@code .pub} file, and nobody else. */
  public void authorize(String publicKey) {
    try {
      Files.writeString(directory.resolve("authorized_keys"), publicKey);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives the server a new key of its own; it starts again. */
  public void changeHostKey() {
    try {
      close();
      Path key = directory.resolve("host");
      Files.deleteIfExists(key);
      run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key.toString());
      if ((Integer) Files.getAttribute(key, "unix:uid") != uid) {
        Files.setAttribute(key, "unix:uid", uid);
      }
      listen();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@code ssh-keyscan} prints of it now. */
  public String scan() {
    try {
      return run("ssh-keyscan", "-p", String.valueOf(port), "127.0.0.1");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code SHA256:...} of its present key, by {@code ssh-keygen -l}. */
  public String fingerprint() {
    return fingerprint(directory.resolve("host.pub"));
  }

  /** The same of any public key. */
  public static String fingerprint(Path publicKey) {
    try {
      return run("ssh-keygen", "-l", "-f", publicKey.toString()).split(" ", -1)[1];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it wrote so far. */
  public String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen() throws IOException {
    Path config = directory.resolve("sshd_config");
    Files.writeString(
        config,
        """
        ListenAddress 127.0.0.1:%d
        HostKey %2$s/host
        AuthorizedKeysFile %2$s/authorized_keys
        AcceptEnv GIT_PROTOCOL
        SetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PidFile none
        StrictModes no
        UsePAM no
        """
            .formatted(port, directory));
    List<String> command = new ArrayList<>();
    if (uid == NOBODY) {
      command.addAll(List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
    }
    Path programs = directory.resolve("programs");
    command.addAll(List.of(programs.resolve("sshd").toString(), "-D", "-e", "-f", "" + config));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()));
    Path libraries = programs.resolve("lib");
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    builder.environment().put("LD_PRELOAD", libraries.resolve("libnss_wrapper.so").toString());
    builder.environment().put("NSS_WRAPPER_PASSWD", directory.resolve("passwd").toString());
    builder.environment().put("NSS_WRAPPER_GROUP", directory.resolve("group").toString());
    process = builder.start();
    awaitPort(process);
  }

  private void awaitPort(Process started) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (System.nanoTime() < deadline && started.isAlive()) {
      try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(20);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    throw new IllegalStateException("sshd does not listen; it says: " + log());
  }

  @Override
  public void close() {
    Process running = process;
    if (running != null) {
      running.destroy();
      try {
        running.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process = null;
    }
  }
}
