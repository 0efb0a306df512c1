package dev.fairlead.web;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import java.io.IOException;

/** How {@code /api/v1} writes where the lines of a file come from; docs/api.md promises it. */
final class BlameJson {
  private BlameJson() {}

  static void blame(JsonOut json, SyncKey sync, Revision revision, Blame blame) throws IOException {
    json.beginObject()
        .member("apiVersion", SyncJson.VERSION)
        .member("kind", "Blame")
        .member("namespace", sync.namespace())
        .member("name", sync.name())
        .member("revision", revision.toString())
        .member("file", blame.file());
    if (blame.submodule().isPresent()) {
      Blame.Submodule submodule = blame.submodule().get();
      json.name("submodule")
          .beginObject()
          .member("path", submodule.path())
          .member("url", submodule.url())
          .member("commit", submodule.commit())
          .endObject();
    }
    json.name("lines").beginList();
    for (Blame.Lines lines : blame.lines()) {
      json.beginObject().member("first", lines.first()).member("count", lines.count());
      if (lines.change().isPresent()) {
        Blame.Change change = lines.change().get();
        json.member("commit", change.commit())
            .member("author", change.author())
            .member("authoredAt", change.authoredAt())
            .member("subject", change.subject())
            .member("file", change.file())
            .member("line", change.line());
      } else {
        json.member("olderThan", lines.olderThan());
      }
      json.endObject();
    }
    json.endList().endObject();
  }
}
