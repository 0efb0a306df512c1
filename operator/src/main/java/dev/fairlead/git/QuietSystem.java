package dev.fairlead.git;

import java.util.Locale;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.storage.file.WindowCacheConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/**
 * JGit's view of the machine: no user's or system's Git configuration, no Git environment
 * variables, and a file system whose clock is known, so that JGit neither forks {@code git} nor
 * measures the disk for seconds. Installed once for the whole process, with caches fit for a small
 * heap.
 */
final class QuietSystem extends SystemReader.Delegate {
  private static final int KIB = 1024;

  private QuietSystem(SystemReader real) {
    super(real);
  }

  /** Idempotent; must come before anything else of JGit is used. */
  static void install() {
    Installed.touch();
  }

  /** The class's initialisation is the "once". */
  private static final class Installed {
    static {
      SystemReader.setInstance(new QuietSystem(SystemReader.getInstance()));
      var cache = new WindowCacheConfig();
      // What is larger outlives the young generation, and fills the old one with what was read.
      cache.setPackedGitLimit(KIB * KIB);
      cache.setPackedGitWindowSize(8 * KIB);
      cache.setPackedGitOpenFiles(128);
      cache.setDeltaBaseCacheLimit(2 * KIB * KIB);
      cache.setExposeStatsViaJmx(false);
      cache.install();
    }

    static void touch() {}
  }

  @Override
  public @Nullable String getenv(String variable) {
    String upper = variable.toUpperCase(Locale.ROOT);
    return upper.startsWith("GIT_") || upper.startsWith("XDG_") ? null : super.getenv(variable);
  }

  @Override
  public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
    return new NoConfig(fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
    return new NoConfig(fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
    return new NoConfig(fs);
  }

  /** Has no file, and knows the resolution of every file system's clock. */
  private static final class NoConfig extends FileBasedConfig {
    NoConfig(FS fs) {
      super(null, fs);
    }

    @Override
    public void load() {}

    @Override
    public void save() {}

    @Override
    public boolean isOutdated() {
      return false;
    }

    @Override
    public @Nullable String getString(String section, @Nullable String subsection, String name) {
      if (section.equals("filesystem")) {
        switch (name) {
          case "timestampResolution", "minRacyThreshold" -> {
            return "10 milliseconds";
          }
          default -> {}
        }
      }
      return super.getString(section, subsection, name);
    }
  }
}
