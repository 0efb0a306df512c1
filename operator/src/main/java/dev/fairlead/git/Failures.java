package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.errors.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Turns what went wrong between us and one remote into a {@link GitException}: by HTTP status (in
 * {@link Refusals}) and by the kinds of the exceptions, and only where there is neither by a cut of
 * their text.
 */
record Failures(
    RemoteUrl url,
    Credentials credentials,
    Optional<GitProxy> proxy,
    InstantSource clock,
    Path cacheDir) {
  private static final int REMOTE_TEXT = 200;

  GitException translate(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      GitException known = byKind(t);
      if (known != null) {
        return known;
      }
    }
    return failed("cannot read from " + url + ": " + remoteText(failure), failure);
  }

  private @Nullable GitException byKind(Throwable t) {
    return switch (t) {
      case GitException e -> e;
      case HttpRefusal e -> new Refusals(url, credentials, proxy, clock).translate(e);
      case InstallationTokens.ApiUnreachable e -> ofApi(e);
      case Refusal e when e.getCause() instanceof SSLException && proxy.isPresent() ->
          e.told(Validity.expired(proxy.get().authority(), clock.instant()));
      case Refusal e -> e.told();
      case ObjectFormat.Unsupported e ->
          failed(
              url
                  + " has the object format sha256, and only repositories with sha1 can be read:"
                  + " 'git init --object-format=sha1' makes one",
              e);
      case OverBound e -> overBound(e);
      case RefList.TooLong e -> refs(e);
      case PackTooLarge e -> failed("what " + url + " sends is too much: " + e.getMessage(), e);
      case TooLargeObjectInPackException e ->
          failed(
              url
                  + " holds a file that is larger than the allowed size of one object; move it out"
                  + " of the repository or raise the operator's limit",
              e);
      case CancellationException e ->
          failed("what " + url + " sends takes longer to unpack than spec.fetchTimeout allows", e);
      case OutOfMemoryError e ->
          failed("fetching from " + url + " takes more memory than the operator has", e);
      case UnknownHostException e ->
          ofHost(
              "the host of " + url + " is not known to DNS: check spec.url",
              e,
              "is not known to DNS");
      case ConnectException e ->
          ofHost(
              "cannot connect to "
                  + url
                  + " ("
                  + remoteText(e)
                  + "): is the server up and open to"
                  + " this pod?",
              e,
              "cannot be connected to");
      case NoRouteToHostException e ->
          ofHost("there is no route to " + url, e, "cannot be reached: there is no route");
      case SSLException e when aboutOurCertificate(e) ->
          denied(
              url.host()
                  + " does not take the client certificate, or wants one ("
                  + remoteText(e)
                  + "): tls.crt and tls.key of the Secret of spec.secretRef must be of an authority"
                  + " that it trusts",
              e);
      case SSLException e ->
          failed(
              "no trusted connection to "
                  + url
                  + through()
                  + ": "
                  + remoteText(e)
                  + "; a private authority's certificate belongs into ca.crt of the Secret"
                  + Validity.expired(credentials.tls().authority(), clock.instant()),
              e);
      case InterruptedIOException e ->
          // The sentence of Looks, whose clock runs out at about the same time.
          ofHost(
              "the repository did not answer" + through() + " within spec.fetchTimeout",
              e,
              "does not answer" + through());
      case NoRemoteRepositoryException e when url.isSsh() -> absent(e);
      case NoRemoteRepositoryException e -> failed("there is no repository at " + url, e);
      case SocketException e -> broken(e);
      case FileSystemException e -> local(e);
      case IOException e when diskFull(e) || readOnly(e) -> local(e);
      case IOException e when "Error writing to server".equals(e.getMessage()) -> broken(e);
      default -> null;
    };
  }

  /**
   * A server that wants a certificate may have closed before we had read its alert, which is lost
   * then.
   */
  private GitException broken(IOException e) {
    boolean unshown =
        url.uri().getScheme().equals("https") && credentials.tls().certificate().isEmpty();
    return failed(
        "the connection to "
            + url
            + through()
            + " broke: "
            + remoteText(e)
            + (unshown
                ? "; so it may if the server wants a client certificate (tls.crt and tls.key of the"
                    + " Secret of spec.secretRef)"
                : ""),
        e);
  }

  /** By the alerts of TLS; what the server's own certificate lacks is found by us, without one. */
  private static boolean aboutOurCertificate(SSLException e) {
    String text = String.valueOf(e.getMessage());
    return text.contains("fatal alert")
        && Stream.of("certificate", "unknown_ca", "access_denied").anyMatch(text::contains);
  }

  /** Over ssh there is no status: the server says in words why it ends without a repository. */
  private GitException absent(NoRemoteRepositoryException e) {
    String said = Text.cut(saidBy(unprefixed(String.valueOf(e.getMessage()))), REMOTE_TEXT);
    String lower = said.toLowerCase(Locale.ROOT);
    if (Stream.of("not found", "not be found", "not exist", "cannot find", "not appear to be")
        .anyMatch(lower::contains)) {
      return failed(
          "there is no repository at "
              + url
              + ", or the key may not read it ("
              + said
              + "): check spec.url, and that the key is a deploy key of that repository",
          e);
    }
    if (Stream.of(
            "permission",
            "denied",
            "not allowed",
            "access",
            "unauthorized",
            "not authorized",
            "forbidden")
        .anyMatch(lower::contains)) {
      return denied(
          url.host() + " does not let the key of the Secret read " + url + " (" + said + ")", e);
    }
    return failed(
        "there is no repository at " + url + (said.isEmpty() ? "" : " (" + said + ")"), e);
  }

  /** The first line with anything in it, without what hosts frame their messages with. */
  private static String saidBy(String text) {
    return text.lines()
        .map(
            line -> line.replaceFirst("^(remote: ?|(?i:error): ?|fatal: |[=*# -]+$)++", "").strip())
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("");
  }

  private GitException local(IOException e) {
    if (diskFull(e)) {
      return failed(
          "the disk of the cache directory "
              + cacheDir
              + " is full: make room there, or let --cache-dir name a larger one",
          e);
    }
    String why = readOnly(e) ? "its file system is read-only" : remoteText(e);
    return failed(
        "the cache directory "
            + cacheDir
            + " cannot be used: "
            + why
            + "; --cache-dir may name another",
        e);
  }

  private GitException refs(RefList.TooLong e) {
    String most = Text.size(RefList.MOST);
    return failed(
        e.isTogether()
            ? "the repositories that are being looked at list more than "
                + most
                + " of refs together, "
                + url
                + " among them: it is looked at again; delete branches and tags that nobody needs"
            : url
                + " lists more than "
                + most
                + " of refs: delete branches and tags that nobody needs, or follow a branch or tag"
                + " by its name on a server that speaks Git's protocol v2, which lists no others",
        e);
  }

  private GitException overBound(OverBound e) {
    String bound = Text.size(e.bound());
    String taken = Text.size(e.taken());
    return failed(
        switch (e.kind()) {
          case FREE ->
              "the disk of the cache directory "
                  + cacheDir
                  + " is full: "
                  + taken
                  + " are free and --min-free-bytes wants "
                  + bound
                  + " to stay so; make room there, or let --cache-dir name a larger one";
          case MIRROR ->
              "what is new in "
                  + url
                  + " does not fit into the "
                  + bound
                  + " that --max-mirror-bytes allows one repository on the disk: the commits in use"
                  + " take "
                  + taken
                  + "; raise it, or keep large files out of the repository";
          case OBJECTS ->
              "what is new in "
                  + url
                  + " does not fit into the "
                  + e.bound()
                  + " objects that --max-fetch-objects allows one repository: the commits in use"
                  + " have "
                  + e.taken()
                  + "; raise it, with the operator's memory, or keep fewer files in the repository";
          case CACHE ->
              "what is new in "
                  + url
                  + " does not fit into the "
                  + bound
                  + " that --max-cache-bytes allows all repositories on the disk of the cache"
                  + " directory "
                  + cacheDir
                  + ": those in use take "
                  + taken
                  + "; raise it, where the disk is large enough";
        },
        e);
  }

  static boolean diskFull(Throwable failure) {
    return said(failure, "No space left on device");
  }

  static boolean readOnly(Throwable failure) {
    return said(failure, "Read-only file system");
  }

  /** By this machine: a TransportException may quote the remote, whose disk is not ours. */
  private static boolean said(Throwable failure, String text) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (!(t instanceof TransportException)
          && t.getMessage() != null
          && t.getMessage().contains(text)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a time-out or an interrupt of ours ended it. */
  static boolean givenUp(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof InterruptedIOException
          || t instanceof ClosedByInterruptException
          || (t instanceof SocketException && "Closed by interrupt".equals(t.getMessage()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether it looks as if the mirror itself is damaged, and not the remote. */
  static boolean damage(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof MissingObjectException
          || t instanceof CorruptObjectException
          || t instanceof Store.Damaged) {
        return !diskFull(failure);
      }
    }
    return false;
  }

  /** Whether the server says that it does not have, or does not give, that commit. */
  static boolean notOurRef(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String text = t.getMessage();
      if (text != null
          && (text.contains("not our ref")
              || text.contains("not valid")
              || text.contains("unadvertised object")
              || text.contains("no such commit"))) {
        return true;
      }
    }
    return false;
  }

  /** The way to the remote in words, {@code ""} for the straight one. */
  String through() {
    return proxy.map(p -> " through the proxy " + p.display()).orElse("");
  }

  private GitException ofApi(InstallationTokens.ApiUnreachable e) {
    if (e.getCause() instanceof HttpRefusal refusal) {
      if (refusal.status() == 407 && proxy.isPresent()) {
        return ProxyHandshake.unauthorized(proxy.get(), refusal.ways()).told();
      }
      Duration wait = refusal.retryAfter(clock.instant());
      String when = wait == null ? "" : ", and wants " + wait.toSeconds() + " s of peace";
      return new GitException(
          Reason.FETCH_FAILED,
          "GitHub's API at "
              + e.host()
              + " gives no token for the GitHub App: it answers with the HTTP status "
              + refusal.status()
              + when,
          e,
          wait);
    }
    return failed(
        "GitHub's API at "
            + e.host()
            + ", which gives the tokens of the GitHub App, cannot be used: "
            + remoteText(e)
            + "; githubAppBaseURL of the Secret says where it is",
        e);
  }

  private static GitException ofHost(String message, Throwable cause, String trouble) {
    return new GitException(Reason.FETCH_FAILED, message, cause, null, trouble);
  }

  private static GitException failed(String message, Throwable cause) {
    return new GitException(Reason.FETCH_FAILED, message, cause);
  }

  private static GitException denied(String message, Throwable cause) {
    return new GitException(Reason.AUTHENTICATION_FAILED, message, cause);
  }

  /**
   * The deepest text, which is the closest to the cause, without the url that JGit puts first. That
   * JGit stumbled over what it was sent, at which index of which array, is nothing for people.
   */
  private String remoteText(Throwable failure) {
    Throwable deepest = failure;
    boolean stumbled = failure instanceof RuntimeException;
    for (Throwable t = failure.getCause(); t != null; t = t.getCause()) {
      String text = t.getMessage();
      if (t instanceof RuntimeException) {
        // Also where what JGit made of it quotes it.
        stumbled = text == null || String.valueOf(deepest.getMessage()).contains(text);
      } else if (text != null) {
        deepest = t;
        stumbled = false;
      }
    }
    if (stumbled) {
      return "what it sends is not what a Git server sends; is there a proxy between?";
    }
    String text = deepest.getMessage();
    if (text == null) {
      return deepest.getClass().getSimpleName();
    }
    return Text.cut(unprefixed(text), REMOTE_TEXT);
  }

  private String unprefixed(String text) {
    String prefix = (url.isSsh() ? url : url.uri()) + ": ";
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }
}
