package dev.fairlead.git;

/** Makes room on the disk for a fetch that does not fit. Any thread may call it. */
interface Room {
  /**
   * Gives up what nobody needs: directories that could not be deleted before, histories, then by
   * repacks what is neither pinned nor newest. A mirror that others write to is left alone.
   *
   * @param wanting whose fetch did not fit; the caller holds none of its locks
   * @param why what did not fit
   * @return whether it is worth another try
   */
  boolean make(SharedMirror wanting, OverBound why) throws InterruptedException;
}
