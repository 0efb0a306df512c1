package dev.fairlead.testbed;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one control plane that all test classes of this JVM share:
 * {@code @ExtendWith(ControlPlaneExtension.class)} and a parameter of type {@link ControlPlane}. It
 * starts when the first test asks for it and stops after the last test of the run.
 */
public final class ControlPlaneExtension implements ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(ControlPlaneExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ControlPlane.class;
  }

  @Override
  public ControlPlane resolveParameter(ParameterContext parameter, ExtensionContext context) {
    // The store closes what it holds when the session of the launcher ends.
    return context
        .getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
        .computeIfAbsent(ControlPlane.class, type -> ControlPlane.start(), ControlPlane.class);
  }
}
