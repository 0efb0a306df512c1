package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import com.sun.management.ThreadMXBean;
import dev.fairlead.testbed.HandmadePack;
import dev.fairlead.testbed.PackServer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a fetch leaves to the garbage collector, on a virtual thread as in the daemon. The process
 * has nothing else to do: its count is of all threads.
 */
@Timeout(120)
final class FetchAllocationIT {
  private static final int FILES = 5_000;
  private static final long BYTES_OF_A_FILE = 2_000;

  @TempDir private Path directory;

  @Test
  void a_file_that_is_fetched_leaves_2_KB_of_garbage_at_most() throws Exception {
    var pack = new HandmadePack();
    Object[] entries = new Object[3 * FILES];
    for (int i = 0; i < FILES; i++) {
      entries[3 * i] = "100644";
      entries[3 * i + 1] = "%04d.yaml".formatted(i);
      entries[3 * i + 2] = pack.put(OBJ_BLOB, "number: " + i + "\n");
    }
    ObjectId commit = pack.commit(pack.tree(entries), "Many files");
    byte[] bytes = pack.bytes();
    try (var server = new PackServer();
        var mirrors =
            new Mirrors(
                directory.resolve("cache"),
                GitLimits.DEFAULT,
                InstantSource.system(),
                (_, _, _) -> {})) {
      fetch(mirrors, server.serve("first", commit, bytes));
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getTotalThreadAllocatedBytes();

      fetch(mirrors, server.serve("second", commit, bytes));

      assertThat(threads.getTotalThreadAllocatedBytes() - before)
          .as("bytes allocated for %d files", FILES)
          .isLessThan(FILES * BYTES_OF_A_FILE);
    }
  }

  private static void fetch(Mirrors mirrors, String url)
      throws ExecutionException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.submit(() -> look(mirrors.acquire(new Remote(url, Credentials.NONE)), MAIN)).get();
    }
  }
}
