package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** The webhooks of all GitSyncs. Any thread may ask; an answer costs no request to anybody. */
public interface Hooks {
  /** The hook at a path such as {@code /hook/3f2a...}, if it is known here. */
  Optional<Hook> find(String path);

  /** Who knows of the hooks that are not known here. */
  Elsewhere elsewhere();

  /** Somebody who knows the token says that the GitSync's repository has changed. */
  void arrived(SyncKey sync);

  /** The hook of a GitSync. */
  record Hook(SyncKey sync, HookToken token) {
    public Hook {
      requireNonNull(sync);
      requireNonNull(token);
    }
  }

  /** Who knows of a hook that is not known here. */
  sealed interface Elsewhere {
    /** All hooks are known here, so there is none. */
    record Nobody() implements Elsewhere {}

    /**
     * Whoever leads.
     *
     * @param address host and port that hooks are listened for at
     */
    record Leader(String address) implements Elsewhere {
      public Leader {
        requireNonNull(address);
      }
    }

    /**
     * Nobody can say at the moment.
     *
     * @param why for people
     */
    record Unknown(String why) implements Elsewhere {
      public Unknown {
        requireNonNull(why);
      }
    }
  }
}
