package dev.fairlead.web;

import dev.fairlead.model.SyncKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param after only what comes behind this one
 */
record ListQuery(Optional<SyncKey> after, int limit) {
  /** The most that one answer lists. */
  static final int MOST = 500;

  /** The whole list, as far as one answer has it. */
  static final ListQuery ALL = new ListQuery(Optional.empty(), MOST);

  /** Reads {@code limit=N&continue=NAMESPACE/NAME}; what is not known is refused. */
  static ListQuery parse(@Nullable String query) throws RefusedException {
    Optional<SyncKey> after = Optional.empty();
    int limit = MOST;
    if (query != null && !query.isEmpty()) {
      for (String parameter : query.split("&", -1)) {
        int equals = parameter.indexOf('=');
        String name = equals < 0 ? parameter : parameter.substring(0, equals);
        String value = equals < 0 ? "" : parameter.substring(equals + 1);
        switch (name) {
          case "limit" -> limit = limit(value);
          case "continue" -> after = Optional.of(key(value.replace("%2F", "/")));
          default -> throw wrong("the parameters of a list are limit and continue");
        }
      }
    }
    return new ListQuery(after, limit);
  }

  private static int limit(String value) throws RefusedException {
    if (!value.matches("[1-9]\\d{0,2}") || Integer.parseInt(value) > MOST) {
      throw wrong("limit is a number from 1 to " + MOST);
    }
    return Integer.parseInt(value);
  }

  private static SyncKey key(String value) throws RefusedException {
    int slash = value.indexOf('/');
    if (slash < 1 || slash != value.lastIndexOf('/') || slash == value.length() - 1) {
      throw wrong("continue is what the list before said there: NAMESPACE/NAME");
    }
    return new SyncKey(value.substring(0, slash), value.substring(slash + 1));
  }

  private static RefusedException wrong(String message) {
    return new RefusedException(400, "BadRequest", message);
  }
}
