package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keys made by {@code gpg} and {@code ssh-keygen}, and what {@code git} signs with them. */
public final class SigningKeys {
  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private final Path repository;

  public SigningKeys(Path directory) throws IOException, InterruptedException {
    this.directory = directory;
    Path home = Files.createDirectory(directory.resolve("gpg"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    environment.put("GNUPGHOME", home.toString());
    repository = directory.resolve("signed");
    Git.run(directory, "init", "-q", "-b", "main", repository.toString());
  }

  /** Options of gpg for all that follows. */
  void gpgOptions(String... lines) throws IOException {
    Files.write(directory.resolve("gpg").resolve("gpg.conf"), List.of(lines));
  }

  /** Makes an OpenPGP key, for a year, and returns its fingerprint. */
  String openPgp(String name, String algorithm) throws IOException, InterruptedException {
    String user = name + " <" + name + "@example.org>";
    return openPgp(user, algorithm, "sign", "1y");
  }

  /** Makes an OpenPGP key without an end that signs nothing but its subkeys. */
  String openPgpOwner(String name) throws IOException, InterruptedException {
    return openPgp(name + " <" + name + "@example.org>", "ed25519", "cert", "never");
  }

  private String openPgp(String user, String algorithm, String use, String end)
      throws IOException, InterruptedException {
    gpg("--quick-gen-key", user, algorithm, use, end);
    return gpg("--with-colons", "--list-keys", "=" + user)
        .lines()
        .filter(l -> l.startsWith("fpr:"))
        .map(l -> l.split(":", -1)[9])
        .findFirst()
        .orElseThrow();
  }

  /** What belongs under {@code *.asc}. */
  String export(String... fingerprints) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--armor", "--export"));
    arguments.addAll(List.of(fingerprints));
    return gpg(arguments.toArray(String[]::new));
  }

  /** Revokes a key with the certificate that gpg lays by for that. */
  void revoke(String fingerprint) throws IOException, InterruptedException {
    Path certificate =
        directory.resolve("gpg").resolve("openpgp-revocs.d").resolve(fingerprint + ".rev");
    Path usable = directory.resolve("revocation.asc");
    Files.writeString(usable, Files.readString(certificate).replace(":-----BEGIN", "-----BEGIN"));
    gpg("--import", usable.toString());
  }

  String gpg(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** Makes an ssh key and returns the file of its private half. */
  public Path ssh(String name, String type, int bits) throws IOException, InterruptedException {
    Path file = directory.resolve(name);
    run(
        List.of(
            "ssh-keygen",
            "-q",
            "-t",
            type,
            "-b",
            String.valueOf(bits),
            "-N",
            "",
            "-C",
            name,
            "-f",
            file.toString()));
    return file;
  }

  public static String publicHalf(Path ssh) throws IOException {
    return Files.readString(Path.of(ssh + ".pub"));
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    builder.redirectError(directory.resolve("errors").toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(
          String.join(" ", command) + ": " + Files.readString(directory.resolve("errors")));
    }
    return output;
  }

  /** How Git is told to sign with a key. */
  static String[] with(String fingerprint) {
    return new String[] {"-c", "user.signingkey=" + fingerprint};
  }

  public static String[] with(Path ssh) {
    return new String[] {"-c", "gpg.format=ssh", "-c", "user.signingkey=" + ssh};
  }

  /** Runs git in any repository, able to sign. */
  public String git(Path where, String[] key, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(Arrays.asList(key));
    all.addAll(List.of(arguments));
    return Git.run(where, environment, "", all.toArray(String[]::new));
  }

  /** A commit that git has signed. */
  Signed commit(String... key) throws IOException, InterruptedException {
    git(repository, key, "commit", "-q", "--allow-empty", "-S", "-m", "Signed");
    return Signed.commit(head(), raw());
  }

  private String head() throws IOException, InterruptedException {
    return Git.run(repository, "rev-parse", "HEAD").strip();
  }

  private byte[] raw() throws IOException, InterruptedException {
    return Git.run(repository, "cat-file", "commit", "HEAD").getBytes(UTF_8);
  }

  Signed unsigned() throws IOException, InterruptedException {
    Git.run(repository, "commit", "-q", "--allow-empty", "-m", "Unsigned");
    return Signed.commit(head(), raw());
  }

  /** An annotated tag that git has signed. */
  Signed tag(String name, String... key) throws IOException, InterruptedException {
    git(repository, key, "tag", "-s", "-m", "Release\n\nWith a body", name);
    return Signed.tag(name, Git.run(repository, "cat-file", "tag", name).getBytes(UTF_8));
  }

  /** Whether git itself finds the signature of the newest commit good. */
  String verifiedByGit(String... options) throws IOException, InterruptedException {
    return git(repository, options, "verify-commit", "HEAD");
  }

  /** Ends the agent that gpg has started. */
  void stop() throws IOException, InterruptedException {
    run(List.of("gpgconf", "--kill", "gpg-agent"));
  }
}
