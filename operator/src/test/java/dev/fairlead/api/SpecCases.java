package dev.fairlead.api;

import java.util.List;
import java.util.stream.Stream;

/** Specs, and what is wrong with them: asked of the CRD and of our own reading alike. */
final class SpecCases {
  private static final String URL = "url: https://example.org/team/app.git\n";

  /**
   * A spec that is refused.
   *
   * @param field where
   * @param message what our own reading says, without field and value
   * @param crdMessage a part of what the API server says; as a rule the same
   */
  record Refused(String name, String spec, String field, String message, String crdMessage) {
    @Override
    public String toString() {
      return name;
    }
  }

  private SpecCases() {}

  static List<String> accepted() {
    return List.of(
        "url: https://example.org/team/app.git",
        "url: http://127.0.0.1:8080/app.git",
        "url: http://git_server.portfolio.svc.cluster.local/a/b/c",
        "url: 'https://[2001:db8::1]:8443/app.git'",
        "url: https://example.org/~someone/a%20b/@scope/app",
        "url: file:///srv/git/app.git",
        "url: ssh://git@example.org/team/app.git",
        "url: 'ssh://a.b_c+1@[2001:db8::1]:2222/~/app.git'",
        "url: git@example.org:team/app.git",
        "url: robot@example.org:/srv/app.git",
        "url: 'git@[2001:db8::1]:2222/x@y.git'",
        URL + "ref: {}",
        URL + "ref: {branch: main}",
        URL + "ref: {branch: feature/new-hero_1.2}",
        URL + "ref: {branch: 'größer'}",
        URL + "ref: {tag: v1.4.0}",
        URL + "ref: {semver: '>=1.0.0 <2.0.0'}",
        URL + "ref: {semver: '*'}",
        URL + "ref: {semver: '1.2 - 2.3, !=2.0.0 || ~3.1 || ^4.5.6-0'}",
        URL + "ref: {name: refs/pull/1/head}",
        URL + "ref: {name: refs/heads/größer}",
        URL + "ref: {commit: 0123456789abcdef0123456789abcdef01234567}",
        URL + "path: ''",
        URL + "path: .",
        URL + "path: ./deploy/",
        URL + "path: deploy/..prod/a b",
        URL + "interval: 1s",
        URL + "interval: 1500ms",
        URL + "interval: 1.5h",
        URL + "interval: 24h",
        URL + "interval: 23h59m60s",
        URL + "fetchTimeout: 1s",
        URL + "fetchTimeout: 1h",
        URL + "rollout: {}",
        URL + "rollout: {timeout: 24h}",
        URL + "rollout: {onFailure: Hold}",
        URL + "rollout: {onFailure: Rollback}",
        URL + "secretRef: {name: portfolio-git.v2}",
        URL + "webhook: {secretRef: {name: hook}}",
        URL + "verify: {secretRef: {name: signers}}",
        URL + "serviceAccountName: deployer",
        URL + "serviceAccountName: deployer.v2",
        URL + "defaultNamespace: portfolio-2",
        URL + "mode: Apply",
        URL + "mode: Plan",
        URL + "prune: false",
        URL + "maxPrune: 0",
        URL + "maxPrune: 1000000",
        URL + "maxPrune: '10'",
        URL + "maxPrune: '1000000'",
        URL + "maxPrune: 0%",
        URL + "maxPrune: 100%",
        URL + "deletionPolicy: Orphan",
        URL + "suspend: true",
        URL + "dependsOn: []",
        URL + "dependsOn: [{name: base}, {name: base, namespace: infra}]",
        URL + "dependsOn: [{name: a.b}, {name: a.b}]",
        URL + "ignore: []",
        URL + "ignore: ['*.md', 'drafts/', '!/a b.yaml', '# note', '']",
        URL + "ignoreFields: []",
        URL + "ignoreFields: [{paths: [/spec/replicas]}]",
        URL + "ignoreFields: [{target: {}, paths: [/spec/replicas, /data/a~1b, /data/c~0d]}]",
        URL + "ignoreFields: [{target: {group: '', kind: ConfigMap}, paths: [/data]}]",
        URL
            + "ignoreFields: [{target: {name: a, namespace: b}, paths: [/spec/containers/0/image]}]",
        URL + "ignoreFields: [{paths: [/metadata/labels/app, /metadata/labels/fairlead.dev~1x]}]",
        URL + "ignoreFields: [{paths: [/metadata/annotations, /kinds, /metadata/names]}]");
  }

  static Stream<Refused> refused() {
    return Stream.of(
            urls(),
            refs(),
            paths(),
            durations(),
            names(),
            prunes(),
            dependencies(),
            patterns(),
            ignored(),
            types())
        .flatMap(s -> s);
  }

  private static Stream<Refused> urls() {
    String scheme = SpecRules.SCHEME_MESSAGE;
    String credentials = SpecRules.NO_CREDENTIALS_MESSAGE;
    String shape = SpecRules.URL_MESSAGE;
    return Stream.of(
        refused("no url", "path: deploy", "spec.url", "is required", "Required value"),
        refused("an empty url", "url: ''", "spec.url", scheme),
        refused("ssh without a user", "url: ssh://example.org/app.git", "spec.url", shape),
        refused("ssh without a path", "url: ssh://git@example.org", "spec.url", shape),
        refused("an ssh option as user", "url: ssh://-l@example.org/app.git", "spec.url", shape),
        refused("a password for ssh", "url: ssh://git:b@example.org/x", "spec.url", credentials),
        refused("scp syntax without a user", "url: example.org:app.git", "spec.url", scheme),
        refused("scp syntax without a path", "url: 'git@example.org:'", "spec.url", shape),
        refused("scp syntax with a password", "url: git:b@example.org:x", "spec.url", scheme),
        refused("a space in scp syntax", "url: 'git@example.org:a b'", "spec.url", shape),
        refused("an unknown scheme", "url: ftp://example.org/app.git", "spec.url", scheme),
        refused("a url without scheme", "url: example.org/app.git", "spec.url", scheme),
        refused("a password in the url", "url: https://a:b@example.org/x", "spec.url", credentials),
        refused("a token in the url", "url: http://token@example.org/x", "spec.url", credentials),
        refused("a password with @", "url: https://a:b@c@example.org/x", "spec.url", credentials),
        refused("a password with /", "url: https://a:b/c@example.org/x", "spec.url", shape),
        refused("a token in the query", "url: https://example.org/x?token=1", "spec.url", shape),
        refused("a fragment", "url: 'https://example.org/x#main'", "spec.url", shape),
        refused("a space in the url", "url: 'https://example.org/a b'", "spec.url", shape),
        refused("a line end after the url", "url: \"https://example.org/a\\n\"", "spec.url", shape),
        refused("a url without repository", "url: https://example.org", "spec.url", shape),
        refused("a url without host", "url: https:///app.git", "spec.url", shape),
        refused("a bad port", "url: https://example.org:git/app", "spec.url", shape),
        refused("a relative file url", "url: file://srv/app.git", "spec.url", shape),
        refused(
            "a url that is too long",
            "url: https://example.org/" + "a".repeat(SpecRules.MAX_URL),
            "spec.url",
            "must have at most 2048 characters",
            "Too long"));
  }

  private static Stream<Refused> refs() {
    String one = SpecRules.ONE_REF_MESSAGE;
    String name = SpecRules.REF_MESSAGE;
    String hash = SpecRules.COMMIT_MESSAGE;
    String range = SpecRules.SEMVER_MESSAGE;
    return Stream.of(
            refused("two refs", "ref: {branch: main, tag: v1}", "spec.ref", one),
            refused(
                "a branch and a commit",
                "ref: {branch: main, commit: 0123456789abcdef0123456789abcdef01234567}",
                "spec.ref",
                one),
            refused("an empty branch", "ref: {branch: ''}", "spec.ref.branch", name),
            refused("a space in a branch", "ref: {branch: a b}", "spec.ref.branch", name),
            refused("a wildcard", "ref: {branch: 'feature/*'}", "spec.ref.branch", name),
            refused("a range", "ref: {branch: a..b}", "spec.ref.branch", name),
            refused("a reflog entry", "ref: {branch: 'main@{1}'}", "spec.ref.branch", name),
            refused("an option", "ref: {branch: --upload-pack}", "spec.ref.branch", name),
            refused("a lock file", "ref: {tag: v1.lock}", "spec.ref.tag", name),
            refused("a hidden part", "ref: {tag: a/.b}", "spec.ref.tag", name),
            refused("a backslash in a tag", "ref: {tag: 'a\\b'}", "spec.ref.tag", name),
            refused(
                "a full ref name",
                "ref: {branch: refs/heads/main}",
                "spec.ref.branch",
                SpecRules.SHORT_REF_MESSAGE),
            refused("a tag and a range", "ref: {tag: v1, semver: 1.x}", "spec.ref", one),
            refused("a range and a name", "ref: {semver: 1.x, name: refs/x}", "spec.ref", one),
            refused("an empty range", "ref: {semver: ''}", "spec.ref.semver", range),
            refused("no range", "ref: {semver: latest}", "spec.ref.semver", range),
            refused("four numbers", "ref: {semver: 1.2.3.4}", "spec.ref.semver", range),
            refused("an open end", "ref: {semver: '1.x ||'}", "spec.ref.semver", range),
            refused("two operators", "ref: {semver: '>=<1.2'}", "spec.ref.semver", range),
            refused(
                "a short name", "ref: {name: main}", "spec.ref.name", SpecRules.FULL_REF_MESSAGE),
            refused("a name with ..", "ref: {name: refs/pull/../x}", "spec.ref.name", name),
            refused("a name with a slash", "ref: {name: refs/pull/}", "spec.ref.name", name),
            refused("a short hash", "ref: {commit: 1f2e3d4}", "spec.ref.commit", hash),
            refused(
                "a hash in upper case",
                "ref: {commit: 0123456789ABCDEF0123456789ABCDEF01234567}",
                "spec.ref.commit",
                hash),
            refused(
                "a hash that is too long",
                "ref: {commit: 0123456789abcdef0123456789abcdef012345678}",
                "spec.ref.commit",
                hash))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> paths() {
    String parent = SpecRules.NO_PARENT_MESSAGE;
    String path = SpecRules.PATH_MESSAGE;
    return Stream.of(
            refused("the parent folder", "path: ..", "spec.path", parent),
            refused("a way up", "path: a/../../b", "spec.path", parent),
            refused("a way up at the end", "path: a/..", "spec.path", parent),
            refused("an absolute path", "path: /deploy", "spec.path", path),
            refused("backslashes", "path: 'a\\b'", "spec.path", path),
            refused("a control character", "path: \"a\\tb\"", "spec.path", path))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> durations() {
    String duration = SpecRules.DURATION_MESSAGE;
    return Stream.of(
            refused("days", "interval: 1d", "spec.interval", duration),
            refused("no unit", "interval: '60'", "spec.interval", duration),
            refused("a negative interval", "interval: -1s", "spec.interval", duration),
            refused("an empty interval", "interval: ''", "spec.interval", duration),
            refused("a space in it", "interval: 1m 30s", "spec.interval", duration),
            refused("microseconds", "interval: 1000000us", "spec.interval", duration),
            refused("too often", "interval: 999ms", "spec.interval", SpecRules.INTERVAL_MESSAGE),
            refused("too rarely", "interval: 24h1ms", "spec.interval", SpecRules.INTERVAL_MESSAGE),
            refused(
                "the longest that can be written",
                "interval: 999999h999999h999999",
                "spec.interval",
                duration),
            refused(
                "too short a fetch",
                "fetchTimeout: 0s",
                "spec.fetchTimeout",
                SpecRules.FETCH_TIMEOUT_MESSAGE),
            refused(
                "too long a fetch",
                "fetchTimeout: 61m",
                "spec.fetchTimeout",
                SpecRules.FETCH_TIMEOUT_MESSAGE),
            refused("a fetch in words", "fetchTimeout: soon", "spec.fetchTimeout", duration),
            refused(
                "no time",
                "rollout: {timeout: 5}",
                "spec.rollout.timeout",
                "must be a string",
                "must be of type string"),
            refused("weeks", "rollout: {timeout: 1w}", "spec.rollout.timeout", duration),
            refused(
                "too long a rollout",
                "rollout: {timeout: 25h}",
                "spec.rollout.timeout",
                SpecRules.ROLLOUT_TIMEOUT_MESSAGE),
            refused(
                "a duration that is too long to read",
                "interval: 1s1s1s1s1s1s1s1s1s1s1s",
                "spec.interval",
                "must have at most 20 characters",
                "Too long"))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> names() {
    String secret = SpecRules.SECRET_NAME_MESSAGE;
    String namespace = SpecRules.NAMESPACE_MESSAGE;
    String account = SpecRules.SERVICE_ACCOUNT_NAME_MESSAGE;
    return Stream.of(
            refused(
                "a Secret in capitals", "secretRef: {name: Git}", "spec.secretRef.name", secret),
            refused("an empty Secret", "secretRef: {name: ''}", "spec.secretRef.name", secret),
            refused("no Secret", "secretRef: {}", "spec.secretRef.name", secret, "Required value"),
            refused(
                "another namespace's Secret",
                "secretRef: {name: other/git}",
                "spec.secretRef.name",
                secret),
            refused(
                "another namespace's Secret of a webhook",
                "webhook: {secretRef: {name: other/hook}}",
                "spec.webhook.secretRef.name",
                secret),
            refused(
                "another namespace's Secret of signers",
                "verify: {secretRef: {name: other/signers}}",
                "spec.verify.secretRef.name",
                SpecRules.SECRET_NAME_MESSAGE),
            refused(
                "a check of signatures by nobody",
                "verify: {}",
                "spec.verify.secretRef",
                "is required",
                "Required value"),
            refused(
                "a webhook that anybody could call",
                "webhook: {}",
                "spec.webhook.secretRef",
                "is required",
                "Required value"),
            refused(
                "a webhook's Secret without a name",
                "webhook: {secretRef: {}}",
                "spec.webhook.secretRef.name",
                secret,
                "Required value"),
            refused(
                "another namespace's account",
                "serviceAccountName: 'kube-system:admin'",
                "spec.serviceAccountName",
                account),
            refused(
                "another namespace's account by a path",
                "serviceAccountName: kube-system/admin",
                "spec.serviceAccountName",
                account),
            refused(
                "an account in full",
                "serviceAccountName: 'system:serviceaccount:kube-system:admin'",
                "spec.serviceAccountName",
                account),
            refused(
                "an account with a line end",
                "serviceAccountName: \"deployer\\n\"",
                "spec.serviceAccountName",
                account),
            refused(
                "an empty account", "serviceAccountName: ''", "spec.serviceAccountName", account),
            refused(
                "an account that is too long",
                "serviceAccountName: " + "a".repeat(254),
                "spec.serviceAccountName",
                "must have at most 253 characters",
                "Too long"),
            refused(
                "an underscore in a namespace",
                "defaultNamespace: a_b",
                "spec.defaultNamespace",
                namespace),
            refused(
                "a dot in a namespace",
                "defaultNamespace: a.b",
                "spec.defaultNamespace",
                namespace),
            refused(
                "an empty namespace", "defaultNamespace: ''", "spec.defaultNamespace", namespace))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> prunes() {
    String prune = SpecRules.MAX_PRUNE_MESSAGE;
    return Stream.of(
            refused("more than all", "maxPrune: 101%", "spec.maxPrune", prune),
            refused("less than nothing", "maxPrune: -1", "spec.maxPrune", prune),
            refused("too many", "maxPrune: 1000001", "spec.maxPrune", prune),
            refused("too many in words", "maxPrune: '1000001'", "spec.maxPrune", prune),
            refused("half a percent", "maxPrune: 0.5%", "spec.maxPrune", prune),
            refused("all", "maxPrune: all", "spec.maxPrune", prune),
            refused("an empty maxPrune", "maxPrune: ''", "spec.maxPrune", prune),
            refused(
                "an unknown mode",
                "mode: plan",
                "spec.mode",
                "must be Apply or Plan",
                "Unsupported value: \"plan\": supported values: \"Apply\", \"Plan\""),
            refused(
                "an unknown policy",
                "deletionPolicy: Delete",
                "spec.deletionPolicy",
                "must be MirrorPrune or Orphan",
                "Unsupported value: \"Delete\": supported values: \"MirrorPrune\", \"Orphan\""),
            refused(
                "an unknown answer to a failure",
                "rollout: {onFailure: Retry}",
                "spec.rollout.onFailure",
                "must be Hold or Rollback",
                "Unsupported value: \"Retry\": supported values: \"Hold\", \"Rollback\""))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> dependencies() {
    String field = "spec.dependsOn[0].";
    return Stream.of(
            refused(
                "a dependency without a name",
                "dependsOn: [{namespace: infra}]",
                field + "name",
                "is required",
                "Required value"),
            refused(
                "a dependency with its namespace in the name",
                "dependsOn: [{name: infra/base}]",
                field + "name",
                SpecRules.SYNC_NAME_MESSAGE),
            refused(
                "a dependency in no namespace",
                "dependsOn: [{name: base, namespace: ''}]",
                field + "namespace",
                SpecRules.NAMESPACE_MESSAGE),
            refused(
                "a dependency whose name is too long",
                "dependsOn: [{name: " + "a".repeat(53) + "}]",
                field + "name",
                "must have at most 52 characters",
                "Too long"),
            refused(
                "too many dependencies",
                "dependsOn: [" + "{name: a}, ".repeat(32) + "{name: b}]",
                "spec.dependsOn",
                "must have at most 32 items",
                "Too many"),
            refused(
                "a dependency that is a word",
                "dependsOn: [base]",
                "spec.dependsOn[0]",
                "must be an object",
                "type object"))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> patterns() {
    return Stream.of(
            refused(
                "two patterns in one",
                "ignore: [\"a\\nb\"]",
                "spec.ignore",
                SpecRules.IGNORE_MESSAGE),
            refused(
                "a pattern as a word", "ignore: drafts", "spec.ignore", "must be a list", "array"),
            refused(
                "a number as a pattern",
                "ignore: [1]",
                "spec.ignore[0]",
                "must be a string",
                "string"),
            refused(
                "a pattern that is too long",
                "ignore: ['" + "a".repeat(256) + "']",
                "spec.ignore[0]",
                "must have at most 255 characters",
                "Too long"),
            refused(
                "too many patterns",
                "ignore: [" + "a, ".repeat(65) + "]",
                "spec.ignore",
                "must have at most 64 items",
                "at most 64"))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> ignored() {
    String pointer = SpecRules.POINTER_MESSAGE;
    String free = SpecRules.FREE_POINTER_MESSAGE;
    String field = "spec.ignoreFields[0].paths";
    return Stream.of(
            refused(
                "a field with dots", "ignoreFields: [{paths: [spec.replicas]}]", field, pointer),
            refused("a JSONPath", "ignoreFields: [{paths: ['$.spec.replicas']}]", field, pointer),
            refused("the whole object", "ignoreFields: [{paths: ['']}]", field, pointer),
            refused("a slash at the end", "ignoreFields: [{paths: [/spec/]}]", field, pointer),
            refused("a lone tilde", "ignoreFields: [{paths: [/data/a~b]}]", field, pointer),
            refused("the second path", "ignoreFields: [{paths: [/a, b]}]", field, pointer),
            refused("the kind", "ignoreFields: [{paths: [/kind]}]", field, free),
            refused("the name", "ignoreFields: [{paths: [/metadata/name]}]", field, free),
            refused("within the name", "ignoreFields: [{paths: [/metadata/name/x]}]", field, free),
            refused("all metadata", "ignoreFields: [{paths: [/metadata]}]", field, free),
            refused("all labels", "ignoreFields: [{paths: [/metadata/labels]}]", field, free),
            refused(
                "the label of the sync",
                "ignoreFields: [{paths: [/metadata/labels/applyset.kubernetes.io~1part-of]}]",
                field,
                free),
            refused(
                "no path",
                "ignoreFields: [{target: {kind: Secret}}]",
                field,
                "must name at least one field",
                "Required value"),
            refused(
                "an empty list of paths",
                "ignoreFields: [{paths: []}]",
                field,
                "must name at least one field",
                "at least 1"))
        .map(SpecCases::withUrl);
  }

  private static Stream<Refused> types() {
    return Stream.of(
            refused("a number as path", "path: 1", "spec.path", "must be a string", "type string"),
            refused(
                "a word as switch",
                "prune: 'no'",
                "spec.prune",
                "must be true or false",
                "boolean"),
            refused("a string as ref", "ref: main", "spec.ref", "must be an object", "object"),
            refused(
                "a list as rollout", "rollout: []", "spec.rollout", "must be an object", "object"),
            refused(
                "a list as maxPrune",
                "maxPrune: []",
                "spec.maxPrune",
                SpecRules.MAX_PRUNE_MESSAGE,
                "integer"))
        .map(SpecCases::withUrl);
  }

  private static Refused refused(String name, String spec, String field, String message) {
    return new Refused(name, spec, field, message, message);
  }

  private static Refused refused(
      String name, String spec, String field, String message, String crdMessage) {
    return new Refused(name, spec, field, message, crdMessage);
  }

  private static Refused withUrl(Refused r) {
    return new Refused(r.name, URL + r.spec, r.field, r.message, r.crdMessage);
  }
}
