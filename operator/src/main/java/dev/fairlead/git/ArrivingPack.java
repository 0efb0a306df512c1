package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import org.jspecify.annotations.Nullable;

/**
 * A pack on its way from a server: what is read of it is in its file already. So the rest of it can
 * be fetched first and read afterwards, at the speed of the disk, by one who must not wait for the
 * network meanwhile. For one thread.
 */
final class ArrivingPack extends InputStream {
  private static final int BUFFER = 16 * 1024;

  private final InputStream network;
  private @Nullable RandomAccessFile file;

  /** All of it is in the file, which is read from where it stands. */
  private boolean here;

  private boolean ended;

  /**
   * @param network bounded, and counted on the disk
   */
  ArrivingPack(InputStream network) {
    this.network = network;
  }

  /**
   * Where it is written to, from the beginning; that file's pointer belongs to this until the end.
   */
  void into(RandomAccessFile empty) {
    file = empty;
  }

  /** The reader has the pack's last byte; what the server sends after it is nobody's. */
  void end() {
    ended = true;
  }

  /** Waits until all of it is in the file. */
  void fetchRest() throws IOException {
    if (here || ended) {
      return;
    }
    RandomAccessFile out = file();
    long at = out.getFilePointer();
    byte[] buffer = new byte[BUFFER];
    for (int n = network.read(buffer); n >= 0; n = network.read(buffer)) {
      out.write(buffer, 0, n);
    }
    out.seek(at);
    here = true;
  }

  private RandomAccessFile file() {
    if (file == null) {
      throw new IllegalStateException("it has no file yet");
    }
    return file;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int at, int length) throws IOException {
    if (here) {
      return file().read(into, at, length);
    }
    int n = network.read(into, at, length);
    if (n > 0) {
      file().write(into, at, n);
    }
    return n;
  }
}
