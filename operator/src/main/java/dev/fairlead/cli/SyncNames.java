package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.SyncWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The names of the GitSyncs that are there, for whoever presses Tab; none where nobody says. */
final class SyncNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    List<String> names = new ArrayList<>();
    try (Session session = Session.open(new ConnectionOptions(), Terminal.ofProcess())) {
      String _ =
          session
              .api()
              .list(
                  SyncWriter.GITSYNCS,
                  session.namespace(),
                  "",
                  live -> names.add(live.key().name()));
    } catch (CliException | ApiException e) {
      return List.<String>of().iterator();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return names.iterator();
  }
}
