package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 over compact JSON with sorted members, of which 128 bits are kept. */
public final class BodyDigest {
  private static final int KEPT_BYTES = 16;

  private BodyDigest() {}

  public static String of(Json.Obj body) {
    StringBuilder text = new StringBuilder(1_024);
    write(body, text);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, KEPT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void write(Json value, StringBuilder out) {
    switch (value) {
      case Json.Obj object -> {
        String[] names = object.members().keySet().toArray(String[]::new);
        Arrays.sort(names);
        char before = '{';
        for (String name : names) {
          out.append(before);
          before = ',';
          Json.of(name).writeTo(out);
          out.append(':');
          write(object.get(name).orElseThrow(), out);
        }
        out.append(names.length == 0 ? "{}" : "}");
      }
      case Json.Arr list -> {
        char before = '[';
        for (Json item : list.items()) {
          out.append(before);
          before = ',';
          write(item, out);
        }
        out.append(list.items().isEmpty() ? "[]" : "]");
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> value.writeTo(out);
    }
  }
}
