package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.List;

/**
 * What a file holds.
 *
 * @param documents those that could be read, in their order; nulls among them are empty documents
 * @param findings what could not be read, in the order of their lines
 */
record Documents(List<Document> documents, List<Finding> findings) {
  Documents {
    documents = List.copyOf(documents);
    findings = List.copyOf(findings);
  }

  /**
   * One document.
   *
   * @param index its place within the file, from 0
   */
  record Document(int index, Json value) {}
}
