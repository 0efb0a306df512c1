package dev.fairlead.testbed;

import java.util.List;
import java.util.Optional;

/**
 * What a test changes of the container that the pod asks for.
 *
 * @param memory another limit, in bytes
 * @param processors those that it may use, {@code 0} or {@code 0-1}; none: all
 * @param javaFlags further flags of the JVM
 * @param flags further arguments of Fairlead
 */
public record ContainerTweaks(
    Optional<Long> memory,
    Optional<String> processors,
    List<String> javaFlags,
    List<String> flags) {
  /** As the pod says. */
  public static final ContainerTweaks NONE =
      new ContainerTweaks(Optional.empty(), Optional.empty(), List.of(), List.of());

  public ContainerTweaks {
    javaFlags = List.copyOf(javaFlags);
    flags = List.copyOf(flags);
  }

  public ContainerTweaks withMemory(String quantity) {
    return new ContainerTweaks(
        Optional.of(PodBundle.bytes(quantity)), processors, javaFlags, flags);
  }

  public ContainerTweaks onProcessor(String processor) {
    return new ContainerTweaks(memory, Optional.of(processor), javaFlags, flags);
  }

  public ContainerTweaks withJava(String... flag) {
    return new ContainerTweaks(memory, processors, List.of(flag), flags);
  }
}
