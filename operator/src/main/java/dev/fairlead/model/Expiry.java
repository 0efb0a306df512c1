package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * That something in a Secret is good for a limited time. Nothing that is secret is in it.
 *
 * @param key of the Secret's data that holds it
 * @param what it is, for people, as in {@code the client certificate}
 * @param at the first moment at which it is not good any more
 */
public record Expiry(Kind kind, String key, String what, Instant at) {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  /** What it is for; the value of a metric's label. */
  public enum Kind {
    /** What is shown to a host that asks who we are. */
    CLIENT_CERTIFICATE("client-certificate"),
    /** Whom a host or a proxy is trusted by. */
    CA_CERTIFICATE("ca-certificate"),
    /** Whose signatures count. */
    SIGNING_KEY("signing-key");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  public Expiry {
    requireNonNull(kind);
    requireNonNull(key);
    requireNonNull(what);
    requireNonNull(at);
  }

  public boolean isOver(Instant now) {
    return !now.isBefore(at);
  }

  /** A moment for people, to the minute: {@code 2026-12-20 10:00 UTC}. */
  public static String minute(Instant moment) {
    return MINUTE.format(moment);
  }
}
