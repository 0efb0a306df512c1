package dev.fairlead.manifest;

/** Takes what is wrong with a document and does not keep the rest of it from being read. */
interface Complaints {
  void add(int line, String because);
}
