package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Expiry;
import dev.fairlead.model.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What we show to an https server that asks who we are. {@code toString} shows nothing of it.
 *
 * @param chain PEM certificates: our own, then those of the authorities between it and the root
 * @param key PEM, of our own certificate
 */
record ClientCertificate(String chain, String key) {
  static final char[] NO_PASSWORD = {};

  ClientCertificate {
    requireNonNull(chain);
    requireNonNull(key);
  }

  /**
   * @throws GitException AUTHENTICATION_FAILED: what cannot be used of the Secret's {@code tls.crt}
   *     and {@code tls.key}
   */
  static ClientCertificate read(String chain, String key) throws GitException {
    var read = new ClientCertificate(chain, key);
    try {
      read.keyStore();
    } catch (GeneralSecurityException e) {
      throw Credentials.unusable(
          "has a tls.crt whose certificates do not follow from each other: put the client's own"
              + " first, then those of its authorities, each after the one that it vouches for");
    }
    return read;
  }

  /** The key with its certificates, under {@link #NO_PASSWORD}. */
  KeyStore keyStore() throws GitException, GeneralSecurityException {
    List<X509Certificate> certificates = certificates("tls.crt", chain);
    if (certificates.isEmpty()) {
      throw Credentials.unusable("has no certificate in tls.crt");
    }
    PublicKey shown = certificates.getFirst().getPublicKey();
    PrivateKey own = PemKey.read("tls.key", key, shown);
    if (!fit(own, shown)) {
      throw Credentials.unusable(
          "has a tls.key that is not the key of the first certificate in tls.crt: put both there as"
              + " they were issued together, the client's own certificate first");
    }
    KeyStore store = emptyStore();
    store.setKeyEntry("client", own, NO_PASSWORD, certificates.toArray(X509Certificate[]::new));
    return store;
  }

  private static boolean fit(PrivateKey own, PublicKey shown) throws GeneralSecurityException {
    String algorithm =
        switch (shown.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> shown.getAlgorithm();
        };
    byte[] anything = {1};
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(own);
      signing.update(anything);
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(shown);
      checking.update(anything);
      return checking.verify(signing.sign());
    } catch (java.security.SignatureException e) {
      // Two RSA keys of different length.
      return false;
    }
  }

  static KeyStore emptyStore() throws GeneralSecurityException {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      return store;
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  /**
   * @param name of the Secret's key, for the message
   * @throws GitException AUTHENTICATION_FAILED: these are no PEM certificates
   */
  static List<X509Certificate> certificates(String name, String pem) throws GitException {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      throw Credentials.unusable("has a " + name + " that is not a PEM certificate");
    }
  }

  /** Asked before each connection, since a certificate that is in use expires too. */
  void requireValid(Instant now) throws Refusal {
    List<X509Certificate> all;
    try {
      all = certificates("tls.crt", chain);
    } catch (GitException e) {
      throw new Refusal(e.reason(), e.getMessage(), e);
    }
    Expiry end = Validity.ofChain(all);
    Instant start = all.getFirst().getNotBefore().toInstant();
    if (end.isOver(now)) {
      throw new Refusal(
          Reason.AUTHENTICATION_FAILED,
          end.what()
              + " in tls.crt of the Secret of spec.secretRef expired on "
              + Expiry.minute(end.at())
              + ": renew it",
          null);
    }
    if (now.isBefore(start)) {
      throw new Refusal(
          Reason.AUTHENTICATION_FAILED,
          "the client certificate in tls.crt of the Secret of spec.secretRef is not valid before "
              + Expiry.minute(start)
              + ": wait, or check the clocks of this cluster's nodes and of its authority",
          null);
    }
  }

  Expiry expiry() throws GitException {
    return Validity.ofChain(certificates("tls.crt", chain));
  }

  @Override
  public String toString() {
    return "ClientCertificate";
  }
}
