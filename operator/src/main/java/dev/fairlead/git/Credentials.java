package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Expiry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who we are for a Git server, and whom we trust to be that server. Two equal ones may share a
 * mirror. {@code toString} shows the kind and nothing of the content.
 */
public sealed interface Credentials {
  /** The field of the spec that names the Secret. */
  String FIELD = "spec.secretRef";

  /** Nobody, trusting whom the JVM trusts. */
  Credentials NONE = new None(Tls.NONE);

  /** Whom https trusts, and what it shows of us. */
  Tls tls();

  /** The value of the Authorization header, if there is to be one. */
  Optional<String> authorization();

  record None(Tls tls) implements Credentials {
    @Override
    public Optional<String> authorization() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return "None";
    }
  }

  record Basic(String username, String password, Tls tls) implements Credentials {
    public Basic {
      requireNonNull(username);
      requireNonNull(password);
    }

    @Override
    public Optional<String> authorization() {
      byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
      return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
    }

    @Override
    public String toString() {
      return "Basic";
    }
  }

  record Bearer(String token, Tls tls) implements Credentials {
    public Bearer {
      requireNonNull(token);
    }

    @Override
    public Optional<String> authorization() {
      return Optional.of("Bearer " + token);
    }

    @Override
    public String toString() {
      return "Bearer";
    }
  }

  /**
   * @param authority PEM certificates to trust instead of the JVM's own
   * @param certificate what we show to a server that asks for one
   */
  record Tls(Optional<String> authority, Optional<ClientCertificate> certificate) {
    public static final Tls NONE = new Tls(Optional.empty(), Optional.empty());

    public Tls {
      requireNonNull(authority);
      requireNonNull(certificate);
    }

    /** Until when it is good. */
    public List<Expiry> expiries() throws GitException {
      List<Expiry> all = new ArrayList<>();
      if (certificate.isPresent()) {
        all.add(certificate.get().expiry());
      }
      if (authority.isPresent()) {
        all.addAll(
            Validity.ofAuthorities(ClientCertificate.certificates("ca.crt", authority.get())));
      }
      return List.copyOf(all);
    }

    @Override
    public String toString() {
      return "Tls";
    }
  }

  /**
   * A GitHub App, whose key is exchanged for tokens that last an hour.
   *
   * @param privateKey PEM
   * @param api the url of GitHub's API, which ends with a slash
   */
  record GitHubApp(String appId, Installation installation, String privateKey, URI api, Tls tls)
      implements Credentials {
    public GitHubApp {
      requireNonNull(appId);
      requireNonNull(installation);
      requireNonNull(privateKey);
      requireNonNull(api);
    }

    /** None of its own: that of the token of the hour. */
    @Override
    public Optional<String> authorization() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return "GitHubApp[" + appId + "]";
    }
  }

  /** Where an App is installed. */
  sealed interface Installation {
    /** The key of the Secret that says so. */
    String key();

    /** For people, after the word "installation". */
    String display();

    record Id(String number) implements Installation {
      public static final String KEY = "githubAppInstallationID";

      @Override
      public String key() {
        return KEY;
      }

      @Override
      public String display() {
        return number;
      }
    }

    /**
     * @param login the name of an organisation or of a user
     */
    record Owner(String login) implements Installation {
      public static final String KEY = "githubAppInstallationOwner";

      @Override
      public String key() {
        return KEY;
      }

      @Override
      public String display() {
        return "for " + login;
      }
    }
  }

  /**
   * For ssh, which always wants to know whom it talks to.
   *
   * @param knownHosts the host's keys, in the form of OpenSSH's file of that name
   */
  record Ssh(Login login, String knownHosts) implements Credentials {
    public Ssh {
      requireNonNull(login);
      requireNonNull(knownHosts);
    }

    @Override
    public Tls tls() {
      return Tls.NONE;
    }

    @Override
    public Optional<String> authorization() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return "Ssh[" + login + "]";
    }
  }

  /** How one gets into an ssh server. */
  sealed interface Login {}

  /**
   * A private key, in any of the forms that ssh-keygen writes.
   *
   * @param password opens it, if it is encrypted
   */
  record Identity(String key, Optional<String> password) implements Login {
    public Identity {
      requireNonNull(key);
      requireNonNull(password);
    }

    @Override
    public String toString() {
      return "Identity";
    }
  }

  /** As the user that the url must name too. */
  record Password(String username, String password) implements Login {
    public Password {
      requireNonNull(username);
      requireNonNull(password);
    }

    @Override
    public String toString() {
      return "Password";
    }
  }

  /**
   * Reads the keys {@code username} and {@code password}, or {@code bearerToken}, {@code ca.crt},
   * and {@code tls.crt} with {@code tls.key}; {@code githubAppID} and its like; for ssh {@code
   * identity}, perhaps with {@code password}, or {@code username} and {@code password}, and in any
   * case {@code known_hosts}. A line end after a value, as editors leave it, is not part of it.
   *
   * @throws GitException AUTHENTICATION_FAILED: which key is missing, contradictory or unusable
   */
  static Credentials fromSecret(Map<String, byte[]> secret) throws GitException {
    Optional<String> username = value(secret, "username");
    Optional<String> password = value(secret, "password");
    Optional<String> token = value(secret, "bearerToken");
    if (secret.containsKey("identity") || secret.containsKey("known_hosts")) {
      return ssh(secret, username, password);
    }
    Tls tls = new Tls(caCertificate(secret.get("ca.crt")), clientCertificate(secret));
    if (secret.keySet().stream().anyMatch(key -> key.startsWith("githubApp"))) {
      if (token.isPresent() || username.isPresent() || password.isPresent()) {
        throw unusable(
            "has keys of a GitHub App and bearerToken, username or password: keep only one of them");
      }
      return gitHubApp(secret, tls);
    }
    if (token.isPresent()) {
      if (username.isPresent() || password.isPresent()) {
        throw unusable("has bearerToken and username or password: keep only one of them");
      }
      return new Bearer(token.get(), tls);
    }
    if (username.isPresent() && password.isPresent()) {
      if (username.get().contains(":")) {
        throw unusable("has a colon in username, which HTTP does not allow");
      }
      return new Basic(username.get(), password.get(), tls);
    }
    if (username.isPresent() || password.isPresent()) {
      throw unusable(
          "has "
              + (username.isPresent() ? "username but no password" : "password but no username"));
    }
    if (!tls.equals(Tls.NONE)) {
      return new None(tls);
    }
    throw unusable(
        "has none of the keys username and password, bearerToken, githubAppID, identity and"
            + " known_hosts, tls.crt and tls.key, ca.crt; it has "
            + new SecretText(secret, FIELD).keys());
  }

  private static GitHubApp gitHubApp(Map<String, byte[]> secret, Tls tls) throws GitException {
    String app = number(secret, "githubAppID", "the id of the App, from its settings");
    Installation installation = installation(secret);
    Optional<String> key = file(secret, "githubAppPrivateKey");
    if (key.isEmpty()) {
      throw unusable(
          "has no githubAppPrivateKey: add the .pem file that GitHub gives in the App's settings");
    }
    PemKey.readRsa("githubAppPrivateKey", key.get());
    String base = value(secret, "githubAppBaseURL").orElse("https://api.github.com");
    if (!base.matches("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~/-]*)?")) {
      throw unusable(
          "has a githubAppBaseURL that is not the url of an API, such as"
              + " https://github.example.com/api/v3");
    }
    URI api;
    try {
      api = URI.create(base.endsWith("/") ? base : base + "/");
    } catch (IllegalArgumentException e) {
      throw unusable("has a githubAppBaseURL that is not a valid url");
    }
    return new GitHubApp(app, installation, key.get(), api, tls);
  }

  private static Installation installation(Map<String, byte[]> secret) throws GitException {
    Optional<String> owner = value(secret, Installation.Owner.KEY);
    boolean numbered = value(secret, Installation.Id.KEY).isPresent();
    if (owner.isEmpty()) {
      return new Installation.Id(
          number(
              secret,
              Installation.Id.KEY,
              "the number at the end of the address of the App's installation, and"
                  + " githubAppInstallationOwner, the organisation or user, may stand in its"
                  + " place"));
    }
    if (numbered) {
      throw unusable(
          "has githubAppInstallationID and githubAppInstallationOwner: keep only one of them");
    }
    if (!owner.get().matches("[A-Za-z0-9][A-Za-z0-9_-]{0,99}")) {
      throw unusable(
          "has a githubAppInstallationOwner that is no name of an organisation or user at GitHub");
    }
    return new Installation.Owner(owner.get());
  }

  private static String number(Map<String, byte[]> secret, String key, String what)
      throws GitException {
    String text = value(secret, key).orElse("");
    if (!text.matches("[0-9]{1,19}")) {
      throw unusable(
          (text.isEmpty() ? "has no " + key : "has a " + key + " that is no number")
              + ": it is "
              + what);
    }
    return text;
  }

  private static boolean isForHttps(String key) {
    return key.startsWith("githubApp")
        || Set.of("bearerToken", "ca.crt", "tls.crt", "tls.key").contains(key);
  }

  private static Ssh ssh(
      Map<String, byte[]> secret, Optional<String> username, Optional<String> password)
      throws GitException {
    Optional<String> other =
        secret.keySet().stream().filter(Credentials::isForHttps).sorted().findFirst();
    if (other.isPresent()) {
      throw unusable(
          "has "
              + other.get()
              + ", which is for https, and keys for ssh: keep only those of one of them");
    }
    Optional<String> hosts = file(secret, "known_hosts");
    if (hosts.isEmpty()) {
      throw unusable(
          "has identity but no known_hosts: add what 'ssh-keyscan HOST' prints, once you have"
              + " compared its fingerprints with those that the host publishes");
    }
    Optional<String> identity = file(secret, "identity");
    if (identity.isPresent()) {
      if (username.isPresent()) {
        throw unusable(
            "has identity and username: keep only one of them; the user that goes with a key is in"
                + " spec.url");
      }
      return new Ssh(new Identity(identity.get(), password), hosts.get());
    }
    if (username.isPresent() && password.isPresent()) {
      return new Ssh(new Password(username.get(), password.get()), hosts.get());
    }
    throw unusable("has known_hosts but neither identity nor both of username and password");
  }

  private static Optional<String> file(Map<String, byte[]> secret, String key) throws GitException {
    return new SecretText(secret, FIELD).file(key);
  }

  private static Optional<String> value(Map<String, byte[]> secret, String key)
      throws GitException {
    return new SecretText(secret, FIELD).value(key);
  }

  private static Optional<ClientCertificate> clientCertificate(Map<String, byte[]> secret)
      throws GitException {
    Optional<String> chain = file(secret, "tls.crt");
    Optional<String> key = file(secret, "tls.key");
    if (chain.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (chain.isEmpty() || key.isEmpty()) {
      throw unusable(
          chain.isPresent()
              ? "has tls.crt but no tls.key: add the private key of that certificate"
              : "has tls.key but no tls.crt: add the certificate of that key");
    }
    return Optional.of(ClientCertificate.read(chain.get(), key.get()));
  }

  private static Optional<String> caCertificate(byte @Nullable [] pem) throws GitException {
    if (pem == null) {
      return Optional.empty();
    }
    String text = new String(pem, StandardCharsets.UTF_8);
    if (ClientCertificate.certificates("ca.crt", text).isEmpty()) {
      throw unusable("has no certificate in ca.crt");
    }
    return Optional.of(text);
  }

  static GitException unusable(String what) {
    return new SecretText(Map.of(), FIELD).unusable(what);
  }
}
