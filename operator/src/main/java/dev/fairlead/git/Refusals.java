package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says what a Git host's answer means and what to do: by its status, and by what GitHub, GitLab,
 * Gitea, Bitbucket and common servers before them are known to say with it.
 */
record Refusals(
    RemoteUrl url, Credentials credentials, Optional<GitProxy> proxy, InstantSource clock) {
  private static final int PLACE = 200;

  /** A page to log in at, or a host of nothing else. */
  private static final Pattern LOGIN =
      Pattern.compile("https?://([^/]*/(.*/)?(sign_?in|log-?in)(/.*)?|(login|sso)\\..*)");

  /** From here on people want to know until when. */
  private static final Duration LONG = Duration.ofMinutes(1);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  GitException translate(HttpRefusal e) {
    String host = url.host();
    Duration wait = e.retryAfter(clock.instant());
    return switch (e.status()) {
      case 200 ->
          failed(
              url
                  + " answers with "
                  + (e.contentType() == null
                      ? "something"
                      : Text.cut(e.contentType().replaceFirst(";.*", ""), 60))
                  + " that is not Git: spec.url must be what 'git clone' takes",
              e);
      case 400, 495, 496 ->
          e.status() != 400 || e.says("ssl certificate")
              ? denied(
                  host
                      + " does not take the client certificate, or wants one ("
                      + e.status()
                      + "): tls.crt and tls.key of the Secret of spec.secretRef must be of an"
                      + " authority that it trusts",
                  e)
              : failed(host + " answers with the HTTP status 400", e);
      case 401 -> unauthorized(host, e);
      case 403 -> e.isLimit() ? limited(host, e, wait) : forbidden(host, e);
      case 404 -> absent(e);
      case 410 -> failed("the repository at " + url + " is gone (410): it was deleted or moved", e);
      case 451 -> failed(host + " does not give out " + url + " for legal reasons (451)", e);
      case 301, 302, 303, 307, 308 -> redirected(host, e);
      case 407 ->
          proxy
              .map(p -> ProxyHandshake.unauthorized(p, e.ways()).told())
              .orElseGet(() ->
                  denied(
                      "a proxy on the way to "
                          + host
                          + " asks for credentials (407): name a Secret with its address, username"
                          + " and password in spec.proxySecretRef",
                      e));
      case 429 -> limited(host, e, wait);
      default ->
          e.status() >= 500
              ? busy(host + ill() + " (" + e.status() + ")", e, wait, false)
              : failed(host + " answers with the HTTP status " + e.status(), e);
    };
  }

  private GitException unauthorized(String host, HttpRefusal e) {
    if (forwarded()) {
      GitProxy before = proxy.orElseThrow();
      return denied(
          host
              + ", or the proxy "
              + before.display()
              + " before it, "
              + (credentials instanceof Credentials.None && before.login().isEmpty()
                  ? "asks for credentials"
                  : "does not accept the credentials")
              + " (401): check username and password in the Secrets of spec.secretRef and"
              + " spec.proxySecretRef",
          e);
    }
    if (credentials instanceof Credentials.None) {
      return denied(
          host
              + " asks for credentials (401): name a Secret with username and password,"
              + " or bearerToken, in spec.secretRef; many servers say so too where there is no such"
              + " repository, so check spec.url",
          e);
    }
    if (credentials instanceof Credentials.GitHubApp) {
      return denied(
          host
              + " does not accept the token of the GitHub App (401): spec.url must be at the GitHub"
              + " whose API githubAppBaseURL of the Secret names",
          e);
    }
    if (e.says("expired")) {
      return denied(
          "the token has expired, says "
              + host
              + " (401): make a new one there and put it into the Secret of spec.secretRef",
          e);
    }
    if (e.says("revoked")) {
      return denied(
          "the token was revoked, says "
              + host
              + " (401): make a new one there and put it into the Secret of spec.secretRef",
          e);
    }
    if (e.says(
        "password authentication", "token instead of a password", "app password", "two-factor")) {
      return denied(
          host
              + " does not accept the credentials (401), and takes no account's password for Git:"
              + " put an access token as password into the Secret of spec.secretRef",
          e);
    }
    return denied(
        host + " does not accept the credentials (401): check the Secret of spec.secretRef", e);
  }

  private GitException forbidden(String host, HttpRefusal e) {
    if (e.says("saml", "single sign-on")) {
      return denied(
          host
              + " forbids reading (403): the organisation wants single sign-on, so authorise the"
              + " token for it in the settings of the token",
          e);
    }
    if (e.says("captcha")) {
      return denied(
          host
              + " forbids reading (403): it wants a CAPTCHA after failed logins, so log in once"
              + " with a browser, and check the Secret of spec.secretRef",
          e);
    }
    if (e.says("scope")) {
      return denied(
          host
              + " forbids reading (403): the token's scopes do not let it read repositories; make"
              + " one that may",
          e);
    }
    if (credentials instanceof Credentials.GitHubApp) {
      return absent(e);
    }
    if (forwarded()) {
      return denied(
          host
              + ", or the proxy "
              + proxy.orElseThrow().display()
              + " before it, forbids reading (403): allow this host in the proxy's rules, or give"
              + " the credentials read access to the repository",
          e);
    }
    return denied(
        host
            + " forbids reading (403): "
            + (credentials instanceof Credentials.None
                ? "name a Secret that may read the repository in spec.secretRef"
                : "the credentials need read access to the repository, and an access token the"
                    + " scope for it"),
        e);
  }

  private GitException absent(HttpRefusal e) {
    if (credentials instanceof Credentials.GitHubApp) {
      return denied(
          "there is no repository at "
              + url
              + ", or the installation of the GitHub App has no access to it ("
              + e.status()
              + "): check spec.url, and add the repository in the settings of the installation",
          e);
    }
    return failed(
        "there is no repository at "
            + url
            + " ("
            + e.status()
            + "): check spec.url; many servers say so too when credentials are missing or may not"
            + " read it",
        e);
  }

  private GitException redirected(String host, HttpRefusal e) {
    String to = target(e);
    if (LOGIN.matcher(to.toLowerCase(Locale.ROOT)).matches()) {
      return denied(
          host
              + " sends us to a login page ("
              + to
              + "): "
              + (credentials instanceof Credentials.None
                  ? "name a Secret that may read the repository in spec.secretRef"
                  : "it does not take the credentials of the Secret of spec.secretRef, or spec.url"
                      + " is not what 'git clone' takes"),
          e);
    }
    return failed(url + " redirects to " + to + ": use that as spec.url", e);
  }

  /** Where a redirect leads, as one would write it into spec.url. */
  private String target(HttpRefusal e) {
    if (e.location() == null) {
      return "nowhere";
    }
    try {
      URI to = URI.create(url.uri() + "/info/refs").resolve(e.location());
      if (to.getHost() == null) {
        return "an unusable place";
      }
      String port = to.getPort() == -1 ? "" : ":" + to.getPort();
      String path = to.getRawPath().replaceFirst("/(info/refs|git-upload-pack)$", "");
      return Text.cut(to.getScheme() + "://" + to.getHost() + port + path, PLACE);
    } catch (IllegalArgumentException invalid) {
      return "an unusable place";
    }
  }

  /** Whether an answer may be the proxy's own; in a tunnel it is not. */
  private boolean forwarded() {
    return proxy.filter(GitProxy::readsRequests).isPresent()
        && url.uri().getScheme().equals("http");
  }

  private String ill() {
    return forwarded()
        ? " or the proxy " + proxy.orElseThrow().display() + " before it has a problem"
        : " has a problem of its own";
  }

  private GitException limited(String host, HttpRefusal e, @Nullable Duration wait) {
    return busy(host + " has had too many requests (" + e.status() + ")", e, wait, true);
  }

  private GitException busy(String what, HttpRefusal e, @Nullable Duration wait, boolean limit) {
    String when =
        wait == null
            ? ""
            : ", and wants "
                + wait.toSeconds()
                + " s of peace"
                + (wait.compareTo(LONG) > 0 ? ", until " + until(wait) : "");
    String trouble = what.substring(url.host().length()).strip();
    return new GitException(Reason.FETCH_FAILED, what + when, e, wait, trouble, limit);
  }

  private String until(Duration wait) {
    Instant end = clock.instant().plus(wait);
    return TIME.format(end);
  }

  private static GitException failed(String message, Throwable cause) {
    return new GitException(Reason.FETCH_FAILED, message, cause);
  }

  private static GitException denied(String message, Throwable cause) {
    return new GitException(Reason.AUTHENTICATION_FAILED, message, cause);
  }
}
