package dev.fairlead.cluster;

import dev.fairlead.manifest.ConfigDocument;
import dev.fairlead.manifest.Finding;
import dev.fairlead.model.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person's kubeconfig files say, merged as kubectl merges them: of entries with one name the
 * first counts. Immutable.
 *
 * <p>Not fabric8's own reading: that one takes the current context where the named one does not
 * exist, and so another cluster than the one that was asked for.
 */
public final class Kubeconfig {
  private static final String DEFAULT = ".kube/config";

  private final String current;
  private final Map<String, Entry> contexts;
  private final Map<String, Entry> clusters;
  private final Map<String, Entry> users;
  private final String files;

  /**
   * A named entry.
   *
   * @param directory what relative paths in it are relative to
   */
  record Entry(Json.Obj value, Path directory) {
    /** A path in it, absolute. */
    Optional<Path> path(String name) {
      return value.string(name).filter(p -> !p.isEmpty()).map(directory::resolve);
    }

    Optional<String> text(String name) {
      return value.string(name).filter(t -> !t.isEmpty());
    }
  }

  private Kubeconfig(
      String current,
      Map<String, Entry> contexts,
      Map<String, Entry> clusters,
      Map<String, Entry> users,
      String files) {
    this.current = current;
    this.contexts = contexts;
    this.clusters = clusters;
    this.users = users;
    this.files = files;
  }

  /**
   * Reads the file that is named, else those of {@code KUBECONFIG}, else {@code ~/.kube/config}.
   *
   * @param environment of the process
   * @param home of the person
   * @return empty when nothing is named and there is no file in the usual place
   */
  public static Optional<Kubeconfig> load(
      Optional<Path> named, Map<String, String> environment, Path home) throws KubeconfigException {
    if (named.isPresent()) {
      return Optional.of(merge(List.of(named.get()), true));
    }
    String listed = environment.getOrDefault("KUBECONFIG", "");
    if (!listed.isBlank()) {
      List<Path> paths = new ArrayList<>();
      for (String path : listed.split(File.pathSeparator, -1)) {
        if (!path.isBlank()) {
          paths.add(Path.of(path));
        }
      }
      if (paths.stream().noneMatch(Files::exists)) {
        throw new KubeconfigException(
            "KUBECONFIG names " + listed + ", which does not exist: correct it, or unset it");
      }
      return Optional.of(merge(paths, false));
    }
    Path usual = home.resolve(DEFAULT);
    return Files.exists(usual) ? Optional.of(merge(List.of(usual), true)) : Optional.empty();
  }

  private static Kubeconfig merge(List<Path> files, boolean required) throws KubeconfigException {
    String current = "";
    Map<String, Entry> contexts = new LinkedHashMap<>();
    Map<String, Entry> clusters = new LinkedHashMap<>();
    Map<String, Entry> users = new LinkedHashMap<>();
    for (Path file : files) {
      Optional<Json.Obj> content = read(file, required);
      if (content.isPresent()) {
        Json.Obj config = content.get();
        Path directory = file.toAbsolutePath().resolveSibling("");
        current = current.isEmpty() ? config.string("current-context").orElse("") : current;
        entries(config, "contexts", "context", directory, contexts);
        entries(config, "clusters", "cluster", directory, clusters);
        entries(config, "users", "user", directory, users);
      }
    }
    String names = String.join(", ", files.stream().map(Path::toString).toList());
    return new Kubeconfig(current, contexts, clusters, users, names);
  }

  private static Optional<Json.Obj> read(Path file, boolean required) throws KubeconfigException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      if (required) {
        throw new KubeconfigException("the kubeconfig " + file + " does not exist");
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new KubeconfigException(
          "the kubeconfig "
              + file
              + " cannot be read: "
              + (Files.isDirectory(file) ? "it is a directory" : because(e)));
    }
    List<Finding> findings = new ArrayList<>();
    Optional<Json.Obj> content = ConfigDocument.read(file.toString(), bytes, findings);
    if (content.isEmpty()) {
      throw new KubeconfigException("the kubeconfig " + findings.getFirst());
    }
    return content;
  }

  static String because(IOException e) {
    return switch (e) {
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static void entries(
      Json.Obj config, String list, String member, Path directory, Map<String, Entry> into) {
    for (Json item : config.items(list)) {
      if (item instanceof Json.Obj entry) {
        String name = entry.string("name").orElse("");
        into.putIfAbsent(name, new Entry(entry.object(member).orElse(Json.Obj.empty()), directory));
      }
    }
  }

  /** The names of all contexts, in their order. */
  public List<String> contexts() {
    return List.copyOf(contexts.keySet());
  }

  /**
   * The cluster and the user of a context.
   *
   * @param context its name; empty for the current one
   * @param environment of the process
   * @param interactive whether a credential plugin may ask a person
   */
  public ClusterAccess access(
      Optional<String> context, Map<String, String> environment, boolean interactive)
      throws KubeconfigException {
    String name = context.orElse(current);
    if (name.isEmpty()) {
      throw new KubeconfigException(
          "%s has no current context: choose one with --context or kubectl config use-context; %s"
              .formatted(files, known()));
    }
    Entry chosen = contexts.get(name);
    if (chosen == null) {
      throw new KubeconfigException(
          "%s has no context %s%s; %s"
              .formatted(files, name, context.isPresent() ? "" : ", its current-context", known()));
    }
    String cluster = chosen.text("cluster").orElse("");
    String user = chosen.text("user").orElse("");
    Entry server = clusters.get(cluster);
    if (server == null || server.text("server").isEmpty()) {
      throw new KubeconfigException(
          "context %s of %s names the cluster %s, which has no server there"
              .formatted(name, files, cluster.isEmpty() ? "\"\"" : cluster));
    }
    Entry credentials = users.get(user);
    if (credentials == null && !user.isEmpty()) {
      throw new KubeconfigException(
          "context %s of %s names the user %s, who is not there".formatted(name, files, user));
    }
    return ClusterAccess.of(
        name,
        chosen.text("namespace"),
        server,
        credentials == null ? new Entry(Json.Obj.empty(), server.directory()) : credentials,
        environment,
        interactive);
  }

  private String known() {
    return contexts.isEmpty()
        ? "there is no context at all"
        : "there are: " + String.join(", ", contexts.keySet());
  }
}
