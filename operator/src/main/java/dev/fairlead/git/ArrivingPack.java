package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import org.jspecify.annotations.Nullable;

/**
 * A pack that a server sends, received into its file as a whole before any of it is read: whoever
 * unpacks it has turns that others wait for, and must not wait for the network meanwhile. For one
 * thread.
 */
final class ArrivingPack extends InputStream {
  private static final int BUFFER = 16 * 1024;

  private final InputStream network;
  private @Nullable RandomAccessFile file;

  /**
   * @param network bounded, and counted on the disk
   */
  ArrivingPack(InputStream network) {
    this.network = network;
  }

  /**
   * Waits until all of it is there, or no more comes: what is missing is missed by who reads it.
   *
   * @param empty written from its beginning; its pointer belongs to this until the last byte of the
   *     pack was read
   */
  void receive(RandomAccessFile empty) throws IOException {
    byte[] buffer = new byte[BUFFER];
    // JGit reads 0 bytes, for ever, where the connection ends within a packet.
    for (int n = network.read(buffer); n > 0; n = network.read(buffer)) {
      empty.write(buffer, 0, n);
      RefList.packed(n);
    }
    empty.seek(0);
    file = empty;
  }

  private RandomAccessFile file() {
    if (file == null) {
      throw new IllegalStateException("it has not been received");
    }
    return file;
  }

  @Override
  public int read() throws IOException {
    return file().read();
  }

  @Override
  public int read(byte[] into, int at, int length) throws IOException {
    return file().read(into, at, length);
  }
}
