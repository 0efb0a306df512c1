package dev.fairlead.manifest;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a YAML scalar means to kubectl, which follows go-yaml version 2. */
sealed interface YamlScalar {
  /** A string, also what looks like a time. */
  record Text(String value) implements YamlScalar {}

  /** A whole number of 64 bits, with a sign or without. */
  record Whole(BigInteger value) implements YamlScalar {}

  /** A floating point number, perhaps infinite or none. */
  record Real(double value) implements YamlScalar {}

  /** A boolean. */
  record Truth(boolean value) implements YamlScalar {}

  /** The null of YAML. */
  record Nothing() implements YamlScalar {}

  /** What kubectl refuses, in words for people. */
  record Wrong(String because) implements YamlScalar {}

  /** Reads scalars. Stateless. */
  final class Resolver {
    private static final String PREFIX = "tag:yaml.org,2002:";
    private static final String STR = PREFIX + "str";
    private static final String BINARY = PREFIX + "binary";
    private static final String FLOAT = PREFIX + "float";
    private static final String TIMESTAMP = PREFIX + "timestamp";
    private static final Nothing NOTHING = new Nothing();
    private static final Truth TRUE = new Truth(true);
    private static final Truth FALSE = new Truth(false);
    private static final Map<String, YamlScalar> WORDS =
        Map.ofEntries(
            Map.entry("y", TRUE),
            Map.entry("Y", TRUE),
            Map.entry("yes", TRUE),
            Map.entry("Yes", TRUE),
            Map.entry("YES", TRUE),
            Map.entry("true", TRUE),
            Map.entry("True", TRUE),
            Map.entry("TRUE", TRUE),
            Map.entry("on", TRUE),
            Map.entry("On", TRUE),
            Map.entry("ON", TRUE),
            Map.entry("n", FALSE),
            Map.entry("N", FALSE),
            Map.entry("no", FALSE),
            Map.entry("No", FALSE),
            Map.entry("NO", FALSE),
            Map.entry("false", FALSE),
            Map.entry("False", FALSE),
            Map.entry("FALSE", FALSE),
            Map.entry("off", FALSE),
            Map.entry("Off", FALSE),
            Map.entry("OFF", FALSE),
            Map.entry("", NOTHING),
            Map.entry("~", NOTHING),
            Map.entry("null", NOTHING),
            Map.entry("Null", NOTHING),
            Map.entry("NULL", NOTHING),
            Map.entry(".nan", new Real(Double.NaN)),
            Map.entry(".NaN", new Real(Double.NaN)),
            Map.entry(".NAN", new Real(Double.NaN)),
            Map.entry(".inf", new Real(Double.POSITIVE_INFINITY)),
            Map.entry(".Inf", new Real(Double.POSITIVE_INFINITY)),
            Map.entry(".INF", new Real(Double.POSITIVE_INFINITY)),
            Map.entry("+.inf", new Real(Double.POSITIVE_INFINITY)),
            Map.entry("+.Inf", new Real(Double.POSITIVE_INFINITY)),
            Map.entry("+.INF", new Real(Double.POSITIVE_INFINITY)),
            Map.entry("-.inf", new Real(Double.NEGATIVE_INFINITY)),
            Map.entry("-.Inf", new Real(Double.NEGATIVE_INFINITY)),
            Map.entry("-.INF", new Real(Double.NEGATIVE_INFINITY)));
    private static final int LONGEST_WORD = 5;
    private static final Pattern DECIMAL =
        Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    // Its groups give nothing back: matching one that may calls itself for each time it was there.
    private static final Pattern DOTTED =
        Pattern.compile("\\.[0-9]+(_[0-9]+)*+([eE][-+]?[0-9]+(_[0-9]+)*+)?");
    private static final Pattern TIME =
        Pattern.compile(
            "[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])"
                + "([Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})"
                + "| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]+)?)?");

    private Resolver() {}

    /**
     * Reads one scalar.
     *
     * @param tag its tag in full, or null
     * @param plain whether it was neither quoted nor tagged
     */
    static YamlScalar resolve(@Nullable String tag, boolean plain, String text) {
      if (tag == null) {
        return plain ? untagged(text, true) : new Text(text);
      }
      return switch (tag) {
        case STR -> new Text(text);
        case BINARY -> binary(text);
        case TIMESTAMP ->
            TIME.matcher(text).matches() ? new Text(text) : mismatch(tag, untagged(text, true));
        case FLOAT -> asReal(untagged(text, false));
        case PREFIX + "bool" ->
            untagged(text, false) instanceof Truth t ? t : mismatch(tag, untagged(text, false));
        case PREFIX + "int" ->
            untagged(text, false) instanceof Whole w ? w : mismatch(tag, untagged(text, false));
        case PREFIX + "null" ->
            untagged(text, false) instanceof Nothing n ? n : mismatch(tag, untagged(text, false));
        default -> new Text(text);
      };
    }

    private static YamlScalar untagged(String text, boolean mayBeTime) {
      if (text.isEmpty()) {
        return NOTHING;
      }
      char first = text.charAt(0);
      boolean number = (first >= '0' && first <= '9') || first == '+' || first == '-';
      boolean word = first == '.' || first == '~' || "yYnNtTfFoO".indexOf(first) >= 0;
      if (!number && !word) {
        return new Text(text);
      }
      if (text.length() <= LONGEST_WORD) {
        YamlScalar known = WORDS.get(text);
        if (known != null) {
          return known;
        }
      }
      if (number) {
        return mayBeTime && TIME.matcher(text).matches() ? new Text(text) : number(text);
      }
      // Of go-yaml's two ways to a floating point number, the one behind a leading dot knows "_".
      boolean dotted = first == '.' && (text.indexOf('_') < 0 || DOTTED.matcher(text).matches());
      return dotted
          ? real(text.replace("_", "")).<YamlScalar>map(r -> r).orElse(new Text(text))
          : new Text(text);
    }

    private static YamlScalar number(String text) {
      String digits = text.indexOf('_') < 0 ? text : text.replace("_", "");
      Optional<BigInteger> whole = GoNumbers.integer(digits);
      if (whole.isPresent()) {
        return new Whole(whole.get());
      }
      Optional<Real> real = real(digits);
      if (real.isPresent()) {
        return real.get();
      }
      if (digits.startsWith("0b")) {
        whole = GoNumbers.binary(digits.substring(2));
      } else if (digits.startsWith("-0b")) {
        whole = GoNumbers.binary("-" + digits.substring(3)).filter(GoNumbers::fits);
      }
      return whole.map(w -> (YamlScalar) new Whole(w)).orElse(new Text(text));
    }

    private static Optional<Real> real(String text) {
      if (!DECIMAL.matcher(text).matches()) {
        return Optional.empty();
      }
      double value = Double.parseDouble(text);
      return Double.isInfinite(value) ? Optional.empty() : Optional.of(new Real(value));
    }

    private static YamlScalar asReal(YamlScalar found) {
      return switch (found) {
        case Real r -> r;
        case Whole w when GoNumbers.fits(w.value()) -> new Real(w.value().longValueExact());
        case Whole w -> mismatch(FLOAT, w);
        case Text t -> mismatch(FLOAT, t);
        case Truth t -> mismatch(FLOAT, t);
        case Nothing n -> mismatch(FLOAT, n);
        case Wrong w -> w;
      };
    }

    private static YamlScalar binary(String text) {
      return GoBase64.decode(text)
          .<YamlScalar>map(bytes -> new Text(new String(bytes, StandardCharsets.UTF_8)))
          .orElse(new Wrong("a value that is tagged !!binary is not base64"));
    }

    private static YamlScalar mismatch(String tag, YamlScalar found) {
      String kind =
          switch (found) {
            case Text _ -> "a string";
            case Whole _ -> "a whole number";
            case Real _ -> "a number";
            case Truth _ -> "a boolean";
            case Nothing _ -> "nothing";
            case Wrong _ -> "something else";
          };
      return new Wrong(
          "a value that is tagged !!" + tag.substring(PREFIX.length()) + " is " + kind);
    }
  }
}
