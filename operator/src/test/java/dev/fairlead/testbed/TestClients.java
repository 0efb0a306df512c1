package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Certificates for clients, all of one authority: {@code ec} and {@code rsa}, and {@code old}, an
 * EC one that has expired.
 */
public final class TestClients {
  /** How a key is written. */
  public enum Form {
    PKCS8,
    /** As openssl has written RSA keys, and GitHub does. */
    PKCS1,
    SEC1,
    /** With the block before it that {@code openssl ecparam -genkey} writes. */
    SEC1_WITH_PARAMETERS,
    /** By its first line only: nobody gets as far as to decrypt it. */
    ENCRYPTED,
    /** Not the key but its public half. */
    PUBLIC
  }

  /** The object identifier of the curve secp256r1. */
  private static final byte[] P256 = {
    0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07
  };

  private final KeyStore store;

  private TestClients(KeyStore store) {
    this.store = store;
  }

  /** Makes them with the JDK's keytool, in the directory. */
  public static TestClients create(Path directory) throws IOException, GeneralSecurityException {
    Path file = Files.createTempDirectory(directory, "clients-").resolve("clients.p12");
    String[] ec = {"-keyalg", "EC", "-groupname", "secp256r1"};
    String[] rsa = {"-keyalg", "RSA", "-keysize", "2048"};
    generate(file, "ca", ec, "-validity", "10", "-ext", "bc:c");
    generate(file, "ec", ec, "-validity", "10", "-signer", "ca");
    generate(file, "rsa", rsa, "-validity", "10", "-signer", "ca");
    generate(file, "old", ec, "-startdate", "-20d", "-validity", "10", "-signer", "ca");
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, TestCertificate.PASSWORD.toCharArray());
    }
    return new TestClients(store);
  }

  private static void generate(Path file, String alias, String[] key, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
    command.addAll(Arrays.asList(key));
    command.addAll(Arrays.asList(more));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", file.toString()));
    command.addAll(List.of("-storepass", TestCertificate.PASSWORD));
    ProgramRun.of(command, Map.of(), "", Duration.ofMinutes(1)).orFail();
  }

  /** What a server has to trust. */
  public KeyStore authorities() throws GeneralSecurityException, IOException {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    authorities.setCertificateEntry("ca", store.getCertificate("ca"));
    return authorities;
  }

  /** A client's certificate and that of its authority, PEM. */
  public String chain(String client) throws GeneralSecurityException {
    var pem = new StringBuilder();
    for (Certificate certificate : store.getCertificateChain(client)) {
      pem.append(pem("CERTIFICATE", certificate.getEncoded()));
    }
    return pem.toString();
  }

  /** A client's key, PEM. */
  public String key(String client, Form form) throws GeneralSecurityException {
    byte[] pkcs8 = store.getKey(client, TestCertificate.PASSWORD.toCharArray()).getEncoded();
    return switch (form) {
      case PKCS8 -> pem("PRIVATE KEY", pkcs8);
      case PKCS1 -> pem("RSA PRIVATE KEY", content(pkcs8));
      case SEC1 -> pem("EC PRIVATE KEY", sec1(content(pkcs8)));
      case SEC1_WITH_PARAMETERS ->
          pem("EC PARAMETERS", P256) + pem("EC PRIVATE KEY", sec1(content(pkcs8)));
      case ENCRYPTED -> pem("ENCRYPTED PRIVATE KEY", pkcs8);
      case PUBLIC -> pem("PUBLIC KEY", store.getCertificate(client).getPublicKey().getEncoded());
    };
  }

  /** PKCS#8 is a version, an algorithm and, to its end, the key in its older form. */
  private static byte[] content(byte[] pkcs8) {
    int at = afterLength(pkcs8, 0);
    at += 3;
    at = afterLength(pkcs8, at) + pkcs8[at + 1];
    return Arrays.copyOfRange(pkcs8, afterLength(pkcs8, at), pkcs8.length);
  }

  private static int afterLength(byte[] der, int at) {
    int length = der[at + 1] & 0xff;
    return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  /** Version and key as they are, and then the curve as openssl adds it; all in short lengths. */
  private static byte[] sec1(byte[] key) {
    byte[] own = Arrays.copyOfRange(key, 2, 2 + 3 + 2 + 32);
    byte[] whole = new byte[2 + own.length + 2 + P256.length];
    whole[0] = 0x30;
    whole[1] = (byte) (whole.length - 2);
    System.arraycopy(own, 0, whole, 2, own.length);
    whole[2 + own.length] = (byte) 0xa0;
    whole[3 + own.length] = (byte) P256.length;
    System.arraycopy(P256, 0, whole, 4 + own.length, P256.length);
    return whole;
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }
}
