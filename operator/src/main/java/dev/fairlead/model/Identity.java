package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

/** As whom a request is sent to the API server: what it may do is decided there, by RBAC. */
public sealed interface Identity {
  /** The operator itself, with all that its own role allows. */
  Identity OPERATOR = new Operator();

  /** Nobody is impersonated. */
  record Operator() implements Identity {
    @Override
    public String toString() {
      return "the operator";
    }
  }

  /**
   * A ServiceAccount that is impersonated. The API server itself adds the groups that every
   * ServiceAccount is in, so that the operator needs the right to impersonate no group.
   */
  record ServiceAccount(String namespace, String name) implements Identity {
    private static final String PREFIX = "system:serviceaccount:";

    public ServiceAccount {
      requireNonNull(namespace);
      requireNonNull(name);
      // A colon would name an account of another namespace.
      if (!namespace.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
          || !name.matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?")) {
        throw new IllegalArgumentException("no ServiceAccount: " + namespace + "/" + name);
      }
    }

    /** The user name that RBAC knows it by. */
    public String user() {
      return PREFIX + namespace + ":" + name;
    }

    @Override
    public String toString() {
      return "ServiceAccount " + namespace + "/" + name;
    }
  }
}
