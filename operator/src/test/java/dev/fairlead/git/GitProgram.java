package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A work tree, and the {@code git} program in it, without anybody's own settings. */
record GitProgram(Path directory) {
  static GitProgram clone(Path origin, Path directory) throws IOException, InterruptedException {
    new GitProgram(origin).run("clone", "-q", origin.toString(), directory.toString());
    GitProgram clone = new GitProgram(directory);
    clone.run("symbolic-ref", "HEAD", "refs/heads/main");
    return clone;
  }

  static GitProgram cloneShallow(Path origin, Path directory, int depth)
      throws IOException, InterruptedException {
    new GitProgram(origin)
        .run(
            "clone",
            "-q",
            "--depth",
            String.valueOf(depth),
            "file://" + origin,
            directory.toString());
    return new GitProgram(directory);
  }

  String run(String... arguments) throws IOException, InterruptedException {
    return run(Origin.WHEN, arguments);
  }

  private String run(Instant when, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    String time = when.getEpochSecond() + " +0000";
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_CONFIG_NOSYSTEM", "1",
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_AUTHOR_NAME", "Fairlead Tests",
                "GIT_AUTHOR_EMAIL", "tests@example.org",
                "GIT_COMMITTER_NAME", "Fairlead Tests",
                "GIT_COMMITTER_EMAIL", "tests@example.org",
                "GIT_AUTHOR_DATE", time,
                "GIT_COMMITTER_DATE", time));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + ":\n" + output);
    }
    return output;
  }

  void write(String file, String content) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  String read(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  void rename(String from, String to) throws IOException, InterruptedException {
    Files.createDirectories(directory.resolve(to).getParent());
    run("mv", from, to);
  }

  /** Commits all that is there; returns the hash. */
  String commit(String subject, Instant when) throws IOException, InterruptedException {
    run("add", "-A");
    run(when, "commit", "-q", "--allow-empty", "-m", subject);
    return run("rev-parse", "HEAD").strip();
  }

  void merge(String branch, String subject, Instant when) throws IOException, InterruptedException {
    run(when, "merge", "-q", "--no-ff", "-X", "ours", "-m", subject, branch);
  }

  /** What {@code git blame} says of each line. */
  Map<Integer, String> blame(String revision, String file)
      throws IOException, InterruptedException {
    return blamed("blame", "--root", "--line-porcelain", revision, "--", file);
  }

  /** The same in a shallow clone; {@code older} where it is at the boundary. */
  Map<Integer, String> blameShallow(String revision, String file)
      throws IOException, InterruptedException {
    return blamed("blame", "--line-porcelain", revision, "--", file);
  }

  private Map<Integer, String> blamed(String... arguments)
      throws IOException, InterruptedException {
    Map<Integer, String> lines = new HashMap<>();
    Map<String, String> entry = new HashMap<>();
    int number = 0;
    int source = 0;
    for (String line : run(arguments).lines().toList()) {
      String[] words = line.split(" ", -1);
      if (line.startsWith("\t")) {
        lines.put(
            number,
            entry.containsKey("boundary")
                ? "older"
                : "%s %s %s %s %s:%d"
                    .formatted(
                        entry.get("commit"),
                        entry.get("author"),
                        Instant.ofEpochSecond(
                            Long.parseLong(entry.getOrDefault("author-time", "0"))),
                        entry.get("summary"),
                        entry.get("filename"),
                        source));
        entry.clear();
      } else if (words[0].matches("[0-9a-f]{40}")) {
        entry.put("commit", words[0]);
        source = Integer.parseInt(words[1]);
        number = Integer.parseInt(words[2]);
      } else {
        entry.put(words[0], line.substring(Math.min(line.length(), words[0].length() + 1)));
      }
    }
    return lines;
  }
}
