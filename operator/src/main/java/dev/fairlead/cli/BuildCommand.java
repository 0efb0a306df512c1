package dev.fairlead.cli;

import dev.fairlead.api.GitSyncs;
import dev.fairlead.api.SyncReading;
import dev.fairlead.git.WorkingCopy;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.manifest.YamlWriter;
import dev.fairlead.model.Json;
import dev.fairlead.model.Sync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fairlead build}. */
@Command(
    name = "build",
    description =
        "Prints what would be applied of a working copy, read as the operator reads it. Needs no"
            + " cluster. Ends with 1, and says every mistake with its file and line, when the"
            + " commit would be refused for how it is written.")
final class BuildCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description =
          "The directory with the manifests; with -f the repository's root. Default: where you are")
  private Path directory = Path.of("");

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "A file with a GitSync: its path, ignore, defaultNamespace and labels are used")
  private @Nullable Path file;

  @Option(
      names = "--default-namespace",
      paramLabel = "NAMESPACE",
      description = "For objects that name none, as spec.defaultNamespace")
  private @Nullable String defaultNamespace;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "json|yaml|name",
      description = "Default: yaml")
  private OutputFormat output = OutputFormat.YAML;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Says how this is used")
  void help(boolean asked) {}

  BuildCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws CliException, InterruptedException {
    if (output == OutputFormat.WIDE) {
      throw wrong("-o is one of json, yaml and name");
    }
    if (file != null && defaultNamespace != null) {
      throw wrong("-f and --default-namespace exclude each other: the GitSync says it");
    }
    if (!Files.isDirectory(directory)) {
      throw new CliException(directory + " is not a directory");
    }
    WorkTreeBuild.Result result;
    try {
      Optional<Sync> sync = file == null ? Optional.empty() : Optional.of(read(file));
      WorkingCopy copy = WorkingCopy.around(directory);
      WorkTreeBuild.Request request =
          sync.map(s -> WorkTreeBuild.Request.of(s))
              .orElse(
                  WorkTreeBuild.Request.of(
                      copy.pathOf(directory), Optional.ofNullable(defaultNamespace)));
      result = WorkTreeBuild.of(copy, request);
    } catch (IOException e) {
      throw new CliException(String.valueOf(e.getMessage()));
    }
    result.warnings().forEach(w -> terminal.err().println("warning: " + w));
    if (!result.findings().isEmpty()) {
      result.findings().forEach(f -> terminal.err().println(f));
      throw new CliException(
          result.findings().size() == 1
              ? "1 mistake; nothing would be applied"
              : result.findings().size() + " mistakes; nothing would be applied");
    }
    terminal.out().print(print(result.manifests()));
    terminal.out().flush();
    return 0;
  }

  private String print(List<Manifest> manifests) {
    return switch (output) {
      case NAME ->
          String.join("", manifests.stream().map(m -> m.key() + "  " + m.origin() + "\n").toList());
      case JSON ->
          OutputFormat.pretty(
              Json.of(
                  java.util.Map.of(
                      "apiVersion", Json.of("v1"),
                      "kind", Json.of("List"),
                      "items", Json.of(manifests.stream().map(Manifest::body).toList()))));
      case YAML, WIDE ->
          String.join(
              "",
              manifests.stream()
                  .map(m -> "---\n# " + m.origin() + "\n" + YamlWriter.write(m.body()))
                  .toList());
    };
  }

  private static Sync read(Path file) throws CliException, IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new CliException(file + " cannot be read");
    }
    ManifestReader.Parsed parsed = new ManifestReader(Limits.DEFAULT).read(file.toString(), bytes);
    if (!parsed.findings().isEmpty()) {
      throw new CliException(parsed.findings().getFirst().toString());
    }
    List<Manifest> syncs =
        parsed.manifests().stream()
            .filter(m -> m.gvk().kind().equals(GitSyncs.KIND))
            .filter(m -> m.gvk().group().equals("fairlead.dev"))
            .toList();
    if (syncs.size() != 1) {
      throw new CliException(
          file + (syncs.isEmpty() ? " holds no GitSync" : " holds more than one GitSync"));
    }
    Manifest manifest =
        syncs.getFirst().namespace().isEmpty()
            ? syncs.getFirst().withNamespace(ConnectionOptions.USUAL_NAMESPACE)
            : syncs.getFirst();
    return switch (GitSyncs.read(manifest.body())) {
      case SyncReading.Valid valid -> valid.sync();
      case SyncReading.Malformed bad ->
          throw new CliException(manifest.origin() + ": " + String.join("; ", bad.problems()));
    };
  }

  private ParameterException wrong(String message) {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("picocli sets it");
    }
    return new ParameterException(known.commandLine(), message);
  }
}
