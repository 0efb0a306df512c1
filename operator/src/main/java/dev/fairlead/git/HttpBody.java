package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;

/**
 * What follows the head of an answer, up to its end, as the head says where that is. One that ends
 * before is a failure, and not an end.
 */
abstract class HttpBody extends InputStream {
  private final InputStream in;

  /** What may be read before something else has to be found out. */
  private long left;

  private HttpBody(InputStream in, long left) {
    this.in = in;
    this.left = left;
  }

  /** What comes after what may be read now; 0 at the end. */
  abstract long more() throws IOException;

  InputStream in() {
    return in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (left == 0) {
      left = more();
      if (left == 0) {
        return -1;
      }
    }
    int read = in.read(into, from, (int) Math.min(count, left));
    if (read < 0) {
      throw new SocketException("Unexpected end of file from server");
    }
    left -= read;
    return read;
  }

  /** With {@code Content-Length}. */
  static final class Counted extends HttpBody {
    Counted(InputStream in, long length) {
      super(in, length);
    }

    @Override
    long more() {
      return 0;
    }
  }

  /** With {@code Transfer-Encoding: chunked}. */
  static final class Chunked extends HttpBody {
    private static final int LINE = 8 * 1024;

    private boolean begun;
    private boolean ended;

    Chunked(InputStream in) {
      super(in, 0);
    }

    @Override
    long more() throws IOException {
      if (ended) {
        return 0;
      }
      if (begun && !PlainHttp.line(in(), 1).isEmpty()) {
        throw new SocketException("its answer is not encoded as it says");
      }
      begun = true;
      String size = PlainHttp.line(in(), LINE).replaceFirst("[ \t]*(;.*)?$", "");
      if (!size.matches("[0-9A-Fa-f]{1,15}")) {
        throw new SocketException("its answer is not encoded as it says");
      }
      long length = Long.parseLong(size, 16);
      if (length == 0) {
        ended = true;
        int trailers = LINE;
        for (String line = PlainHttp.line(in(), trailers); !line.isEmpty(); ) {
          trailers -= line.length();
          line = PlainHttp.line(in(), trailers);
        }
      }
      return length;
    }
  }
}
