package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.List;

/**
 * What a file holds.
 *
 * @param documents those that could be read, in their order; nulls among them are empty documents
 * @param wrong what could not be read
 */
record Documents(List<Document> documents, FileFindings wrong) {
  Documents {
    documents = List.copyOf(documents);
  }

  /** What could not be read, in the order of lines. */
  List<Finding> findings() {
    return wrong.shown();
  }

  /**
   * One document.
   *
   * @param index its place within the file, from 0
   */
  record Document(int index, Json value) {}
}
