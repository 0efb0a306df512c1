package dev.fairlead.daemon;

import dev.fairlead.git.SigningKeys;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** Commits that people sign with their ssh keys, and the Secret of those whose signatures count. */
final class SignedCommits {
  private final ControlPlane cluster;
  private final SigningKeys keys;

  SignedCommits(ControlPlane cluster, Path directory) throws IOException, InterruptedException {
    this.cluster = cluster;
    this.keys = new SigningKeys(Files.createDirectory(directory.resolve("keys")));
  }

  /** The private half of somebody's key. */
  Path key(String name) throws IOException, InterruptedException {
    return keys.ssh(name, "ed25519", 256);
  }

  /** Commits the changes, signed, on the main branch. */
  String commit(GitRepository repository, Path key, List<GitChange> changes)
      throws IOException, InterruptedException {
    String draft = repository.commit("draft", "Draft", changes);
    List<String> command = new ArrayList<>(List.of("commit-tree", "-S", "-m", "Signed"));
    ObjectId before = repository.jgit().resolve(Constants.R_HEADS + GitRepository.MAIN);
    if (before != null) {
      // What is not reachable any more is given by its hash by few servers.
      command.addAll(List.of("-p", before.name()));
    }
    command.add(draft + "^{tree}");
    String commit =
        keys.git(
                repository.jgit().getDirectory().toPath(),
                SigningKeys.with(key),
                command.toArray(String[]::new))
            .strip();
    repository.branch(GitRepository.MAIN, commit);
    return commit;
  }

  /** Makes the Secret {@code signers} of the namespace hold these keys. */
  void secret(String namespace, Path... who) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Path key : who) {
      lines.append(SigningKeys.publicHalf(key));
    }
    cluster.apply(
        "{apiVersion: v1, kind: Secret, metadata: {name: signers, namespace: %s}, stringData: {team.sshpub: %s}}"
            .formatted(namespace, Json.of(lines.toString()).toJson()));
  }
}
