package dev.fairlead.api;

import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.GoDuration;
import dev.fairlead.model.IgnoreRule;
import dev.fairlead.model.Json;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SemverRange;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads one spec by the same rules as the CRD, and adds what is wrong to a list of problems, which
 * name the field and never a url's value: it may hold credentials. For one use, by one thread.
 */
final class SpecReader {
  private static final int MAX_SHOWN = 100;
  private static final Pattern SCHEME = Pattern.compile(SpecRules.SCHEME);
  private static final Pattern CREDENTIALS = Pattern.compile(SpecRules.CREDENTIALS);
  private static final Pattern URL = Pattern.compile(SpecRules.URL);
  private static final Pattern BAD_REF = Pattern.compile(SpecRules.BAD_REF);
  private static final Pattern COMMIT = Pattern.compile(SpecRules.COMMIT);
  private static final Pattern BAD_PATH = Pattern.compile(SpecRules.BAD_PATH);
  private static final Pattern PARENT_SEGMENT = Pattern.compile(SpecRules.PARENT_SEGMENT);
  private static final Pattern DURATION = Pattern.compile(SpecRules.DURATION);
  private static final Pattern SECRET_NAME = Pattern.compile(SpecRules.SECRET_NAME);
  private static final Pattern SERVICE_ACCOUNT_NAME =
      Pattern.compile(SpecRules.SERVICE_ACCOUNT_NAME);
  private static final Pattern NAMESPACE = Pattern.compile(SpecRules.NAMESPACE);
  private static final Pattern MAX_PRUNE = Pattern.compile(SpecRules.MAX_PRUNE);

  private static final Pattern BAD_IGNORE = Pattern.compile(SpecRules.BAD_IGNORE);

  private final List<String> problems;

  SpecReader(List<String> problems) {
    this.problems = problems;
  }

  /**
   * The spec, unless there are problems.
   *
   * @param namespace of the GitSync
   */
  Optional<SyncSpec> read(Json.Obj spec, String namespace) {
    Json.Obj rollout = object(spec, "spec", "rollout").orElse(Json.Obj.empty());
    String url = url(spec);
    RefSelector ref = ref(spec);
    String path = path(spec);
    Duration interval =
        duration(
            spec,
            "spec.interval",
            SpecRules.DEFAULT_INTERVAL,
            SpecRules.MAX_INTERVAL,
            SpecRules.INTERVAL_MESSAGE);
    Duration fetchTimeout =
        duration(
            spec,
            "spec.fetchTimeout",
            SpecRules.DEFAULT_FETCH_TIMEOUT,
            SpecRules.MAX_FETCH_TIMEOUT,
            SpecRules.FETCH_TIMEOUT_MESSAGE);
    Duration rolloutTimeout =
        duration(
            rollout,
            "spec.rollout.timeout",
            SpecRules.DEFAULT_ROLLOUT_TIMEOUT,
            SpecRules.MAX_ROLLOUT_TIMEOUT,
            SpecRules.ROLLOUT_TIMEOUT_MESSAGE);
    Optional<String> secretName = secretName(spec, "spec", "secretRef");
    Optional<String> proxySecret = secretName(spec, "spec", "proxySecretRef");
    Optional<String> webhookSecret = secretOf(spec, "webhook");
    Optional<String> verifySecret = secretOf(spec, "verify");
    Optional<String> serviceAccountName =
        string(spec, "spec.serviceAccountName", SpecRules.MAX_SERVICE_ACCOUNT_NAME)
            .filter(n ->
                check(
                    SERVICE_ACCOUNT_NAME.matcher(n).matches(),
                    "spec.serviceAccountName",
                    SpecRules.SERVICE_ACCOUNT_NAME_MESSAGE,
                    n));
    Optional<String> defaultNamespace =
        string(spec, "spec.defaultNamespace", SpecRules.MAX_NAMESPACE)
            .filter(n ->
                check(
                    NAMESPACE.matcher(n).matches(),
                    "spec.defaultNamespace",
                    SpecRules.NAMESPACE_MESSAGE,
                    n));
    SyncSpec.Mode mode = mode(spec);
    boolean submodules = bool(spec, "spec.submodules", false);
    List<String> ignore = ignore(spec);
    boolean prune = bool(spec, "spec.prune", true);
    MaxPrune maxPrune = maxPrune(spec);
    DeletionPolicy deletionPolicy = deletionPolicy(spec);
    boolean suspend = bool(spec, "spec.suspend", false);
    List<SyncKey> dependsOn = new DependencyReader(problems).read(spec, namespace);
    SyncSpec.OnFailure onFailure = onFailure(rollout);
    List<IgnoreRule> ignoreFields = new IgnoreReader(problems).read(spec);
    if (!problems.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SyncSpec(
            url,
            ref,
            path,
            submodules,
            ignore,
            interval,
            fetchTimeout,
            secretName,
            proxySecret,
            webhookSecret,
            verifySecret,
            serviceAccountName,
            defaultNamespace,
            mode,
            prune,
            maxPrune,
            deletionPolicy,
            suspend,
            dependsOn,
            rolloutTimeout,
            onFailure,
            ignoreFields));
  }

  private String url(Json.Obj spec) {
    Optional<String> given = string(spec, "spec.url", SpecRules.MAX_URL);
    if (given.isEmpty()) {
      if (value(spec, "url").isEmpty()) {
        problems.add("spec.url: is required");
      }
      return "";
    }
    String url = given.get();
    if (!SCHEME.matcher(url).find()) {
      problems.add("spec.url: " + SpecRules.SCHEME_MESSAGE);
    } else if (CREDENTIALS.matcher(url).find()) {
      problems.add("spec.url: " + SpecRules.NO_CREDENTIALS_MESSAGE);
    } else if (!URL.matcher(url).matches()) {
      problems.add("spec.url: " + SpecRules.URL_MESSAGE);
    }
    return url;
  }

  private RefSelector ref(Json.Obj spec) {
    Json.Obj ref = object(spec, "spec", "ref").orElse(Json.Obj.empty());
    List<RefSelector> selectors = new ArrayList<>();
    refName(ref, "spec.ref.branch").map(RefSelector.Branch::new).ifPresent(selectors::add);
    refName(ref, "spec.ref.tag").map(RefSelector.Tag::new).ifPresent(selectors::add);
    semver(ref).map(RefSelector.Semver::new).ifPresent(selectors::add);
    string(ref, "spec.ref.name", SpecRules.MAX_REF)
        .filter(n -> check(!BAD_REF.matcher(n).find(), "spec.ref.name", SpecRules.REF_MESSAGE, n))
        .filter(n -> check(n.startsWith("refs/"), "spec.ref.name", SpecRules.FULL_REF_MESSAGE, n))
        .map(RefSelector.Name::new)
        .ifPresent(selectors::add);
    string(ref, "spec.ref.commit", SpecRules.MAX_REF)
        .filter(hash ->
            check(
                COMMIT.matcher(hash).matches(), "spec.ref.commit", SpecRules.COMMIT_MESSAGE, hash))
        .map(RefSelector.Hash::new)
        .ifPresent(selectors::add);
    if (selectors.size() > 1) {
      problems.add("spec.ref: " + SpecRules.ONE_REF_MESSAGE);
    }
    return selectors.isEmpty() ? new RefSelector.Head() : selectors.getFirst();
  }

  private Optional<SemverRange> semver(Json.Obj ref) {
    Optional<String> text = string(ref, "spec.ref.semver", SpecRules.MAX_SEMVER);
    try {
      return text.map(SemverRange::parse);
    } catch (IllegalArgumentException e) {
      problems.add("spec.ref.semver: " + SpecRules.SEMVER_MESSAGE + got(text.orElse("")));
      return Optional.empty();
    }
  }

  private Optional<String> refName(Json.Obj ref, String field) {
    return string(ref, field, SpecRules.MAX_REF)
        .filter(n -> check(!BAD_REF.matcher(n).find(), field, SpecRules.REF_MESSAGE, n))
        .filter(n -> check(!n.startsWith("refs/"), field, SpecRules.SHORT_REF_MESSAGE, n));
  }

  /** {@code ./deploy/}, {@code deploy//} and {@code deploy} are one folder. */
  private String path(Json.Obj spec) {
    String path = string(spec, "spec.path", SpecRules.MAX_PATH).orElse("");
    check(!BAD_PATH.matcher(path).find(), "spec.path", SpecRules.PATH_MESSAGE, path);
    check(!PARENT_SEGMENT.matcher(path).find(), "spec.path", SpecRules.NO_PARENT_MESSAGE, path);
    return String.join(
        "/",
        Arrays.stream(path.split("/", -1)).filter(s -> !s.isEmpty() && !s.equals(".")).toList());
  }

  private List<String> ignore(Json.Obj spec) {
    Optional<Json> given = value(spec, "ignore");
    if (given.isEmpty()) {
      return List.of();
    }
    if (!(given.get() instanceof Json.Arr list)) {
      problems.add("spec.ignore: must be a list");
      return List.of();
    }
    if (list.items().size() > SpecRules.MAX_IGNORE) {
      problems.add("spec.ignore: must have at most " + SpecRules.MAX_IGNORE + " items");
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      String field = "spec.ignore[" + i + "]";
      if (!(list.items().get(i) instanceof Json.Str text)) {
        problems.add(field + ": must be a string");
      } else if (text.value().codePointCount(0, text.value().length())
          > SpecRules.MAX_IGNORE_LENGTH) {
        problems.add(field + ": must have at most " + SpecRules.MAX_IGNORE_LENGTH + " characters");
      } else if (check(
          !BAD_IGNORE.matcher(text.value()).find(),
          "spec.ignore",
          SpecRules.IGNORE_MESSAGE,
          text.value())) {
        lines.add(text.value());
      }
    }
    return lines;
  }

  /** Of an object that has to name one. */
  private Optional<String> secretOf(Json.Obj spec, String field) {
    Optional<Json.Obj> given = object(spec, "spec", field);
    Optional<String> name = given.flatMap(g -> secretName(g, "spec." + field, "secretRef"));
    if (given.isPresent() && name.isEmpty()) {
      problems.add("spec." + field + ".secretRef: is required");
    }
    return name;
  }

  private Optional<String> secretName(Json.Obj parent, String prefix, String ref) {
    Optional<Json.Obj> secretRef = object(parent, prefix, ref);
    if (secretRef.isEmpty()) {
      return Optional.empty();
    }
    String field = prefix + "." + ref + ".name";
    String name = string(secretRef.get(), field, SpecRules.MAX_SECRET_NAME).orElse("");
    check(SECRET_NAME.matcher(name).matches(), field, SpecRules.SECRET_NAME_MESSAGE, name);
    return Optional.of(name);
  }

  private MaxPrune maxPrune(Json.Obj spec) {
    String text =
        switch (value(spec, "maxPrune").orElse(null)) {
          case null -> SpecRules.DEFAULT_MAX_PRUNE;
          case Json.Str s -> s.value();
          case Json.Num n -> n.asLong().map(String::valueOf).orElse(n.literal());
          case Json.Bool _, Json.Obj _, Json.Arr _, Json.Null _ -> "";
        };
    boolean allowed = MAX_PRUNE.matcher(text).matches();
    return check(allowed, "spec.maxPrune", SpecRules.MAX_PRUNE_MESSAGE, text)
        ? MaxPrune.parse(text)
        : MaxPrune.parse(SpecRules.DEFAULT_MAX_PRUNE);
  }

  private SyncSpec.Mode mode(Json.Obj spec) {
    String text = string(spec, "spec.mode", MAX_SHOWN).orElse(SpecRules.DEFAULT_MODE);
    for (SyncSpec.Mode mode : SyncSpec.Mode.values()) {
      if (mode.toString().equals(text)) {
        return mode;
      }
    }
    problems.add("spec.mode: must be Apply or Plan" + got(text));
    return SyncSpec.Mode.PLAN;
  }

  private DeletionPolicy deletionPolicy(Json.Obj spec) {
    String text =
        string(spec, "spec.deletionPolicy", MAX_SHOWN).orElse(SpecRules.DEFAULT_DELETION_POLICY);
    for (DeletionPolicy policy : DeletionPolicy.values()) {
      if (policy.toString().equals(text)) {
        return policy;
      }
    }
    problems.add("spec.deletionPolicy: must be MirrorPrune or Orphan" + got(text));
    return DeletionPolicy.ORPHAN;
  }

  private SyncSpec.OnFailure onFailure(Json.Obj rollout) {
    String text =
        string(rollout, "spec.rollout.onFailure", MAX_SHOWN).orElse(SpecRules.DEFAULT_ON_FAILURE);
    for (SyncSpec.OnFailure choice : SyncSpec.OnFailure.values()) {
      if (choice.toString().equals(text)) {
        return choice;
      }
    }
    problems.add("spec.rollout.onFailure: must be Hold or Rollback" + got(text));
    return SyncSpec.OnFailure.HOLD;
  }

  private Duration duration(
      Json.Obj parent, String field, String otherwise, String max, String betweenMessage) {
    String text = string(parent, field, SpecRules.MAX_DURATION).orElse(otherwise);
    if (!check(DURATION.matcher(text).matches(), field, SpecRules.DURATION_MESSAGE, text)) {
      return Duration.ZERO;
    }
    Duration duration = GoDuration.parse(text);
    check(
        duration.compareTo(GoDuration.parse(SpecRules.MIN_DURATION)) >= 0
            && duration.compareTo(GoDuration.parse(max)) <= 0,
        field,
        betweenMessage,
        text);
    return duration;
  }

  private boolean check(boolean fine, String field, String message, String value) {
    if (!fine) {
      problems.add(field + ": " + message + got(value));
    }
    return fine;
  }

  static String got(String value) {
    String shown = value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + "..." : value;
    return ", got \"" + shown + "\"";
  }

  private Optional<String> string(Json.Obj parent, String field, int maxLength) {
    Optional<Json> given = value(parent, last(field));
    if (given.isEmpty()) {
      return Optional.empty();
    }
    if (!(given.get() instanceof Json.Str text)) {
      problems.add(field + ": must be a string");
      return Optional.empty();
    }
    if (text.value().codePointCount(0, text.value().length()) > maxLength) {
      problems.add(field + ": must have at most " + maxLength + " characters");
      return Optional.empty();
    }
    return Optional.of(text.value());
  }

  private boolean bool(Json.Obj parent, String field, boolean otherwise) {
    Optional<Json> given = value(parent, last(field));
    if (given.isEmpty()) {
      return otherwise;
    }
    if (given.get() instanceof Json.Bool bool) {
      return bool.value();
    }
    problems.add(field + ": must be true or false");
    return otherwise;
  }

  private Optional<Json.Obj> object(Json.Obj parent, String prefix, String name) {
    Optional<Json> given = value(parent, name);
    if (given.isPresent() && !(given.get() instanceof Json.Obj)) {
      problems.add(prefix + "." + name + ": must be an object");
    }
    return parent.object(name);
  }

  /** An explicit null is as good as absent. */
  private static Optional<Json> value(Json.Obj parent, String name) {
    return parent.get(name).filter(v -> !(v instanceof Json.Null));
  }

  private static String last(String field) {
    return field.substring(field.lastIndexOf('.') + 1);
  }
}
