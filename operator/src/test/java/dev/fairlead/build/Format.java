package dev.fairlead.build;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Formats every Java file below the given folders with google-java-format, or checks that they are.
 *
 * <p>Usage: {@code Format check|write DIR...}; exits 1 when {@code check} finds an unformatted
 * file.
 */
public final class Format {
  private Format() {}

  public static void main(String[] args) throws IOException, FormatterException {
    boolean write = args[0].equals("write");
    List<Path> changed = new ArrayList<>();
    for (int i = 1; i < args.length; i++) {
      try (Stream<Path> files = Files.walk(Path.of(args[i]))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String before = Files.readString(file);
          String after = format(before);
          if (!after.equals(before)) {
            changed.add(file);
            if (write) {
              Files.writeString(file, after);
            }
          }
        }
      }
    }
    if (!write && !changed.isEmpty()) {
      changed.forEach(f -> System.err.println(f + ": not formatted"));
      System.err.println("Run 'make format'.");
      System.exit(1);
    }
  }

  private static String format(String source) throws FormatterException {
    String imports =
        ImportOrderer.reorderImports(
            RemoveUnusedImports.removeUnusedImports(source), JavaFormatterOptions.Style.GOOGLE);
    return new Formatter().formatSource(imports);
  }
}
