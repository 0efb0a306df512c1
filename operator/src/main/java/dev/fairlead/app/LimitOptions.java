package dev.fairlead.app;

import dev.fairlead.git.GitLimits;
import dev.fairlead.manifest.Limits;
import picocli.CommandLine.Option;

/** The options that bound what a repository, or the server behind it, can cost. */
final class LimitOptions {
  @Option(
      names = "--max-file-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_FILE_BYTES:-8388608}",
      description = "A larger manifest file is an error. Default: 8388608")
  private int maxFileBytes;

  @Option(
      names = "--max-files",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_FILES:-20000}",
      description = "How many manifest files one sync may have. Default: 20000")
  private int maxFiles;

  @Option(
      names = "--max-objects",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_OBJECTS:-20000}",
      description = "How many objects one sync may have. Default: 20000")
  private int maxObjects;

  @Option(
      names = "--max-nesting",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_NESTING:-200}",
      description = "How deep maps and lists of a document may nest. Default: 200")
  private int maxNesting;

  @Option(
      names = "--max-values",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_VALUES:-300000}",
      description = "How many values one file may hold, aliases followed. Default: 300000")
  private int maxValues;

  @Option(
      names = "--max-manifest-memory",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_MANIFEST_MEMORY:-0}",
      description =
          "What the files of one sync may take of the heap, in bytes. Default: 0, half of it")
  private long maxManifestMemory;

  @Option(
      names = "--max-tree-entries",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_TREE_ENTRIES:-100000}",
      description = "How many files and directories one sync may look at. Default: 100000")
  private int maxTreeEntries;

  @Option(
      names = "--max-directory-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_DIRECTORY_BYTES:-4194304}",
      description = "The size of one directory's Git object. Default: 4194304")
  private int maxDirectoryBytes;

  @Option(
      names = "--max-directory-depth",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_DIRECTORY_DEPTH:-64}",
      description = "How deep directories may nest. Default: 64")
  private int maxDirectoryDepth;

  @Option(
      names = "--max-fetch-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_FETCH_BYTES:-268435456}",
      description = "How many bytes one fetch may bring. Default: 268435456")
  private long maxFetchBytes;

  @Option(
      names = "--max-fetch-objects",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_FETCH_OBJECTS:-200000}",
      description = "How many Git objects one fetch may bring. Default: 200000")
  private long maxFetchObjects;

  @Option(
      names = "--max-git-object-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_GIT_OBJECT_BYTES:-16777216}",
      description = "The size of one Git object of a fetch, unpacked. Default: 16777216")
  private long maxGitObjectBytes;

  @Option(
      names = "--min-free-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MIN_FREE_BYTES:-67108864}",
      description = "The free space that a fetch leaves on the disk. Default: 67108864")
  private long minFreeBytes;

  @Option(
      names = "--max-mirror-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_MIRROR_BYTES:-536870912}",
      description = "What one repository may take on the disk. Default: 536870912")
  private long maxMirrorBytes;

  @Option(
      names = "--max-cache-bytes",
      paramLabel = "N",
      defaultValue = "${env:FAIRLEAD_MAX_CACHE_BYTES:-2147483648}",
      description = "What all repositories together may take on the disk. Default: 2147483648")
  private long maxCacheBytes;

  /** Bounds on manifests; an {@link IllegalArgumentException} says what is no limit. */
  Limits manifests() {
    long memory = maxManifestMemory == 0 ? Runtime.getRuntime().maxMemory() / 2 : maxManifestMemory;
    return new Limits(maxFileBytes, maxFiles, maxObjects, maxNesting, maxValues, memory);
  }

  /** Bounds on Git; an {@link IllegalArgumentException} says what is no limit. */
  GitLimits git(boolean allowFileUrls, int parallelRequests) {
    GitLimits.Disk disk = GitLimits.Disk.DEFAULT;
    return new GitLimits(
        allowFileUrls,
        parallelRequests,
        new GitLimits.Pack(maxFetchBytes, maxFetchObjects, maxGitObjectBytes),
        new GitLimits.Disk(
            minFreeBytes, maxMirrorBytes, maxCacheBytes, disk.packs(), disk.keepUnused()),
        new GitLimits.Tree(maxTreeEntries, maxDirectoryBytes, maxDirectoryDepth, maxFiles));
  }
}
