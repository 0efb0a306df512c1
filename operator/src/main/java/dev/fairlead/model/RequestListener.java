package dev.fairlead.model;

import java.time.Duration;

/**
 * Hears of every request to the API server; called on the requesting thread, so it must be fast.
 */
@FunctionalInterface
public interface RequestListener {
  /** Listens to nothing. */
  RequestListener NONE = (verb, code, took) -> {};

  /**
   * One request was answered, or failed without an answer.
   *
   * @param code the HTTP status; 0 when there was no answer
   * @param took until the headers of the answer
   */
  void onRequest(Verb verb, int code, Duration took);

  /** What was asked for: the closed label set of the request counter. */
  enum Verb {
    APPLY("apply"),
    CREATE("create"),
    DELETE("delete"),
    DISCOVER("discover"),
    DRY_RUN("dry-run"),
    GET("get"),
    /** Whatever is asked about the lease of the leader. */
    LEASE("lease"),
    LIST("list"),
    PATCH("patch"),
    WATCH("watch");

    private final String text;

    Verb(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
