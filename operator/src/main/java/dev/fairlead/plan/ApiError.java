package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Why the API server did not do what it was asked. Messages are for people: bounded, and without
 * any value of a Secret.
 */
public sealed interface ApiError {
  int MAX_MESSAGE = 1024;
  int MAX_CAUSES = 50;

  /** What is wrong, in one or few lines of at most {@link #MAX_MESSAGE} characters. */
  String message();

  /** Whether the same request may succeed later without anybody changing it. */
  boolean retryable();

  /**
   * One thing that is wrong with a manifest.
   *
   * @param field its path without a leading dot; empty when the whole object is meant
   */
  record Cause(String field, String message) {
    public Cause {
      requireNonNull(field);
      requireNonNull(message);
    }

    @Override
    public String toString() {
      return field.isEmpty() ? message : field + ": " + message;
    }
  }

  /** One field that another manager has. */
  record FieldConflict(String manager, String field) {}

  /** The manifest cannot be read as its kind: unknown fields, wrong types. Never complete. */
  record BadManifest(String message, List<Cause> causes) implements ApiError {
    public BadManifest {
      causes = List.copyOf(causes);
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** Values that the kind, a quota of its fields or a policy does not allow. */
  record Invalid(String message, List<Cause> causes) implements ApiError {
    public Invalid {
      causes = List.copyOf(causes);
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** The change needs a new object: these fields cannot be changed. */
  record ImmutableField(String message, List<Cause> causes) implements ApiError {
    public ImmutableField {
      causes = List.copyOf(causes);
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** An apply without force met fields of other managers. */
  record Conflict(String message, List<FieldConflict> conflicts) implements ApiError {
    public Conflict {
      conflicts = List.copyOf(conflicts);
    }

    /** The managers that were named, without repetition. */
    public List<String> managers() {
      return conflicts.stream().map(FieldConflict::manager).distinct().toList();
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** The object is not the one, or not in the version, that the request was about: look again. */
  record StaleVersion(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** A create met an object of that name. */
  record AlreadyExists(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return false;
    }
  }

  /**
   * Something is not there.
   *
   * @param name of what is missing; empty for a kind
   */
  record NotFound(String message, Missing missing, String name) implements ApiError {
    /** What is missing. */
    public enum Missing {
      OBJECT,
      NAMESPACE,
      KIND
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /**
   * The namespace, or the definition of the kind, is being deleted; nothing can be created there.
   */
  record Terminating(String message, String namespace) implements ApiError {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /**
   * A permission is missing.
   *
   * @param permission what to grant, where the server says it
   */
  record Forbidden(String message, Optional<Permission> permission) implements ApiError {
    public Forbidden {
      requireNonNull(permission);
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /**
   * What a role must allow.
   *
   * @param group the API group, empty for the core group
   * @param namespace empty for a permission on the whole cluster
   */
  record Permission(String user, String verb, String resource, String group, String namespace) {}

  /** A policy of the cluster said no: a quota, pod security, a webhook. */
  record Denied(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** Our token is not accepted. */
  record Unauthorized(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** The object is too large for the API server, or the answer for us. */
  record TooLarge(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** The server asks for patience. */
  record Throttled(String message, Optional<Duration> retryAfter) implements ApiError {
    public Throttled {
      requireNonNull(retryAfter);
    }

    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** No answer, an answer that cannot be read, or a server (or webhook) that is down. */
  record Unavailable(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** The version from which a list or a watch should go on is forgotten: list anew. */
  record Expired(String message) implements ApiError {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** Any other refusal. */
  record Rejected(String message, int status) implements ApiError {
    @Override
    public boolean retryable() {
      return false;
    }
  }
}
