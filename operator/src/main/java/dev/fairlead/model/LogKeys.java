package dev.fairlead.model;

/**
 * The keys of what a log line carries beside its constant message. Values are written as their
 * {@code toString()} says, so a value that holds a secret must mask itself there.
 */
public final class LogKeys {
  /** A {@link SyncKey}. */
  public static final String SYNC = "sync";

  /** An {@link ObjectKey}. */
  public static final String OBJECT = "object";

  /** A {@link Revision}. */
  public static final String REVISION = "revision";

  /** A file of the repository, with its line when that is known. */
  public static final String FILE = "file";

  /** One word, of {@link Reason} where one fits. */
  public static final String REASON = "reason";

  /** A sentence for people. */
  public static final String DETAIL = "detail";

  /** The url of a repository, without credentials. */
  public static final String REPOSITORY = "repository";

  /** Which controller speaks. */
  public static final String CONTROLLER = "controller";

  /** What a controller works on. */
  public static final String KEY = "key";

  /** How long something took. */
  public static final String TOOK = "took";

  /** How many of them. */
  public static final String COUNT = "count";

  private LogKeys() {}
}
