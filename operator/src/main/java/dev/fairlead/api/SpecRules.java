package dev.fairlead.api;

import dev.fairlead.model.SemverRange;

/**
 * What a GitSync's spec may say, once for the CRD's CEL rules and once for the conversion.
 *
 * <p>The patterns keep to what RE2 and {@link java.util.regex.Pattern} understand alike; as CEL
 * they stand in raw strings and so must hold no single quote. {@code CEL_} constants are complete
 * CEL expressions over {@code self}; each has its message, which says what to write instead.
 */
final class SpecRules {
  static final int MAX_NAME = 52;
  static final int MAX_URL = 2048;
  static final int MAX_REF = 255;
  static final int MAX_PATH = 1024;
  static final int MAX_SECRET_NAME = 253;
  static final int MAX_SERVICE_ACCOUNT_NAME = 253;
  static final int MAX_NAMESPACE = 63;
  static final int MAX_DURATION = 20;
  static final int MAX_PRUNE_COUNT = 1_000_000;

  static final String DEFAULT_INTERVAL = "1m";
  static final String DEFAULT_FETCH_TIMEOUT = "60s";
  static final String DEFAULT_ROLLOUT_TIMEOUT = "5m";
  static final String DEFAULT_MAX_PRUNE = "50%";
  static final String DEFAULT_DELETION_POLICY = "MirrorPrune";
  static final String DEFAULT_ON_FAILURE = "Hold";
  static final String DEFAULT_MODE = "Apply";

  static final String MIN_DURATION = "1s";
  static final String MAX_INTERVAL = "24h";
  static final String MAX_FETCH_TIMEOUT = "1h";
  static final String MAX_ROLLOUT_TIMEOUT = "24h";

  static final String CEL_NAME = "self.metadata.name.size() <= " + MAX_NAME;
  static final String NAME_MESSAGE = "metadata.name must have at most " + MAX_NAME + " characters";

  private static final String USER = "[A-Za-z0-9._][A-Za-z0-9._+-]*";
  private static final String HOST = "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])";
  private static final String REST = "[^?#\\\\\\x00-\\x20\\x7f]+";

  /** The second is the form of scp. */
  static final String SCHEME = "^((https?|ssh|file)://|" + USER + "@" + HOST + ":)";

  static final String CREDENTIALS = "^(https?://[^/]*@|ssh://[^/@]*:[^/]*@)";
  static final String URL =
      "^((https?://"
          + HOST
          + "(:[0-9]{1,5})?|ssh://"
          + USER
          + "@"
          + HOST
          + "(:[0-9]{1,5})?|file://)/|"
          + USER
          + "@"
          + HOST
          + ":)"
          + REST
          + "$";
  static final String CEL_SCHEME = "self.matches(r'" + SCHEME + "')";
  static final String SCHEME_MESSAGE =
      "must begin with https://, http://, ssh:// or file:///, or be like git@example.org:path";
  static final String CEL_NO_CREDENTIALS = "!self.matches(r'" + CREDENTIALS + "')";
  static final String NO_CREDENTIALS_MESSAGE =
      "must hold no credentials: put them into a Secret and name it in spec.secretRef";
  static final String CEL_URL =
      "!self.matches(r'"
          + SCHEME
          + "') || self.matches(r'"
          + CREDENTIALS
          + "') || self.matches(r'"
          + URL
          + "')";
  static final String URL_MESSAGE =
      "must be like https://example.org/team/repository.git, ssh://git@example.org/repository.git,"
          + " git@example.org:team/repository.git or file:///srv/repository.git, without spaces,"
          + " query or fragment";

  static final String CEL_ONE_REF =
      "[has(self.branch), has(self.tag), has(self.semver), has(self.name), has(self.commit)]"
          + ".filter(x, x).size() <= 1";
  static final String ONE_REF_MESSAGE =
      "at most one of branch, tag, semver, name and commit may be set";

  /** What git-check-ref-format refuses; found anywhere in the name. */
  static final String BAD_REF =
      "(^@?$|^[-/]|(^|/)\\.|\\.\\.|@\\{|//|[/.]$|\\.lock(/|$)|[\\x00-\\x20\\x7f~^:?*\\[\\\\])";

  static final String CEL_REF = "!self.matches(r'" + BAD_REF + "')";
  static final String REF_MESSAGE = "is no name that Git allows";
  static final String CEL_SHORT_REF = "!self.startsWith('refs/')";
  static final String SHORT_REF_MESSAGE = "must be the short name: main, not refs/heads/main";

  static final String CEL_FULL_REF = "self.startsWith('refs/')";
  static final String FULL_REF_MESSAGE = "must be the full name: refs/pull/1/head, refs/heads/main";

  static final int MAX_SEMVER = SemverRange.MAX_LENGTH;
  static final String CEL_SEMVER = "self.matches(r'" + SemverRange.SYNTAX + "')";
  static final String SEMVER_MESSAGE =
      "must be a range of semantic versions such as >=1.0.0 <2.0.0, 1.x, ~1.2, ^1.2.3 or 1.2 - 2.3";

  static final String COMMIT = "^[0-9a-f]{40}$";
  static final String CEL_COMMIT = "self.matches(r'" + COMMIT + "')";
  static final String COMMIT_MESSAGE = "must be a full commit hash: 40 lower-case hex digits";

  static final String BAD_PATH = "(^/|\\\\|[\\x00-\\x1f\\x7f])";
  static final String PARENT_SEGMENT = "(^|/)\\.\\.(/|$)";
  static final String CEL_PATH = "!self.matches(r'" + BAD_PATH + "')";
  static final String PATH_MESSAGE =
      "must be relative to the repository's root, with forward slashes, like deploy/production";
  static final String CEL_NO_PARENT = "!self.matches(r'" + PARENT_SEGMENT + "')";
  static final String NO_PARENT_MESSAGE = "must not contain ..";

  static final String DURATION = "^([0-9]{1,6}([.][0-9]{1,9})?(ms|s|m|h))+$";
  static final String CEL_DURATION = "self.matches(r'" + DURATION + "')";
  static final String DURATION_MESSAGE =
      "must be a duration such as 30s, 1m30s or 2h; units are ms, s, m and h";
  private static final String BETWEEN =
      "!" + CEL_DURATION + " || duration(self) >= duration('" + MIN_DURATION + "')";
  static final String CEL_INTERVAL =
      BETWEEN + " && duration(self) <= duration('" + MAX_INTERVAL + "')";
  static final String INTERVAL_MESSAGE = "must be between " + MIN_DURATION + " and " + MAX_INTERVAL;
  static final String CEL_FETCH_TIMEOUT =
      BETWEEN + " && duration(self) <= duration('" + MAX_FETCH_TIMEOUT + "')";
  static final String FETCH_TIMEOUT_MESSAGE =
      "must be between " + MIN_DURATION + " and " + MAX_FETCH_TIMEOUT;
  static final String CEL_ROLLOUT_TIMEOUT =
      BETWEEN + " && duration(self) <= duration('" + MAX_ROLLOUT_TIMEOUT + "')";
  static final String ROLLOUT_TIMEOUT_MESSAGE =
      "must be between " + MIN_DURATION + " and " + MAX_ROLLOUT_TIMEOUT;

  static final String SECRET_NAME = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
  static final String CEL_SECRET_NAME = "self.matches(r'" + SECRET_NAME + "')";
  static final String SECRET_NAME_MESSAGE = "must be the name of a Secret";

  /** Without a colon, which would lead into another namespace. */
  static final String SERVICE_ACCOUNT_NAME = SECRET_NAME;

  static final String CEL_SERVICE_ACCOUNT_NAME = "self.matches(r'" + SERVICE_ACCOUNT_NAME + "')";
  static final String SERVICE_ACCOUNT_NAME_MESSAGE =
      "must be the name of a ServiceAccount in the GitSync's own namespace, like deployer";

  static final String NAMESPACE = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
  static final String CEL_NAMESPACE = "self.matches(r'" + NAMESPACE + "')";
  static final String NAMESPACE_MESSAGE =
      "must be the name of a namespace: lower-case letters, digits and -";

  static final String MAX_PRUNE = "^([0-9]{1,6}|1000000|([0-9]|[1-9][0-9]|100)%)$";
  static final String CEL_MAX_PRUNE =
      "type(self) == int ? self >= 0 && self <= "
          + MAX_PRUNE_COUNT
          + " : self.matches(r'"
          + MAX_PRUNE
          + "')";
  static final String MAX_PRUNE_MESSAGE =
      "must be a number of objects up to " + MAX_PRUNE_COUNT + ", or a percentage from 0% to 100%";

  static final int MAX_DEPENDENCIES = 32;
  static final String SYNC_NAME = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
  static final String CEL_SYNC_NAME = "self.matches(r'" + SYNC_NAME + "')";
  static final String SYNC_NAME_MESSAGE = "must be the name of a GitSync";

  static final int MAX_IGNORE = 64;
  static final int MAX_IGNORE_LENGTH = 255;
  static final String BAD_IGNORE = "[\\x00-\\x1f\\x7f]";
  static final String CEL_IGNORE = "self.all(p, !p.matches(r'" + BAD_IGNORE + "'))";
  static final String IGNORE_MESSAGE =
      "must be a list of patterns as in .gitignore, one a line, like drafts/ or *.tmpl.yaml";

  static final int MAX_IGNORE_RULES = 32;
  static final int MAX_IGNORED_PATHS = 16;
  static final int MAX_POINTER = 512;
  static final int MAX_GROUP = 253;
  static final int MAX_KIND = 63;
  static final int MAX_OBJECT_NAME = 253;

  static final String POINTER = "^(/([^/~]|~[01])+)+$";
  static final String CEL_POINTERS = "self.all(p, p.matches(r'" + POINTER + "'))";
  static final String POINTER_MESSAGE =
      "must be a JSON pointer such as /spec/replicas; a / within a name is written ~1, a ~ is ~0";

  /** What {@link dev.fairlead.model.IgnoreRule#isReserved} says. */
  static final String RESERVED_POINTER =
      "^/((apiVersion|kind|metadata/name|metadata/namespace)(/|$)|metadata$|metadata/labels$"
          + "|metadata/labels/(applyset[.]kubernetes[.]io~1part-of|fairlead[.]dev~1name(space)?)"
          + "(/|$))";

  static final String CEL_FREE_POINTERS = "!self.exists(p, p.matches(r'" + RESERVED_POINTER + "'))";
  static final String FREE_POINTER_MESSAGE =
      "must leave Fairlead the fields that say what the object is and whose";

  private SpecRules() {}
}
