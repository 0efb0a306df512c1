package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the API server warned of about one object, kept for as long as it is true.
 *
 * <p>The server repeats only some of its warnings with every request. Many it gives when an object
 * is created, or when the part that they are about changes, and never again. So its silence says
 * nothing about a part of the manifest that is what it was when the warning was given.
 *
 * @param line in the file of the object; 0 when it is not known
 * @param evidence what the manifest said there: a digest
 */
record ServerWarning(String message, int line, String evidence) {
  /** How many are kept of one object. */
  static final int MOST = 20;

  private static final Pattern PATH =
      Pattern.compile("(?<path>[^\\s:\\[\\]]+(\\[[^\\]]*][^\\s:\\[]*)*+):? .*");
  private static final Pattern ANNOTATION = Pattern.compile("annotation \"(?<key>[^\"]+)\" .*");
  private static final Pattern POLICY =
      Pattern.compile(
          "(?<whose>Validation failed for ValidatingAdmissionPolicy .* with binding [^:]*): .*");
  private static final Comparator<ServerWarning> ORDER =
      Comparator.comparingInt(ServerWarning::line).thenComparing(ServerWarning::message);

  ServerWarning {
    requireNonNull(message);
    requireNonNull(evidence);
  }

  /**
   * What is true of an object now: what the server has just said, and what it said before of what
   * has not changed since.
   *
   * @param before what was kept of the object
   * @param now the object as it is written now
   * @param said what the server says to it
   */
  static List<ServerWarning> of(
      Collection<ServerWarning> before, Manifest now, Collection<String> said) {
    Map<String, ServerWarning> all = new HashMap<>();
    for (String message : said) {
      ServerWarning warning = about(now, withoutSecret(now, message));
      all.put(warning.message(), warning);
    }
    for (ServerWarning old : before) {
      ServerWarning again = about(now, old.message());
      if (again.evidence().equals(old.evidence())) {
        all.putIfAbsent(again.message(), again);
      }
    }
    return all.values().stream().sorted(ORDER).limit(MOST).toList();
  }

  private static ServerWarning about(Manifest manifest, String message) {
    String path = path(manifest, message);
    String part = path.startsWith("metadata.") ? path : path.split("[.\\[]", 2)[0];
    // One text stands for many objects that use the same deprecated version.
    return new ServerWarning(
        message.intern(),
        manifest.lineAt(path),
        path.isEmpty() ? manifest.digest() : manifest.digestAt(part));
  }

  /** The field that the message is about; empty when that is the object as a whole. */
  private static String path(Manifest manifest, String message) {
    Matcher annotation = ANNOTATION.matcher(message);
    if (annotation.matches()) {
      return "metadata.annotations[" + annotation.group("key") + "]";
    }
    Matcher matcher = PATH.matcher(message);
    if (!matcher.matches()) {
      return "";
    }
    String path = matcher.group("path");
    String first = path.split("[.\\[]", 2)[0];
    return manifest.body().get(first).isPresent() ? path : "";
  }

  /** What an admission policy or webhook says of a Secret may quote it. */
  private static String withoutSecret(Manifest manifest, String message) {
    if (!manifest.gvk().kind().equals("Secret") || !manifest.gvk().group().isEmpty()) {
      return message;
    }
    Matcher policy = POLICY.matcher(message);
    if (policy.matches()) {
      return policy.group("whose");
    }
    return manifest.quotesSecret(message)
        ? "the API server warns of it, in words that may hold a value of it and are left out"
        : message;
  }

  /** As it is told. */
  Warning of(DesiredObject object) {
    return Warning.of(
        object.key(), object.origin().atLine(line > 0 ? line : object.origin().line()), message);
  }

  /**
   * What status tells of objects that this process has not applied yet, by object.
   *
   * @param told the texts of {@link Warning#toString}
   */
  static Map<ObjectKey, List<ServerWarning>> recorded(
      List<String> told, Collection<DesiredObject> desired, Map<ObjectKey, Manifest> manifests) {
    if (told.isEmpty()) {
      return Map.of();
    }
    Map<String, DesiredObject> named = new HashMap<>();
    desired.forEach(d -> named.put(d.key().toString(), d));
    Map<ObjectKey, Set<String>> messages = new HashMap<>();
    for (String text : told) {
      String[] parts = text.split(": ", -1);
      int end = 0;
      for (String part : parts) {
        end += part.length() + 2;
        DesiredObject object = named.get(part);
        if (object != null && end < text.length()) {
          messages.computeIfAbsent(object.key(), k -> new HashSet<>()).add(text.substring(end));
          break;
        }
      }
    }
    Map<ObjectKey, List<ServerWarning>> recorded = new HashMap<>();
    messages.forEach((key, texts) ->
        Optional.ofNullable(manifests.get(key))
            .ifPresent(manifest -> recorded.put(key, of(List.of(), manifest, texts))));
    return recorded;
  }

  /** What is told of these objects, by place, each thing once. */
  static List<Warning> told(Collection<Held> held, Collection<Warning> others) {
    List<Warning> told = new ArrayList<>(others);
    for (Held h : held) {
      h.warnings().forEach(w -> told.add(w.of(h.desired())));
    }
    return told.stream().sorted().distinct().collect(Collectors.toUnmodifiableList());
  }
}
