package dev.fairlead.cluster;

import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes the API server's error texts fit for people: short, and without what is secret. */
final class ErrorText {
  private static final int MAX_CAUSE = 240;
  private static final int SHOWN_CAUSES = 3;
  private static final Pattern HEAD = Pattern.compile("^failed to [^(]*\\([^)]*\\)[^:]*: ");

  /** Go's print of a value where a type was meant: {@code got &{[1]}}. */
  private static final Pattern DUMP = Pattern.compile(", got &.*", Pattern.DOTALL);

  private static final String GOT = ", got ";
  private static final String INVALID = "Invalid value: ";

  /** Ends of a Secret's error that cannot hold a value of it. */
  private static final Pattern SAFE_END =
      Pattern.compile("(a valid config key must .*|must .*|may not .*|field is immutable.*)");

  private ErrorText() {}

  /** What is wrong, one by one, in {@code failed to create typed patch object (...): ...}. */
  static List<Cause> causes(String message, boolean secret) {
    String rest = message;
    Matcher head = HEAD.matcher(message);
    if (head.find()) {
      rest = message.substring(head.end());
    }
    if (rest.startsWith("errors:")) {
      rest = rest.substring("errors:".length());
    }
    if (secret && rest.contains(GOT)) {
      // Where the printed value ends cannot be told: it may hold what looks like the next error.
      rest = rest.substring(0, rest.indexOf(GOT));
    }
    List<Cause> causes = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    for (String line : rest.split("\n", -1)) {
      // A dumped value may hold line ends; only an indented path begins a new error.
      if (line.startsWith("  .") && !current.isEmpty()) {
        add(current.toString(), secret, causes);
        current.setLength(0);
      }
      current.append(current.isEmpty() ? "" : "\n").append(line.strip());
    }
    add(current.toString(), secret, causes);
    return causes.stream().sorted(ErrorText::byField).limit(ApiError.MAX_CAUSES).toList();
  }

  /** The server's order is random; a repeated error must read the same. */
  private static int byField(Cause a, Cause b) {
    int byField = a.field().compareTo(b.field());
    return byField != 0 ? byField : a.message().compareTo(b.message());
  }

  private static void add(String text, boolean secret, List<Cause> causes) {
    String line = text.strip();
    if (line.isEmpty()) {
      return;
    }
    int end = line.startsWith(".") ? endOfPath(line) : -1;
    causes.add(
        end < 0
            ? new Cause("", value(line, secret))
            : new Cause(field(line.substring(0, end)), value(line.substring(end + 2), secret)));
  }

  /** Where {@code .spec.containers[name="a: b"].image: what} has its colon; -1 without one. */
  private static int endOfPath(String line) {
    boolean inString = false;
    for (int i = 0; i + 1 < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && inString) {
        i++;
      } else if (c == '"') {
        inString = !inString;
      } else if (!inString && c == ':' && line.charAt(i + 1) == ' ') {
        return i;
      }
    }
    return -1;
  }

  /** A path without the dot that the server sometimes begins it with. */
  static String field(String path) {
    String field = path.startsWith(".") ? path.substring(1) : path;
    return field.equals("<nil>") ? "" : field;
  }

  /** A text of the server without dumps, and of a Secret without anything that may be a value. */
  static String value(String text, boolean secret) {
    String clean = text;
    int got = clean.indexOf(GOT);
    if (got >= 0) {
      clean =
          secret
              ? clean.substring(0, got)
              : DUMP.matcher(clean).replaceAll(m -> Matcher.quoteReplacement(sort(m.group())));
    }
    int invalid = clean.indexOf(INVALID);
    if (invalid >= 0 && (secret || clean.length() > MAX_CAUSE)) {
      clean = withoutValue(clean, invalid + INVALID.length(), secret);
    }
    return clean.length() <= ApiError.MAX_MESSAGE
        ? clean
        : clean.substring(0, ApiError.MAX_MESSAGE - 1) + "…";
  }

  private static String sort(String dump) {
    if (dump.contains("Value:map[") || dump.contains("&{map[")) {
      return ", got a map";
    }
    return dump.contains("Value:[]") || dump.contains("&{[")
        ? ", got a list"
        : ", got another type";
  }

  /** {@code Invalid value: <dump>: field is immutable} as {@code Invalid value: field is ...}. */
  private static String withoutValue(String text, int from, boolean secret) {
    int last = text.lastIndexOf(": ");
    String end = last >= from ? text.substring(last + 2) : "";
    boolean keep = secret ? SAFE_END.matcher(end).matches() : end.length() <= MAX_CAUSE;
    return keep && !end.isEmpty()
        ? text.substring(0, from) + end
        : text.substring(0, from - ": ".length());
  }

  /** {@code subject: field: what; field: what; and 3 more}. */
  static String summary(String subject, List<Cause> causes) {
    StringBuilder out = new StringBuilder(subject).append(": ");
    for (int i = 0; i < Math.min(SHOWN_CAUSES, causes.size()); i++) {
      out.append(i == 0 ? "" : "; ").append(causes.get(i));
    }
    if (causes.size() > SHOWN_CAUSES) {
      out.append("; and ").append(causes.size() - SHOWN_CAUSES).append(" more");
    }
    return ErrorAnswer.cut(out.toString());
  }
}
