package dev.fairlead.git;

import static dev.fairlead.git.SshSigners.ascii;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** An ssh signature of a file (OpenSSH's PROTOCOL.sshsig), made for Git. */
final class SshSignature {
  private static final String BEGIN = "-----BEGIN SSH SIGNATURE-----";
  private static final String END = "-----END SSH SIGNATURE-----";
  private static final byte[] MAGIC = ascii("SSHSIG");
  private static final int VERSION = 1;
  private static final String NAMESPACE = "git";

  private final SshKey key;

  /** Of the message, as the JDK names it. */
  private final String hash;

  private final byte[] signature;

  private SshSignature(SshKey key, String hash, byte[] signature) {
    this.key = key;
    this.hash = hash;
    this.signature = signature;
  }

  SshKey key() {
    return key;
  }

  static SshSignature read(String armored) throws Rejected {
    String text = armored.strip();
    if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
      throw new Rejected("it is damaged");
    }
    byte[] blob;
    try {
      String body = text.substring(BEGIN.length(), text.length() - END.length());
      blob = Base64.getDecoder().decode(body.replaceAll("\\s", ""));
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      throw new Rejected("it is damaged");
    }
    var in = new SshReader(blob);
    if (!Arrays.equals(in.take(MAGIC.length), MAGIC)) {
      throw new Rejected("it is damaged");
    }
    int version = in.number();
    if (version != VERSION) {
      throw new Rejected("its version " + version + " is not known");
    }
    SshKey key = SshKey.read(in.string());
    String namespace = in.text();
    if (!namespace.equals(NAMESPACE)) {
      throw new Rejected("it was made for " + Text.cut(namespace, 50) + " and not for git");
    }
    in.string(); // reserved
    String hash =
        switch (in.text()) {
          case "sha256" -> "SHA-256";
          case "sha512" -> "SHA-512";
          case String other ->
              throw new Rejected("its hash " + Text.cut(other, 30) + " is not known");
        };
    SshSignature read = new SshSignature(key, hash, in.string());
    in.end();
    return read;
  }

  /** Whether it is the key's signature of the message. */
  boolean fits(byte[] message) throws Rejected {
    var signed = new ByteArrayOutputStream();
    signed.writeBytes(MAGIC);
    string(signed, ascii(NAMESPACE));
    string(signed, new byte[0]);
    string(signed, ascii(hash.equals("SHA-256") ? "sha256" : "sha512"));
    string(signed, hash(hash, message));
    try {
      return key.fits(signature, signed.toByteArray());
    } catch (Rejected e) {
      throw new Rejected(
          "has a signature by the ssh key "
              + key.fingerprint()
              + " that cannot be used: "
              + e.getMessage());
    }
  }

  private static void string(ByteArrayOutputStream out, byte[] value) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(value.length).array());
    out.writeBytes(value);
  }

  static byte[] hash(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }
}
