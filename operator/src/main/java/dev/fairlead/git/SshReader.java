package dev.fairlead.git;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads the binary forms of ssh (RFC 4251): strings with their length before them. */
final class SshReader {
  private final ByteBuffer bytes;

  SshReader(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  byte[] string() throws Rejected {
    int length = number();
    if (length < 0 || length > bytes.remaining()) {
      throw new Rejected("it is damaged");
    }
    return take(length);
  }

  String text() throws Rejected {
    return new String(string(), StandardCharsets.UTF_8);
  }

  BigInteger integer() throws Rejected {
    byte[] value = string();
    return value.length == 0 ? BigInteger.ZERO : new BigInteger(value);
  }

  int number() throws Rejected {
    try {
      return bytes.getInt();
    } catch (BufferUnderflowException e) {
      throw new Rejected("it is damaged");
    }
  }

  byte[] take(int length) throws Rejected {
    if (length > bytes.remaining()) {
      throw new Rejected("it is damaged");
    }
    byte[] taken = new byte[length];
    bytes.get(taken);
    return taken;
  }

  void end() throws Rejected {
    if (bytes.hasRemaining()) {
      throw new Rejected("it is damaged");
    }
  }
}
