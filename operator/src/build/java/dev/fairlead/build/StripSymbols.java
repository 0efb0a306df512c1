package dev.fairlead.build;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes the symbol tables of shared libraries out of them, as {@code strip --strip-unneeded} does,
 * for libraries of any processor: what programs link with stays, and so does the note by which
 * Debian's debug symbols are found.
 *
 * <p>Argument: a directory; all {@code *.so} below it are rewritten in place. Run as a source file
 * by image/rootfs; single-threaded.
 */
final class StripSymbols {
  private static final int ELF = 0x464c457f;
  private static final int OFFSET_OF_SECTIONS = 0x28;
  private static final int NUMBER_OF_SECTIONS = 0x3c;
  private static final int SECTION_OF_NAMES = 0x3e;
  private static final int SECTION = 64;
  private static final int TYPE = 4;
  private static final int OFFSET = 24;
  private static final int SIZE = 32;
  private static final int SYMBOL_TABLE = 2;
  // The symbols, their names, and the names of sections: the linker has them last.
  private static final int LAST = 3;

  private StripSymbols() {}

  public static void main(String[] arguments) throws IOException {
    List<Path> libraries;
    try (Stream<Path> files = Files.walk(Path.of(arguments[0]))) {
      libraries =
          files.filter(f -> f.toString().endsWith(".so") && Files.isRegularFile(f)).toList();
    }
    for (Path library : libraries) {
      byte[] before = Files.readAllBytes(library);
      byte[] after = strip(before, library);
      if (after.length < before.length) {
        Files.write(library, after);
      }
    }
  }

  private static byte[] strip(byte[] library, Path name) {
    ByteBuffer from = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    if (from.getInt(0) != ELF) {
      throw new IllegalArgumentException(name + " is not an ELF file");
    }
    int sections = (int) from.getLong(OFFSET_OF_SECTIONS);
    int count = from.getShort(NUMBER_OF_SECTIONS);
    int symbols = count - LAST;
    if (from.getInt(sections + symbols * SECTION + TYPE) != SYMBOL_TABLE) {
      return library;
    }
    int end = (int) from.getLong(sections + symbols * SECTION + OFFSET);
    for (int i = 0; i < symbols; i++) {
      if (from.getLong(sections + i * SECTION + OFFSET) > end) {
        throw new IllegalArgumentException(name + " has sections behind its symbols");
      }
    }
    int names = sections + (count - 1) * SECTION;
    int size = (int) from.getLong(names + SIZE);
    int moved = (end + size + 7) / 8 * 8;
    ByteBuffer to =
        ByteBuffer.allocate(moved + (symbols + 1) * SECTION).order(ByteOrder.LITTLE_ENDIAN);
    to.put(0, library, 0, end);
    to.put(end, library, (int) from.getLong(names + OFFSET), size);
    to.put(moved, library, sections, symbols * SECTION);
    to.put(moved + symbols * SECTION, library, names, SECTION);
    to.putLong(moved + symbols * SECTION + OFFSET, end);
    to.putLong(OFFSET_OF_SECTIONS, moved);
    to.putShort(NUMBER_OF_SECTIONS, (short) (symbols + 1));
    to.putShort(SECTION_OF_NAMES, (short) symbols);
    return to.array();
  }
}
