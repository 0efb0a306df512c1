package dev.fairlead.build;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes a patch of java.base with which {@code Set.of} and {@code Map.of} have the same order in
 * each JVM: theirs is salted with the time of its start, and jlink writes some of what it makes in
 * that order.
 *
 * <p>Argument: the directory for {@code --patch-module java.base=DIRECTORY}. Run as a source file
 * by image/rootfs; single-threaded.
 */
final class FixedOrder {
  private static final String SALTED = "java/util/ImmutableCollections.class";

  private static int replaced;

  private FixedOrder() {}

  public static void main(String[] arguments) throws IOException {
    ClassFile classes = ClassFile.of();
    byte[] salted;
    try (InputStream in = Object.class.getModule().getResourceAsStream(SALTED)) {
      salted = Objects.requireNonNull(in, SALTED).readAllBytes();
    }
    byte[] fixed =
        classes.transformClass(
            classes.parse(salted),
            ClassTransform.transformingMethodBodies(
                method -> method.methodName().equalsString("<clinit>"),
                (code, element) -> {
                  if (element instanceof InvokeInstruction call
                      && call.owner().asInternalName().equals("java/lang/System")
                      && call.name().equalsString("nanoTime")) {
                    code.loadConstant(1L);
                    replaced++;
                  } else {
                    code.with(element);
                  }
                }));
    if (replaced != 1) {
      throw new IllegalStateException("This JDK salts its sets in another way");
    }
    Path file = Path.of(arguments[0]).resolve(SALTED);
    Files.createDirectories(file.getParent());
    Files.write(file, fixed);
  }
}
